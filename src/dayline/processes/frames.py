"""Frames over a socket pair between a process and its child: a JSON header and raw bytes.

The header is never unpickled, and the two sides agree on the meaning of the bytes. Configuration travels in a frame
and not on the command line, where every user of the machine could read a key.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Mapping
from typing import Any

from dayline.domain.json_types import is_object

_LENGTHS = struct.Struct("!II")
_MAX_HEADER_BYTES = 64 * 1024 * 1024
_MAX_BODY_BYTES = 1024 * 1024 * 1024
_RECEIVE_BYTES = 1024 * 1024


class Closed(Exception):
    """The other side closed the socket, or sent an invalid frame."""


def send(channel: socket.socket, header: Mapping[str, object], body: bytes = b"") -> None:
    """Send one frame. Raises `Closed` when the other side is gone, `TimeoutError` by the socket's timeout."""
    head = json.dumps(header, separators=(",", ":")).encode()
    try:
        channel.sendall(_LENGTHS.pack(len(head), len(body)) + head)
        channel.sendall(body)
    except TimeoutError:
        raise
    except OSError as error:
        raise Closed from error


def receive(channel: socket.socket) -> tuple[Any, bytes]:
    """Wait for one frame and return its header, a JSON object, and its bytes.

    Raises `Closed` at the end of the stream, `TimeoutError` by the socket's timeout.
    """
    head_bytes, body_bytes = _LENGTHS.unpack(_exactly(channel, _LENGTHS.size))
    if head_bytes > _MAX_HEADER_BYTES or body_bytes > _MAX_BODY_BYTES:
        raise Closed
    try:
        header: object = json.loads(_exactly(channel, head_bytes))
    except ValueError as error:
        raise Closed from error
    if not is_object(header):
        raise Closed
    return header, _exactly(channel, body_bytes)


def _exactly(channel: socket.socket, size_bytes: int) -> bytes:
    buffer = bytearray()
    while len(buffer) < size_bytes:
        try:
            part = channel.recv(min(_RECEIVE_BYTES, size_bytes - len(buffer)))
        except TimeoutError:
            raise
        except OSError as error:
            raise Closed from error
        if not part:
            raise Closed
        buffer += part
    return bytes(buffer)
