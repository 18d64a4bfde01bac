"""Voice prints of reps who agreed to be recognised.

A print is biometric data. It is made only from speech that a rep gave for this purpose, with recorded consent, and
kept by whoever asked for it until it is deleted; nothing here stores one. Voices of customers never become prints that
outlive the processing of their recording.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dayline.diarization.clustering import Vectors, block_labels, linked_labels, unit
from dayline.diarization.ports import VoiceEmbedder
from dayline.diarization.voice_windows import VoiceWindows, embed_clips
from dayline.domain.clip import Clip
from dayline.domain.errors import InvalidRecording

LEAST_SECONDS = 6.0
# Share of the windows that one voice must have; the rest may be a door, a laugh, a word of somebody else.
ONE_VOICE_SHARE = 0.85
MOODS_LIKENESS = 0.76
# Two recordings of one person, made in different rooms, are mostly above this; of two persons mostly below.
SAME_VOICE_LIKENESS = 0.75

_HEAD = struct.Struct("<4sHH")
_MAGIC = b"DLVP"


@dataclass(frozen=True, slots=True, repr=False)
class VoicePrint:
    """A rep's voice: a unit vector, and the encoder that made it (prints of two encoders cannot be compared)."""

    embedder: str
    vector: Vectors
    speech_seconds: float

    def __repr__(self) -> str:
        """Say what it is without showing the voice: this may end up in a log."""
        return f"VoicePrint({self.embedder}, {self.speech_seconds:.0f} s of speech)"

    def to_bytes(self) -> bytes:
        """Return the print for storage: about 1 KB, float32."""
        name = self.embedder.encode()
        head = _HEAD.pack(_MAGIC, 1, len(name)) + name + struct.pack("<f", self.speech_seconds)
        return head + self.vector.astype("<f4").tobytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> VoicePrint:
        """Return what `to_bytes` wrote. Raises `ValueError` for anything else."""
        if len(data) < _HEAD.size + 4:
            raise ValueError("too short for a voice print")
        magic, version, length = _HEAD.unpack_from(data)
        at = _HEAD.size + length
        if magic != _MAGIC or version != 1 or len(data) <= at + 4 or (len(data) - at) % 4:
            raise ValueError("this is not a voice print")
        (seconds,) = struct.unpack_from("<f", data, at)
        vector = np.frombuffer(data, "<f4", offset=at + 4).astype(np.float32)
        if not np.all(np.isfinite(vector)) or not np.isfinite(seconds):
            raise ValueError("this voice print is damaged")
        return cls(data[_HEAD.size : at].decode(), vector, seconds)


def enroll(embedder: VoiceEmbedder, clips: Sequence[Clip]) -> VoicePrint:
    """Return the print of the one voice in these clips of speech.

    Raises `InvalidRecording` when there is too little speech, or when it is not clearly one voice: a print of two
    people would name the wrong one.
    """
    seconds = sum(len(c.samples) for c in clips) / 16_000
    if seconds < LEAST_SECONDS:
        raise InvalidRecording(
            f"A voice needs at least {LEAST_SECONDS:.0f} s of speech; this recording holds {seconds:.1f} s.",
            code="recording_too_short",
        )
    windows = embed_clips(embedder, clips)
    vectors = unit(windows.vectors)
    centre = unit(vectors.mean(axis=0))
    near = vectors @ centre
    if len(near) == 0 or _largest_share(vectors) < ONE_VOICE_SHARE:
        raise InvalidRecording("This recording does not hold one clear voice. Record the rep alone, in a quiet place.")
    # The least typical tenth is breath, noise and half-words.
    kept = vectors[near >= np.quantile(near, 0.1)]
    return VoicePrint(embedder.name, unit(kept.mean(axis=0)), seconds)


def _largest_share(vectors: Vectors) -> float:
    """Return the share of the windows that the main voice has. Groups that are alike are one voice in two moods."""
    labels = block_labels(vectors)
    sizes = np.bincount(labels).astype(np.float64)
    centres = unit(np.stack([vectors[labels == g].mean(axis=0) for g in range(len(sizes))]))
    return float(np.bincount(linked_labels(centres @ centres.T, sizes, MOODS_LIKENESS), sizes).max() / len(vectors))


def likeness(one: VoicePrint, other: VoicePrint) -> float:
    """Return the cosine of two prints, -1..1. Raises `ValueError` when different encoders made them."""
    if one.embedder != other.embedder:
        raise ValueError(f"prints of {one.embedder} and {other.embedder} cannot be compared")
    return float(one.vector @ other.vector)


def is_same_voice(one: VoicePrint, other: VoicePrint) -> bool:
    """Return whether two prints are probably one person."""
    return likeness(one, other) >= SAME_VOICE_LIKENESS


def vector_for(print_: VoicePrint, windows: VoiceWindows) -> NDArray[np.float32] | None:
    """Return the vector to pass to `diarize_day`, or None when the day was heard by another encoder."""
    return print_.vector if print_.embedder == windows.embedder else None
