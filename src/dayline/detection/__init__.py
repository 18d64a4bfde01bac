"""Detector: find the conversations of a day, with reasons. Pure functions, usable as a library."""

from __future__ import annotations

from dayline.detection.detector import Detection, detect, detect_and_learn
from dayline.detection.memory import Contribution, OrgMemory
from dayline.domain.reading import Page, PageAnswer, Piece, Reader

__all__ = [
    "Contribution",
    "Detection",
    "OrgMemory",
    "Page",
    "PageAnswer",
    "Piece",
    "Reader",
    "detect",
    "detect_and_learn",
]
