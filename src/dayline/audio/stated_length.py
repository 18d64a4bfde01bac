"""The length that a file states for itself, to notice that its end is missing.

A transfer that was cut short leaves a file that decodes without an error up to the cut. Only lengths that the file's
writer put there count: of an mp3 without a table, or of joined ones, FFmpeg guesses the length, and recorders that
cannot go back to their header leave it empty.
"""

from __future__ import annotations

from typing import Any

from dayline.audio.ipc import RemoteFile
from dayline.audio.mp4.atoms import read

_MICROSECONDS = 1_000_000
_STATING = frozenset(("matroska", "flac"))
_XING = (b"Xing", b"Info")
_XING_WITHIN_BYTES = 4096
_LEAST_RATE_OF_MPEG_1_HZ = 32_000
_SPARE_SECONDS, _SPARE_SHARE = 2.0, 0.02


def stated_seconds(file: RemoteFile, container: Any, kind: str, *, origin_seconds: float) -> float | None:
    """Return the length that an open container of a kind states, or None where it states none.

    origin_seconds: where the recording begins on the container's clock, on which Matroska states where it ends.
    """
    if kind == "mp3":
        return _xing_seconds(file, int(container.streams.audio[0].codec_context.sample_rate or 0))
    if kind not in _STATING or not container.duration or container.duration < 0:
        return None
    return container.duration / _MICROSECONDS - origin_seconds


def missing_end(stated: float | None, decoded_seconds: float) -> str | None:
    """Return a sentence when the sound ends well before the stated length."""
    if stated is None or stated - decoded_seconds <= max(_SPARE_SECONDS, _SPARE_SHARE * stated):
        return None
    return (
        f"The file states a length of {stated:.0f} s, and its sound ends after {decoded_seconds:.0f} s. "
        "If the recording is longer, its transfer was cut short: send it again."
    )


def _xing_seconds(file: RemoteFile, rate_hz: int) -> float | None:
    """Return the length by the frames that the table in the first frame of an mp3 counts."""
    start = 0
    head = read(file, 0, 10)
    if head[:3] == b"ID3" and len(head) == 10:
        start = 10 + (head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9])
    first = read(file, start, _XING_WITHIN_BYTES)
    at = max(first.find(name) for name in _XING)
    flags = int.from_bytes(first[at + 4 : at + 8], "big")
    if at < 0 or not flags & 1 or rate_hz <= 0:
        return None
    frames = int.from_bytes(first[at + 8 : at + 12], "big")
    return frames * (1152 if rate_hz >= _LEAST_RATE_OF_MPEG_1_HZ else 576) / rate_hz
