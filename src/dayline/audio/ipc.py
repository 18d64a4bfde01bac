"""Protocol between the parent and the decoder process: framed messages over one socket pair.

Every message is a kind (one byte), a length and a body. The decoder asks for bytes and reports what it
found; it has no addresses, no credentials and no network.
"""

from __future__ import annotations

import json
import select
import socket
import struct
from collections import OrderedDict
from typing import Any, TypedDict

HEAD = struct.Struct("!cI")
READ_REQUEST = struct.Struct("!QI")
MAX_BODY_BYTES = 64 << 20

JOB, BYTES = b"J", b"B"
READ, CHUNK, PROGRESS, DONE, FAILED = b"R", b"S", b"P", b"D", b"F"
KINDS = frozenset((JOB, BYTES, READ, CHUNK, PROGRESS, DONE, FAILED))

BLOCK_BYTES = 512 << 10
_KEPT_BLOCKS = 6


class Job(TypedDict):
    """What a decoder is to read. Part of the JOB message.

    directory: folder for chunk files.
    size_bytes: length of the recording, None while it is not known.
    is_seekable: whether any byte can be asked for.
    """

    directory: str
    size_bytes: int | None
    is_seekable: bool


class Progress(TypedDict):
    """Body of a PROGRESS message: seconds decoded, seconds of speech among them, bytes read."""

    decoded: float
    speech: float
    bytes: int


class Failure(TypedDict):
    """Body of a FAILED message."""

    code: str
    message: str


class Closed(EOFError):
    """The other side closed the socket."""


class ProtocolError(ValueError):
    """An invalid message of this protocol arrived."""


def send(sock: socket.socket, kind: bytes, body: bytes = b"") -> None:
    """Send one message. Raises Closed when the other side has closed the socket."""
    try:
        sock.sendall(HEAD.pack(kind, len(body)) + body)
    except (BrokenPipeError, ConnectionError, OSError) as error:
        raise Closed("the other side has gone") from error


def send_json(sock: socket.socket, kind: bytes, value: Any) -> None:
    """Send one message whose body is JSON."""
    send(sock, kind, json.dumps(value, separators=(",", ":")).encode())


class MessageReader:
    """Reassembles messages from a socket; `receive` gives None when its time-out passes first."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock, self._held = sock, bytearray()
        self._poll = select.poll()
        self._poll.register(sock, select.POLLIN)

    def receive(self, timeout_seconds: float | None = None) -> tuple[bytes, bytes] | None:
        """Return the next (kind, body). Raises Closed at the end of the stream, ProtocolError on an invalid message."""
        while True:
            message = self._take()
            if message is not None:
                return message
            # A time-out set on the socket would also cut short what another thread is sending.
            try:
                if timeout_seconds is not None and not self._poll.poll(timeout_seconds * 1000):
                    return None
                part = self._sock.recv(1 << 18)
            except (OSError, ValueError) as error:
                raise Closed("the other side has gone") from error
            if not part:
                raise Closed("the other side has gone")
            self._held += part

    def _take(self) -> tuple[bytes, bytes] | None:
        if len(self._held) < HEAD.size:
            return None
        kind, length = HEAD.unpack_from(self._held)
        if kind not in KINDS or length > MAX_BODY_BYTES:
            raise ProtocolError("not a message of the decoder")
        end = HEAD.size + length
        if len(self._held) < end:
            return None
        body = bytes(memoryview(self._held)[HEAD.size : end])
        del self._held[:end]
        return kind, body


class RemoteFile:
    """The decoder's view of the recording: a read-only file whose blocks the parent hands over."""

    name = "recording"

    def __init__(self, sock: socket.socket, inbox: MessageReader, size_bytes: int | None) -> None:
        self._sock, self._inbox, self._size = sock, inbox, size_bytes
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self._position = 0

    @property
    def size_bytes(self) -> int | None:
        """Length of the recording, or None while it is not known."""
        return self._size

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes from the present position; fewer only at a block's or the file's end."""
        if size < 0:
            raise ValueError("a recording is never read as a whole")
        data = self.peek(self._position, size)
        self._position += len(data)
        return data

    def peek(self, offset: int, size: int) -> bytes:
        """Return bytes from `offset` without moving the position."""
        index, start = divmod(offset, BLOCK_BYTES)
        return self._block(index)[start : start + size]

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move the position; the end is known only when the size is."""
        if whence == 2:
            offset += self._end()
        elif whence == 1:
            offset += self._position
        if offset < 0:
            raise ValueError("before the start")
        self._position = offset
        return offset

    def tell(self) -> int:
        """Return the position."""
        return self._position

    def seekable(self) -> bool:
        """Return True."""
        return True

    def readable(self) -> bool:
        """Return True."""
        return True

    def writable(self) -> bool:
        """Return False."""
        return False

    def _end(self) -> int:
        if self._size is None:
            index = 0
            while len(block := self._block(index)) == BLOCK_BYTES:
                index += 1
            self._size = index * BLOCK_BYTES + len(block)
        return self._size

    def _block(self, index: int) -> bytes:
        if index in self._blocks:
            self._blocks.move_to_end(index)
            return self._blocks[index]
        if self._size is not None and index * BLOCK_BYTES >= self._size:
            return b""
        send(self._sock, READ, READ_REQUEST.pack(index * BLOCK_BYTES, BLOCK_BYTES))
        message = self._inbox.receive()
        if message is None or message[0] != BYTES:
            raise ProtocolError("expected bytes")
        self._blocks[index] = message[1]
        while len(self._blocks) > _KEPT_BLOCKS:
            self._blocks.popitem(last=False)
        return message[1]


class SequentialFile:
    """The recording for containers that are read from front to back. It has no `seek`, so FFmpeg cannot use it."""

    name = "recording"

    def __init__(self, file: RemoteFile) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes."""
        return self._file.read(size)
