"""The index of a plain m4a: offset, size and time of every packet.

FFmpeg keeps 40 bytes for every packet and, while it opens a file, twice that: memory grows with the length.
Here a packet costs two bytes and its share of a chunk's place. Only the common form is read: one
file, AAC, no fragments, at most one edit. `sound_track` returns None for anything else, and for an index that
contradicts itself; FFmpeg reads those.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dayline.audio.mp4.atoms import Atom, ByteReader, UnsupportedMp4, atoms, exactly, only

# A day of 24 hours at 96 kHz has 8.1 million packets.
_MOST_PACKETS = 10_000_000
_MOST_DELTA = 1 << 31
_READ_BYTES = 1 << 18
_ROWS_AT_ONCE = 4096
_MOST_TAG_BYTES = 8 << 20
_TAGGED_START = b"iTunSMPB"
_MP4_AUDIO, _AAC_MAIN_TO_LTP = 0x40, range(1, 5)


@dataclass(frozen=True, slots=True)
class Track:
    """The sound track's tables. `runs` are (packets, duration of each); `per_chunk` (first chunk, packets in each)."""

    codec_settings: bytes
    ticks_per_second: int
    starts_at: int
    """Ticks of the media before the recording begins: the encoder's lead-in."""
    ends_at: int | None
    """Ticks of the media at which the recording ends, where the file says so."""
    sizes: NDArray[np.uint16]
    chunk_offsets: NDArray[np.unsignedinteger[Any]]
    per_chunk: NDArray[np.uint32]
    runs: NDArray[np.uint32]

    def packets(self) -> Iterator[tuple[int, int, int]]:
        """Yield (offset in the file, bytes, ticks on the recording's clock) of each packet."""
        for (offset, size), ticks in zip(self._places(), self._ticks(), strict=False):
            if self.ends_at is not None and ticks + self.starts_at >= self.ends_at:
                return
            yield offset, size, ticks

    def _places(self) -> Iterator[tuple[int, int]]:
        index = 0
        for chunk_offset, count in zip(_slices(self.chunk_offsets), self._packets_per_chunk(), strict=False):
            offset, stop = int(chunk_offset), min(index + count, len(self.sizes))
            for low in range(index, stop, _ROWS_AT_ONCE):
                for size in self.sizes[low : min(low + _ROWS_AT_ONCE, stop)].tolist():
                    yield offset, size
                    offset += size
            index = stop

    def _packets_per_chunk(self) -> Iterator[int]:
        here, count = 1, 0
        for first, following in _slices(self.per_chunk):
            for _ in range(here, first):
                yield count
            here, count = first, following
        while True:
            yield count

    def _ticks(self) -> Iterator[int]:
        ticks = -self.starts_at
        for count, delta in _slices(self.runs):
            for _ in range(count):
                yield ticks
                ticks += delta


def sound_track(file: ByteReader) -> Track | None:
    """Return the only sound track's index, or None when the file is not a plain m4a."""
    if file.peek(4, 4) not in (b"ftyp", b"moov", b"mdat", b"free", b"wide", b"skip"):
        return None
    try:
        moov = next((atom for atom in atoms(file, 0, None) if atom.kind == b"moov"), None)
        return None if moov is None else _track(file, moov)
    except (UnsupportedMp4, KeyError, OverflowError):
        return None


def _track(file: ByteReader, moov: Atom) -> Track:
    inside = list(atoms(file, moov.start, moov.end))
    kinds = [atom.kind for atom in inside]
    if b"mvex" in kinds or kinds.count(b"mvhd") != 1:
        raise UnsupportedMp4("fragmented file")
    sounds = [a for a in inside if a.kind == b"trak" and _handler(file, a) == b"soun"]
    if len(sounds) != 1:
        raise UnsupportedMp4("expected exactly one sound track")
    (trak,) = sounds
    mdia = only(file, trak, b"mdia")
    minf = only(file, mdia, b"minf")
    stbl = only(file, minf, b"stbl")
    _check_reference(file, only(file, only(file, minf, b"dinf"), b"dref"))
    movie_scale = _scale(file, only(file, moov, b"mvhd"))
    ticks_per_second = _scale(file, only(file, mdia, b"mdhd"))
    tables = {atom.kind: atom for atom in atoms(file, stbl.start, stbl.end)}
    if b"ctts" in tables:
        raise UnsupportedMp4("samples are not in file order")
    starts_at, seconds = _edit(file, trak, movie_scale)
    if starts_at is None:
        # Some encoders say in their tags how much of the start is lead-in. FFmpeg reads those.
        if any(_TAGGED_START in _whole(file, atom) for atom in inside if atom.kind in (b"udta", b"meta")):
            raise UnsupportedMp4("encoder delay in iTunSMPB metadata")
        starts_at = 0
    track = Track(
        codec_settings=_codec_settings(file, tables[b"stsd"]),
        ticks_per_second=ticks_per_second,
        starts_at=starts_at,
        ends_at=None if seconds is None else starts_at + round(seconds * ticks_per_second),
        sizes=_sizes(file, tables[b"stsz"]),
        chunk_offsets=_chunk_offsets(file, tables),
        per_chunk=_rows(file, tables[b"stsc"], 3)[:, :2],
        runs=_rows(file, tables[b"stts"], 2),
    )
    _check(track)
    return track


def _whole(file: ByteReader, atom: Atom, most: int = _MOST_TAG_BYTES) -> bytes:
    if atom.size > most:
        raise UnsupportedMp4("an atom is too large")
    return exactly(file, atom.start, atom.size)


def _handler(file: ByteReader, trak: Atom) -> bytes:
    found = _whole(file, only(file, only(file, trak, b"mdia"), b"hdlr"), 1 << 16)
    return found[8:12]


def _scale(file: ByteReader, header: Atom) -> int:
    """Return the ticks per second of an `mvhd` or `mdhd`."""
    head = exactly(file, header.start, 24)
    at = 20 if head[0] else 12
    scale = int.from_bytes(head[at : at + 4], "big")
    if not 1 <= scale <= 10_000_000:
        raise UnsupportedMp4("invalid time scale or sample durations")
    return scale


def _check_reference(file: ByteReader, dref: Atom) -> None:
    """Check that the samples are in this file."""
    found = _whole(file, dref, 64)
    if len(found) < 20 or int.from_bytes(found[4:8], "big") != 1 or found[16:20] != b"\0\0\0\1":
        raise UnsupportedMp4("external data reference")


def _edit(file: ByteReader, trak: Atom, movie_scale: int) -> tuple[int | None, float | None]:
    """Return the tick at which the recording starts, None when it is not stated, and its length in seconds."""
    edts = [atom for atom in atoms(file, trak.start, trak.end) if atom.kind == b"edts"]
    if not edts:
        return None, None
    found = _whole(file, only(file, edts[0], b"elst"), 64)
    wide = 8 if found[0] else 4
    if int.from_bytes(found[4:8], "big") != 1 or len(found) < 8 + 2 * wide + 4:
        raise UnsupportedMp4("more than one edit")
    length, start = (int.from_bytes(found[8 + i * wide : 8 + (i + 1) * wide], "big", signed=True) for i in (0, 1))
    if start < 0 or length <= 0 or found[8 + 2 * wide :][:4] != b"\0\1\0\0":
        raise UnsupportedMp4("unsupported edit")
    return start, length / movie_scale


def _codec_settings(file: ByteReader, stsd: Atom) -> bytes:
    """Return the settings of the AAC decoder from the only sample entry (ISO 14496-1 descriptors)."""
    if int.from_bytes(exactly(file, stsd.start, 8)[4:], "big") != 1:
        raise UnsupportedMp4("expected exactly one sample description")
    entry = next(atoms(file, stsd.start + 8, stsd.end), None)
    if entry is None or entry.kind != b"mp4a" or exactly(file, entry.start, 10)[8:] != b"\0\0":
        raise UnsupportedMp4("unsupported AAC configuration")
    esds = _whole(file, only(file, Atom(b"mp4a", entry.start + 28, entry.end), b"esds"), 1 << 12)
    tag, body = _descriptor(esds[4:])
    if tag != 3 or len(body) < 3 or body[2] & 0xE0:
        raise UnsupportedMp4("malformed descriptors")
    tag, body = _descriptor(body[3:])
    if tag != 4 or len(body) < 13 or body[0] != _MP4_AUDIO:
        raise UnsupportedMp4("not AAC")
    tag, settings = _descriptor(body[13:])
    if tag != 5 or len(settings) < 2 or settings[0] >> 3 not in _AAC_MAIN_TO_LTP:
        raise UnsupportedMp4("unsupported AAC configuration")
    return settings


def _descriptor(data: bytes) -> tuple[int, bytes]:
    size, at = 0, 1
    while at < min(len(data), 5):
        at += 1
        size = size << 7 | data[at - 1] & 0x7F
        if not data[at - 1] & 0x80:
            break
    if not data or len(data) < at + size:
        raise UnsupportedMp4("truncated descriptor")
    return data[0], data[at : at + size]


def _numbers(file: ByteReader, start: int, count: int, kind: str, keep: type[np.unsignedinteger[Any]]) -> NDArray[Any]:
    """Return `count` numbers, read in parts and kept as narrow as they are."""
    width = np.dtype(kind).itemsize
    out = np.empty(count, keep)
    for low in range(0, count, _READ_BYTES // width):
        some = min(_READ_BYTES // width, count - low)
        values = np.frombuffer(exactly(file, start + low * width, some * width), kind)
        if int(values.max()) > np.iinfo(keep).max:
            raise UnsupportedMp4("a value is out of range")
        out[low : low + some] = values
    return out


def _count(file: ByteReader, table: Atom, at: int, width: int) -> int:
    count = int.from_bytes(exactly(file, table.start + at, 4), "big")
    if not 1 <= count <= _MOST_PACKETS or table.size < at + 4 + count * width:
        raise UnsupportedMp4("a table has an invalid length")
    return count


def _sizes(file: ByteReader, stsz: Atom) -> NDArray[np.uint16]:
    if exactly(file, stsz.start + 4, 4) != bytes(4):
        raise UnsupportedMp4("constant sample size")
    return _numbers(file, stsz.start + 12, _count(file, stsz, 8, 4), ">u4", np.uint16)


def _chunk_offsets(file: ByteReader, tables: dict[bytes, Atom]) -> NDArray[Any]:
    table, kind, keep = (
        (tables[b"stco"], ">u4", np.uint32) if b"stco" in tables else (tables[b"co64"], ">u8", np.uint64)
    )
    return _numbers(file, table.start + 8, _count(file, table, 4, np.dtype(kind).itemsize), kind, keep)


def _rows(file: ByteReader, table: Atom, columns: int) -> NDArray[np.uint32]:
    count = _count(file, table, 4, 4 * columns)
    return _numbers(file, table.start + 8, count * columns, ">u4", np.uint32).reshape(count, columns)


def _check(track: Track) -> None:
    """Check that the tables describe the same packets."""
    firsts, counts = track.per_chunk[:, 0].astype(np.int64), track.per_chunk[:, 1].astype(np.int64)
    chunks = len(track.chunk_offsets)
    lengths = np.diff(firsts, append=chunks + 1)
    if firsts[0] != 1 or np.any(lengths < 1) or np.any(counts < 1):
        raise UnsupportedMp4("chunks out of order")
    packets, stamped = len(track.sizes), int(track.runs[:, 0].sum(dtype=np.int64))
    if int(counts.max()) > packets or int(counts @ lengths) != packets or stamped != packets:
        raise UnsupportedMp4("inconsistent tables")
    if not 1 <= int(track.runs[:, 1].min()) <= int(track.runs[:, 1].max()) < _MOST_DELTA:
        raise UnsupportedMp4("invalid time scale or sample durations")


def _slices(rows: NDArray[Any]) -> Iterator[Any]:
    """Yield an array's rows as plain numbers, some at a time."""
    for low in range(0, len(rows), _ROWS_AT_ONCE):
        yield from rows[low : low + _ROWS_AT_ONCE].tolist()
