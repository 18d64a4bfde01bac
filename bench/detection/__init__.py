"""The public benchmark for finding customer conversations in a rep's recorded workday."""

from __future__ import annotations

from dayline.detection.benchmark.runner import run

__all__ = ["run"]
