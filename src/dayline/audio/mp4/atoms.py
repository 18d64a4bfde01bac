"""Walk the atoms of an MP4 file (ISO 14496-12) without trusting their sizes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

MOST_ATOMS = 256


class Bytes(Protocol):
    """A recording of which any part can be read."""

    def peek(self, offset: int, size: int) -> bytes:
        """Return up to `size` bytes from `offset`; fewer at the end of a block as well."""
        ...


class Strange(ValueError):
    """The file is not of the plain form that is read here."""


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


def read(file: Bytes, offset: int, size: int) -> bytes:
    """Return `size` bytes, fewer only where the file ends."""
    found = file.peek(offset, size)
    while len(found) < size:
        more = file.peek(offset + len(found), size - len(found))
        if not more:
            break
        found += more
    return found


def exactly(file: Bytes, offset: int, size: int) -> bytes:
    """Return `size` bytes. Raises Strange where the file ends before."""
    found = read(file, offset, size)
    if len(found) < size:
        raise Strange("the file ends within its index")
    return found


def atoms(file: Bytes, start: int, end: int | None) -> Iterator[Atom]:
    """Yield the atoms between two places (to the end of the file without `end`). Raises Strange on malformed ones."""
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
            raise Strange("an atom of no possible size")
        yield Atom(head[4:8], content, start + size)
        start += size
    raise Strange("more atoms than a plain file has")


def only(file: Bytes, inside: Atom, kind: bytes) -> Atom:
    """Return the one atom of a kind within another. Raises Strange when there is none, or more."""
    found = [atom for atom in atoms(file, inside.start, inside.end) if atom.kind == kind]
    if len(found) != 1:
        raise Strange("not exactly one where one belongs")
    return found[0]
