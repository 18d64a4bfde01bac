"""The recording that campaigns submit: one visit of the sample day."""

from __future__ import annotations

from pathlib import Path

from bench.wav import excerpt

ROOT = Path(__file__).parents[2]
_VISIT_SECONDS = (92.0, 140.0)


def visit(*, most_seconds: float | None = None) -> bytes:
    """Return a visit of the sample day as WAV, mono 16 kHz, or its first seconds."""
    start, end = _VISIT_SECONDS
    return excerpt(ROOT / "examples/sample-day/day.opus", start, min(end, start + (most_seconds or end)))
