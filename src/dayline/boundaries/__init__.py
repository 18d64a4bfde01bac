"""The detector: finds the conversations of a day and says why. Pure, usable as a library."""

from __future__ import annotations

from dayline.boundaries.detector import detect
from dayline.boundaries.second_opinion import Doubt, Opinion, SecondOpinion

__all__ = ["Doubt", "Opinion", "SecondOpinion", "detect"]
