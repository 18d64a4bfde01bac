"""Peaks of a recording in as many points as a screen can show."""

from __future__ import annotations

import math

import numpy as np

from dayline.audio.waveform import Peaks
from dayline.sessions.document_schemas import WaveformPart

_FULL_SCALE = 32768
_EPSILON = 1e-6


def waveform_json(
    peaks: Peaks, points: int, start_seconds: float = 0.0, end_seconds: float | None = None
) -> WaveformPart:
    """Return at most `points` peaks (0..1) of a part of the day, the whole by default.

    Neighbours are merged by their maximum, so that no burst is lost. The part begins and ends on whole stored peaks,
    so `start_seconds` of the answer may lie a little before the one asked for.
    """
    first = min(len(peaks.values), int(start_seconds / peaks.point_seconds + _EPSILON))
    last = len(peaks.values)
    if end_seconds is not None:
        last = min(last, math.ceil(end_seconds / peaks.point_seconds - _EPSILON))
    values = peaks.values[first : max(first, last)]
    per_point = max(1, -(-len(values) // points))
    padded = np.concatenate((values, np.zeros(-len(values) % per_point, values.dtype)))
    merged = padded.reshape(-1, per_point).max(axis=1) if len(values) else padded
    shown = np.minimum(merged.astype(np.float64) / _FULL_SCALE, 1.0)
    return {
        "start_seconds": round(first * peaks.point_seconds, 6),
        "end_seconds": round((first + len(values)) * peaks.point_seconds, 6),
        "point_seconds": round(peaks.point_seconds * per_point, 6),
        "peaks": [round(float(v), 4) for v in shown],
    }
