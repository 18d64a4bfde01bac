"""Encode samples as one Opus file small enough for a repository."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from .voices import SAMPLE_RATE, Samples

_BLOCK_SAMPLES = 960


def write_opus(samples: Samples, target: Path, bitrate: int) -> None:
    """Write mono Opus in Ogg at about `bitrate` bits per second; the same samples give the same bytes."""
    pcm = np.round(samples * 32767).astype(np.int16)
    # Without bitexact the Ogg stream would carry a random serial number and the encoder's version.
    with av.open(str(target), "w", format="ogg", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("libopus", rate=SAMPLE_RATE)
        context = stream.codec_context
        context.layout = "mono"
        context.bit_rate = bitrate
        context.options = {"application": "voip", "frame_duration": "60", "vbr": "on", "compression_level": "10"}
        for start in range(0, len(pcm), _BLOCK_SAMPLES):
            frame = av.AudioFrame.from_ndarray(pcm[None, start : start + _BLOCK_SAMPLES], format="s16", layout="mono")
            frame.sample_rate = SAMPLE_RATE
            frame.pts = start
            frame.time_base = Fraction(1, SAMPLE_RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
