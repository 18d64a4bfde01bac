"""Peaks of a recording in as many points as a screen can show."""

from __future__ import annotations

from typing import Any

import numpy as np

from dayline.audio.waveform import Peaks

_FULL_SCALE = 32768


def waveform_json(peaks: Peaks, points: int) -> dict[str, Any]:
    """Return at most `points` peaks (0..1): neighbours are merged by their maximum, so that no burst is lost."""
    values = peaks.values
    per_point = max(1, -(-len(values) // points))
    padded = np.concatenate((values, np.zeros(-len(values) % per_point, values.dtype)))
    merged = padded.reshape(-1, per_point).max(axis=1) if len(values) else padded
    shown = np.minimum(merged.astype(np.float64) / _FULL_SCALE, 1.0)
    return {
        "point_seconds": round(peaks.point_seconds * per_point, 6),
        "peaks": [round(float(v), 4) for v in shown],
    }
