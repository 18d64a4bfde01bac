"""Walk the atoms of an MP4 file (ISO 14496-12) without trusting their sizes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

MOST_ATOMS = 256


class ByteReader(Protocol):
    """A recording of which any part can be read."""

    def peek(self, offset: int, size: int) -> bytes:
        """Return up to `size` bytes from `offset`; fewer at the end of a block as well."""
        ...


class UnsupportedMp4(ValueError):
    """The file is not of the simple form that this reader supports."""


@dataclass(frozen=True, slots=True)
class Atom:
    """Where an atom's content lies; `end` may be beyond the end of the file."""

    kind: bytes
    start: int
    end: int

    @property
    def size(self) -> int:
        """Bytes of content."""
        return self.end - self.start


def read(file: ByteReader, offset: int, size: int) -> bytes:
    """Return `size` bytes, fewer only where the file ends."""
    found = file.peek(offset, size)
    while len(found) < size:
        more = file.peek(offset + len(found), size - len(found))
        if not more:
            break
        found += more
    return found


def exactly(file: ByteReader, offset: int, size: int) -> bytes:
    """Return `size` bytes. Raises UnsupportedMp4 where the file ends before."""
    found = read(file, offset, size)
    if len(found) < size:
        raise UnsupportedMp4("the file ends inside its index")
    return found


def atoms(file: ByteReader, start: int, end: int | None) -> Iterator[Atom]:
    """Yield the atoms between two places (to the end of the file without `end`). Raises UnsupportedMp4 on bad sizes."""
    for _ in range(MOST_ATOMS):
        if end is not None and start + 8 > end:
            return
        head = read(file, start, 16)
        if len(head) < 8:
            return
        size, content = int.from_bytes(head[:4], "big"), start + 8
        if size == 1 and len(head) == 16:
            size, content = int.from_bytes(head[8:], "big"), start + 16
        if size < content - start or (end is not None and start + size > end):
            raise UnsupportedMp4("an atom with an impossible size")
        yield Atom(head[4:8], content, start + size)
        start += size
    raise UnsupportedMp4("too many atoms")


def only(file: ByteReader, inside: Atom, kind: bytes) -> Atom:
    """Return the one atom of a kind within another. Raises UnsupportedMp4 when there is none, or more."""
    found = [atom for atom in atoms(file, inside.start, inside.end) if atom.kind == kind]
    if len(found) != 1:
        raise UnsupportedMp4("expected exactly one atom of this kind")
    return found[0]
