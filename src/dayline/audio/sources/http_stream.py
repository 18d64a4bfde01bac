"""Stream of a server that does not honour `Range`, spooled to an unnamed scratch file."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2

from dayline.audio.sources.http_connection import CUT, Connection
from dayline.audio.sources.http_errors import another_file, refuse_page, too_large


class SpooledStream:
    """Stream of a server without `Range`, spooled to an unnamed file."""

    def __init__(
        self,
        connection: Connection,
        response: httpx2.Response,
        stack: ExitStack,
        directory: Path,
        *,
        size_bytes: int | None,
        known: Mapping[int, bytes] | None = None,
    ) -> None:
        self._connection, self._stack = connection, stack
        self.size_bytes = size_bytes
        self._known = known or {}
        self._block = hashlib.sha256()
        directory.mkdir(parents=True, exist_ok=True)
        # Unnamed: the file vanishes however the process ends.
        self._file: Any = tempfile.TemporaryFile(dir=directory)  # noqa: SIM115 - open as long as the source
        self._digest = hashlib.sha256()
        self._have = 0
        self._is_complete = False
        self._restarts = 0
        self._attempt = 0
        self._chunks: Iterator[bytes] | None = connection.chunks(response)
        try:
            refuse_page(response, self.read_at(0, 64))
        except BaseException:
            self.close()
            raise

    def read_at(self, offset: int, size: int) -> bytes:
        """Return bytes once they have arrived."""
        while self._have < offset + size and not self._is_complete:
            try:
                self._pump()
            except CUT as error:
                self._begin_again(error)
        self._file.seek(offset)
        return self._file.read(size)

    def close(self) -> None:
        """Drop the connection and the file."""
        self._stack.close()
        self._file.close()

    def _pump(self) -> None:
        assert self._chunks is not None
        chunk = next(self._chunks, None)
        if chunk is None:
            size = self.size_bytes
            if size is not None and self._have < size:
                raise httpx2.RemoteProtocolError("the answer was cut short")
            if size is not None and self._have > size and self._known:
                raise another_file()
            self._compare(self._have // self._connection.limits.block_bytes)
            self.size_bytes = self._have
            self._is_complete = True
            self._stack.close()
            return
        if self._have + len(chunk) > self._connection.limits.max_bytes:
            raise too_large(self._connection.limits.max_bytes)
        self._file.seek(self._have)
        self._file.write(chunk)
        self._digest.update(chunk)
        self._hash_blocks(chunk)
        self._have += len(chunk)
        self._attempt = 0

    def _hash_blocks(self, chunk: bytes) -> None:
        """Compare each block that `chunk` completes with what was fetched of it before."""
        if not self._known:
            return
        size, rest = self._connection.limits.block_bytes, memoryview(chunk)
        at = self._have
        while rest:
            piece = rest[: size - at % size]
            self._block.update(piece)
            at += len(piece)
            rest = rest[len(piece) :]
            if at % size == 0:
                self._compare(at // size - 1)

    def _compare(self, number: int) -> None:
        known = self._known.get(number)
        digest, self._block = self._block.digest(), hashlib.sha256()
        if known is not None and known != digest:
            raise another_file()

    def _begin_again(self, error: Exception) -> None:
        """Ask for the stream anew and skip what is there already, making sure that it is the same."""
        while True:
            self._stack.close()
            self._attempt += 1
            self._restarts += 1
            if self._restarts > self._connection.limits.restarts:
                self._attempt = self._connection.limits.attempts
            self._connection.give_up_or_wait(error, self._attempt)
            self._stack = ExitStack()
            try:
                response = self._connection.request(self._stack, {})
                chunks = self._connection.chunks(response)
                left = self._skip(chunks)
            except CUT as again:
                error = again
                continue
            self._chunks = _chain(left, chunks)
            return

    def _skip(self, chunks: Iterator[bytes]) -> bytes:
        digest, skipped = hashlib.sha256(), 0
        while skipped < self._have:
            chunk = next(chunks, None)
            if chunk is None:
                raise httpx2.RemoteProtocolError("the answer was cut short")
            used = chunk[: self._have - skipped]
            digest.update(used)
            skipped += len(used)
            if skipped == self._have:
                if digest.digest() != self._digest.digest():
                    raise another_file()
                return chunk[len(used) :]
        return b""


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest
