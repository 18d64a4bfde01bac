"""What training needs of a day file beyond what the detector may see."""

from __future__ import annotations

from dayline.detection.benchmark.runner import context_of as context
from dayline.detection.benchmark.runner import read_days as read
from dayline.detection.benchmark.runner import transcript_of as transcript


def customers(day: dict) -> list[tuple[float, float]]:
    """The true customer conversations."""
    return [(t["start_seconds"], t["end_seconds"]) for t in day["truth"] if t["kind"] == "customer"]


__all__ = ["context", "customers", "read", "transcript"]
