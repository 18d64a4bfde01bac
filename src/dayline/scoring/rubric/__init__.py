"""Offline analyst: facts by rules, scores from facts, every statement with its place in the recording."""

from dayline.scoring.rubric.analyst import RUBRIC_VERSION, RubricAnalyst

__all__ = ["RUBRIC_VERSION", "RubricAnalyst"]
