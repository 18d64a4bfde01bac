"""The detector: finds the conversations of a day and says why. Pure, usable as a library."""

from __future__ import annotations

from dayline.boundaries.detector import detect

__all__ = ["detect"]
