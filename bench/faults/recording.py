"""The recording that campaigns submit: one visit of the sample day."""

from __future__ import annotations

import io
import wave
from pathlib import Path
from typing import Any

import av
import numpy as np

ROOT = Path(__file__).parents[2]
_VISIT_SECONDS = (92.0, 140.0)
_RATE_HZ = 16_000


def visit(*, most_seconds: float | None = None) -> bytes:
    """Return a visit of the sample day as WAV, mono 16 kHz, or its first seconds."""
    pieces: list[Any] = []
    with av.open(str(ROOT / "examples/sample-day/day.opus")) as container:
        resampler = av.AudioResampler("s16", "mono", _RATE_HZ)
        for frame in container.decode(audio=0):
            pieces += [f.to_ndarray().reshape(-1) for f in resampler.resample(frame)]
    start, end = _VISIT_SECONDS
    end = min(end, start + (most_seconds or end))
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE_HZ)
        file.writeframes(np.concatenate(pieces)[int(start * _RATE_HZ) : int(end * _RATE_HZ)].astype("<i2").tobytes())
    return out.getvalue()
