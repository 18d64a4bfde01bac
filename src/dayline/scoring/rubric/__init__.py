"""The offline analyst: facts by rules, scores from facts, every statement with its place."""

from dayline.scoring.rubric.analyst import RUBRIC_VERSION, RubricAnalyst

__all__ = ["RUBRIC_VERSION", "RubricAnalyst"]
