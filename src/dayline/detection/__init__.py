"""The detector: finds the conversations of a day and says why. Pure, usable as a library."""

from __future__ import annotations

from dayline.detection.detector import detect
from dayline.detection.llm_review import Doubt, Opinion, SecondOpinion

__all__ = ["Doubt", "Opinion", "SecondOpinion", "detect"]
