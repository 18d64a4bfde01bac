"""The offline judge: six pillars scored by counting what was said, every point with its quotes."""

from dayline.scoring.rubric.analyst import RUBRIC_VERSION, RubricAnalyst

__all__ = ["RUBRIC_VERSION", "RubricAnalyst"]
