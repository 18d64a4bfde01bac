"""Creation time of a recording from its container. Uncertain: clocks are wrong, and some apps write the end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from dayline.audio.mp4.atoms import Atom, ByteReader, UnsupportedMp4, atoms, exactly

_MAC_EPOCH = datetime(1904, 1, 1, tzinfo=UTC)
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""Unset clocks write 1904 or 1970."""


def of_metadata(metadata: Mapping[str, str], *, now: datetime) -> datetime | None:
    """Return the moment that FFmpeg read from a container (`creation_time`), None when missing or implausible."""
    text = metadata.get("creation_time", "")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    # A time without its offset could be in any time zone.
    return None if moment.tzinfo is None else _believed(moment, now)


def of_mp4(file: ByteReader, *, now: datetime) -> datetime | None:
    """Return the moment that an MP4 names in its movie header (`mvhd`)."""
    try:
        movie = _first(file, Atom(b"", 0, 0), b"moov", is_top=True)
        header = _first(file, movie, b"mvhd") if movie is not None else None
        if header is None:
            return None
        version = exactly(file, header.start, 1)[0]
        size = 8 if version == 1 else 4
        seconds = int.from_bytes(exactly(file, header.start + 4, size), "big")
        return _believed(_MAC_EPOCH + timedelta(seconds=seconds), now)
    except (UnsupportedMp4, OverflowError):
        return None


def _first(file: ByteReader, inside: Atom, kind: bytes, *, is_top: bool = False) -> Atom | None:
    found = atoms(file, inside.start, None if is_top else inside.end)
    return next((atom for atom in found if atom.kind == kind), None)


def _believed(moment: datetime, now: datetime) -> datetime | None:
    moment = moment.astimezone(UTC)
    return moment if _EARLIEST <= moment <= now + timedelta(days=1) else None
