"""Long recordings for the measurements: ten minutes are encoded once, then their packets are repeated.

Repeating packets keeps twelve hours cheap to make, and the clock exactly known: every turn lasts as long as its
packets do. A marker tone stands behind the last turn.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

RATE_HZ = 16_000
EXAMPLES = [
    Path(__file__).resolve().parents[2] / "examples" / f"{name}-day" / "day.opus" for name in ("sample", "sibling")
]
BASE = EXAMPLES[0]
FORMATS = {
    "mp3": ("libmp3lame", "mp3", 44_100, 64_000, {}),
    "m4a": ("aac", "mp4", 44_100, 64_000, {}),
    "opus": ("libopus", "ogg", 48_000, 24_000, {}),
}
MARKER_HZ = 1000.0
_MARKER_AFTER_SECONDS, _MARKER_SECONDS = 2.0, 0.5


@dataclass(frozen=True)
class Long:
    """A long file and where its marker tone begins."""

    path: Path
    seconds: float
    marker_seconds: float


def decode_plain(path: Path) -> np.ndarray:
    """Return a short recording as int16 mono 16 kHz."""
    parts = []
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("s16", "mono", RATE_HZ)
        for frame in container.decode(audio=0):
            parts += [piece.to_ndarray().reshape(-1) for piece in resampler.resample(frame)]
    return np.concatenate(parts)


def marker() -> np.ndarray:
    """Return quiet, the tone, quiet."""
    quiet = np.zeros(int(_MARKER_AFTER_SECONDS * RATE_HZ), np.int16)
    time_s = np.arange(int(_MARKER_SECONDS * RATE_HZ)) / RATE_HZ
    return np.concatenate((quiet, (12_000 * np.sin(2 * np.pi * MARKER_HZ * time_s)).astype(np.int16), quiet))


def encode(samples: np.ndarray, path: Path, kind: str) -> Path:
    """Encode int16 mono 16 kHz."""
    codec, container, rate, bit_rate, options = FORMATS[kind]
    with av.open(str(path), "w", format=container, options=options) as out:
        stream = out.add_stream(codec, rate=rate, layout="mono")
        assert isinstance(stream, av.AudioStream)
        stream.bit_rate = bit_rate
        size = stream.codec_context.frame_size or 1024
        resampler = av.AudioResampler(stream.codec_context.format.name, "mono", rate, frame_size=size)
        for at in range(0, len(samples), RATE_HZ * 60):
            frame = av.AudioFrame.from_ndarray(samples[at : at + RATE_HZ * 60].reshape(1, -1), "s16", "mono")
            frame.sample_rate, frame.pts = RATE_HZ, at
            for piece in resampler.resample(frame):
                out.mux(stream.encode(piece))
        for piece in resampler.resample(None):
            if piece is not None:
                out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    return path


def make_long(directory: Path, kind: str, hours: float) -> Long:
    """Write `kind` of about `hours`, the marker tone behind it; the encoded ten minutes are kept and used again."""
    directory.mkdir(parents=True, exist_ok=True)
    base, tail = directory / f"base.{kind}", directory / f"marker.{kind}"
    if not base.exists():
        encode(decode_plain(BASE), base, kind)
        encode(marker(), tail, kind)
    with av.open(str(base)) as source:
        turns = max(1, round(hours * 3600 * av.time_base / (source.duration or 1)))
    path = directory / f"{hours:g}h.{kind}"
    begins = repeat(path, kind, [(base, turns), (tail, 1)])
    lead = tone_start(decode_plain(tail)) or 0.0
    return Long(path, begins[2], begins[1] + lead)


def repeat(path: Path, kind: str, parts: Sequence[tuple[Path, int]]) -> list[float]:
    """Write the packets of each file so often, one after the other; return where each part begins, and the end."""
    begins: list[float] = []
    with av.open(str(parts[0][0])) as first, av.open(str(path), "w", format=FORMATS[kind][1]) as out:
        stream = out.add_stream_from_template(first.streams.audio[0])
        time_base = first.streams.audio[0].time_base
        assert time_base is not None
        offset, start = 0, first.streams.audio[0].start_time or 0
        for part, turns in parts:
            begins.append(float(offset * time_base))
            with av.open(str(part)) as source:
                kept = [(bytes(p), p.duration) for p in source.demux(audio=0) if p.dts is not None]
            for data, duration in kept * turns:
                packet = av.Packet(data)
                packet.stream, packet.time_base = stream, time_base
                packet.pts = packet.dts = start + offset
                packet.duration = duration
                out.mux(packet)
                offset += duration or 0
    return [*begins, float(offset * time_base)]


def tone_start(samples: np.ndarray) -> float | None:
    """Return where the marker tone begins, in seconds, or None."""
    frames = samples[: len(samples) // 160 * 160].reshape(-1, 160).astype(np.float64)
    wave = np.exp(2j * np.pi * MARKER_HZ * np.arange(160) / RATE_HZ)
    share = np.abs(frames @ wave) ** 2 / (np.sum(frames**2, axis=1) * 80 + 1e6 * 80)
    runs = np.convolve(share > 0.8, np.ones(30), "valid") >= 28
    return float(np.argmax(runs)) / 100 if runs.any() else None


def add_directory(parser: argparse.ArgumentParser) -> None:
    """Add the option that says where long files go."""
    parser.add_argument("--directory", type=Path, default=Path("/tmp/dayline-bench-audio"), help="for the long files")
