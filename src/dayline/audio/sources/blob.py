"""Random access to an object, in blocks large enough for a request."""

from __future__ import annotations

from collections import OrderedDict

from dayline.db.blobs import Blobs
from dayline.domain.errors import NotFound

_BLOCK_BYTES = 4 << 20
_KEPT_BLOCKS = 4


class BlobSource:
    """Random access to one object of a bucket. Keeps a few blocks, never the whole."""

    is_seekable = True

    def __init__(self, blobs: Blobs, key: str) -> None:
        self._blobs, self._key = blobs, key
        size = blobs.size_bytes(key)
        if size is None:
            raise NotFound.of("file", key)
        self._size = size
        self._blocks: OrderedDict[int, bytes] = OrderedDict()

    @property
    def size_bytes(self) -> int | None:
        """Length of the object."""
        return self._size

    def read_at(self, offset: int, size: int) -> bytes:
        """Return up to `size` bytes from `offset`; short or empty only at the end."""
        out = bytearray()
        end = min(offset + size, self._size)
        while offset < end:
            block = self._block(offset // _BLOCK_BYTES)
            start = offset % _BLOCK_BYTES
            piece = block[start : start + end - offset]
            if not piece:
                break
            out += piece
            offset += len(piece)
        return bytes(out)

    def close(self) -> None:
        """Drop the blocks."""
        self._blocks.clear()

    def _block(self, number: int) -> bytes:
        if number not in self._blocks:
            start = number * _BLOCK_BYTES
            self._blocks[number] = self._blobs.read_at(self._key, start, min(_BLOCK_BYTES, self._size - start))
            while len(self._blocks) > _KEPT_BLOCKS:
                self._blocks.popitem(last=False)
        self._blocks.move_to_end(number)
        return self._blocks[number]
