"""Seek tables for files without one: mp3 and bare AAC.

Players guess in such files, and are seconds off in files of varying bit rate. Ingest reads every frame anyway and keeps
one place every ten seconds: 4,320 for twelve hours. A decoder that begins in the middle of an mp3 needs some frames
(about 0.1 s) before its output is correct, so a player begins at the place before the second that it wants.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

EVERY_SECONDS = 10.0
CONTAINERS = ("mp3", "aac")

Point = tuple[float, int]
"""(seconds of the recording, byte of the frame that begins then)."""


class SeekPoints:
    """Collects places while packets pass, in their order."""

    def __init__(self) -> None:
        self.points: list[Point] = []
        self._first: float | None = None

    def push(self, at_seconds: float | None, byte: int | None) -> None:
        """Take a packet that begins at a second of the file's clock and a byte of the file."""
        if at_seconds is None or byte is None or byte < 0:
            return
        if self._first is None:
            self._first = at_seconds
        seconds = at_seconds - self._first
        if not self.points or (seconds >= self.points[-1][0] + EVERY_SECONDS and byte > self.points[-1][1]):
            self.points.append((round(seconds, 3), byte))


def pack(points: Sequence[Point]) -> bytes:
    """Return the stored form of a table."""
    return json.dumps([[seconds, byte] for seconds, byte in points], separators=(",", ":")).encode()


def unpack(body: bytes) -> list[Point]:
    """Undo `pack`."""
    return [(float(seconds), int(byte)) for seconds, byte in json.loads(body)]
