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
# Where the windows before and after one are at least this much alike, it is not heard: it gets their mean.
SAME_VOICE_LIKENESS = 0.78

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
    """Return the windows of clips of speech. Clips under 0.4 s are too short for a voice and give none.

    Of a clip every second window is heard first. One in between, which half overlaps both of its neighbours, is heard
    only where these differ; elsewhere one voice speaks all through it and it gets their mean.
    """
    owners: list[int] = []
    edges: list[tuple[int, int]] = []
    between: list[int] = []
    for i, clip in enumerate(clips):
        cut = _cut(len(clip.samples))
        between += [len(edges) + k for k in range(1, len(cut) - 1, 2)]
        owners += [i] * len(cut)
        edges += cut
    vectors = np.zeros((len(edges), embedder.dimensions), np.float16)

    def hear(rows: NDArray[np.intp]) -> None:
        for lo in range(0, len(rows), CHUNK_WINDOWS):
            part: list[int] = rows[lo : lo + CHUNK_WINDOWS].tolist()
            vectors[part] = embedder.embed([clips[owners[i]].samples[slice(*edges[i])] for i in part])

    inner = np.array(between, np.intp)
    hear(np.setdiff1d(np.arange(len(edges)), inner))
    means, likeness = _means(vectors[inner - 1], vectors[inner + 1])
    vectors[inner] = means
    hear(inner[likeness < SAME_VOICE_LIKENESS])
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


def _means(before: NDArray[np.float16], after: NDArray[np.float16]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the mean of each pair of unit vectors, at unit length, and the cosine of the pair."""
    one, other = before.astype(np.float32), after.astype(np.float32)
    sums = one + other
    return sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9), np.einsum("ij,ij->i", one, other)


def _ordered(
    name: str, starts: NDArray[np.float64], ends: NDArray[np.float64], vectors: NDArray[np.float16]
) -> VoiceWindows:
    order = np.lexsort((ends, starts))
    return VoiceWindows(name, starts[order], ends[order], vectors[order])
