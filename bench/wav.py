"""WAV files for tests and benchmarks."""

from __future__ import annotations

import io
import wave
from pathlib import Path
from typing import Any

import av
import numpy as np

RATE_HZ = 16_000


def wav_bytes(samples: np.ndarray, rate_hz: int = RATE_HZ) -> bytes:
    """Return samples of 16 bits as a mono WAV file."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(samples.astype("<i2").tobytes())
    return out.getvalue()


def excerpt(path: Path, start_seconds: float, end_seconds: float) -> bytes:
    """Return a part of a recording as WAV, mono 16 kHz."""
    pieces: list[Any] = []
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("s16", "mono", RATE_HZ)
        for frame in container.decode(audio=0):
            pieces += [f.to_ndarray().reshape(-1) for f in resampler.resample(frame)]
    return wav_bytes(np.concatenate(pieces)[int(start_seconds * RATE_HZ) : int(end_seconds * RATE_HZ)])
