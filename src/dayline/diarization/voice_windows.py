"""Voice windows: what is left of the sound when it is time to ask who spoke.

A worker that holds a chunk of speech turns it into windows (one vector per 0.8 s), writes them as a small blob and
forgets the sound. One later step merges the blobs of the day and clusters them.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dayline.diarization.ports import VoiceEmbedder
from dayline.domain.clip import SAMPLE_RATE_HZ, Clip

WINDOW_SECONDS = 1.6
STEP_SECONDS = 0.8
SHORTEST_SECONDS = 0.4
# What remains behind the last full step is heard by one more window when it is at least this long.
TAIL_SECONDS = 0.2
CHUNK_WINDOWS = 256

_MAGIC = b"DLVW"
_HEADER = struct.Struct("<4sHHII")
_VERSION = 1


@dataclass(frozen=True, slots=True)
class VoiceWindows:
    """Windows ordered by start, on the recording's clock; windows that overlap come from one stretch of speech."""

    embedder: str
    start_seconds: NDArray[np.float64]
    end_seconds: NDArray[np.float64]
    vectors: NDArray[np.float16]
    """Unit vectors (windows, dimensions)."""

    def __len__(self) -> int:
        return len(self.start_seconds)


def embed_clips(embedder: VoiceEmbedder, clips: Sequence[Clip]) -> VoiceWindows:
    """Return the windows of clips of speech. Clips under 0.4 s are too short for a voice and give none."""
    owners: list[int] = []
    edges: list[tuple[int, int]] = []
    for i, clip in enumerate(clips):
        for edge in _cut(len(clip.samples)):
            owners.append(i)
            edges.append(edge)
    vectors = np.zeros((len(edges), embedder.dimensions), np.float16)
    for lo in range(0, len(edges), CHUNK_WINDOWS):
        part = slice(lo, lo + CHUNK_WINDOWS)
        heard = [clips[i].samples[a:b] for i, (a, b) in zip(owners[part], edges[part], strict=True)]
        vectors[part] = embedder.embed(heard)
    offsets = np.array([clips[i].start_seconds for i in owners])
    times = np.array(edges, np.float64).reshape(-1, 2) / SAMPLE_RATE_HZ
    return _ordered(embedder.name, offsets + times[:, 0], offsets + times[:, 1], vectors)


def merge(parts: Sequence[VoiceWindows]) -> VoiceWindows:
    """Return the windows of all parts, ordered by start. Raises `ValueError` when their embedders differ."""
    names = {p.embedder for p in parts}
    if len(names) > 1:
        raise ValueError(f"windows of different voice encoders cannot be compared: {', '.join(sorted(names))}")
    if not parts:
        return VoiceWindows("", np.zeros(0), np.zeros(0), np.zeros((0, 0), np.float16))
    return _ordered(
        parts[0].embedder,
        np.concatenate([p.start_seconds for p in parts]),
        np.concatenate([p.end_seconds for p in parts]),
        np.concatenate([p.vectors for p in parts]),
    )


def encode_windows(windows: VoiceWindows) -> bytes:
    """Return the windows as bytes: 524 per window of 256 numbers (2.3 MB per hour of speech)."""
    name = windows.embedder.encode()
    body = b"".join(
        (
            name,
            windows.start_seconds.astype("<f8").tobytes(),
            (windows.end_seconds - windows.start_seconds).astype("<f4").tobytes(),
            windows.vectors.astype("<f2").tobytes(),
        )
    )
    dimensions = windows.vectors.shape[1] if windows.vectors.ndim == 2 else 0
    head = _HEADER.pack(_MAGIC, _VERSION, len(name), len(windows), dimensions)
    return head + body + struct.pack("<I", zlib.crc32(head + body))


def decode_windows(data: bytes) -> VoiceWindows:
    """Return what `encode_windows` wrote. Raises `ValueError` for anything else, or for damaged bytes."""
    if len(data) < _HEADER.size + 4:
        raise ValueError("too short for voice windows")
    magic, version, name_length, count, dimensions = _HEADER.unpack_from(data)
    if magic != _MAGIC or version != _VERSION:
        raise ValueError("these are not voice windows of a version known here")
    size = _HEADER.size + name_length + count * (12 + 2 * dimensions) + 4
    if len(data) != size or zlib.crc32(data[:-4]) != struct.unpack("<I", data[-4:])[0]:
        raise ValueError("voice windows are damaged")
    at = _HEADER.size + name_length
    starts = np.frombuffer(data, "<f8", count, at).astype(np.float64)
    seconds = np.frombuffer(data, "<f4", count, at + 8 * count).astype(np.float64)
    vectors = np.frombuffer(data, "<f2", count * dimensions, at + 12 * count).astype(np.float16)
    name = data[_HEADER.size : at].decode()
    return VoiceWindows(name, starts, starts + seconds, vectors.reshape(count, dimensions))


def _cut(samples: int) -> list[tuple[int, int]]:
    size, step = int(WINDOW_SECONDS * SAMPLE_RATE_HZ), int(STEP_SECONDS * SAMPLE_RATE_HZ)
    if samples < SHORTEST_SECONDS * SAMPLE_RATE_HZ:
        return []
    if samples <= size:
        return [(0, samples)]
    edges = [(a, a + size) for a in range(0, samples - size + 1, step)]
    if samples - edges[-1][1] >= TAIL_SECONDS * SAMPLE_RATE_HZ:
        edges.append((samples - size, samples))
    return edges


def _ordered(
    name: str, starts: NDArray[np.float64], ends: NDArray[np.float64], vectors: NDArray[np.float16]
) -> VoiceWindows:
    order = np.lexsort((ends, starts))
    return VoiceWindows(name, starts[order], ends[order], vectors[order])
