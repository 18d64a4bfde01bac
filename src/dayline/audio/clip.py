"""Cut clips of a recording, exact to the sample, in a format that every browser plays."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time

from dayline.audio import ipc as wire
from dayline.audio.ingest import decoder_environment
from dayline.audio.sources.ranges import RangeSource
from dayline.domain.errors import InvalidRecording, Unavailable

MAX_SECONDS = 15 * 60.0
MEDIA_TYPE = "audio/webm"
_WALL_SECONDS = 120.0
_CPU_SECONDS = 100
_TICK_SECONDS = 1.0


def cut_clip(source: RangeSource, start_seconds: float, end_seconds: float) -> bytes:
    """Return [start, end) of a recording as Opus in WebM, 24 kbit/s. Nothing is written to disk.

    Raises InvalidRecording for what cannot be decoded, Unavailable when it takes too long, and what `source` raises.
    """
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-P", "-m", "dayline.audio.clip_main", str(theirs.fileno()), str(os.getpid())],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=decoder_environment(),
            )
        try:
            job = {"size_bytes": source.size_bytes, "start": start_seconds, "end": end_seconds}
            wire.send_json(ours, wire.JOB, {**job, "cpu_seconds": _CPU_SECONDS})
            return _serve(ours, source)
        except (wire.Closed, wire.ProtocolError) as error:
            raise Unavailable("The clip could not be made: its process ended before it was done.") from error
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()


def _serve(sock: socket.socket, source: RangeSource) -> bytes:
    """Serve the reads of the clip process until it is done."""
    inbox = wire.MessageReader(sock)
    give_up = time.monotonic() + _WALL_SECONDS
    while time.monotonic() < give_up:
        message = inbox.receive(_TICK_SECONDS)
        if message is None:
            continue
        kind, body = message
        if kind == wire.READ:
            offset, size = wire.READ_REQUEST.unpack(body)
            wire.send(sock, wire.BYTES, source.read_at(offset, min(size, wire.BLOCK_BYTES)))
        elif kind == wire.DONE:
            return body
        else:
            facts = json.loads(body)
            raise InvalidRecording(str(facts["message"]), code=str(facts["code"]))
    raise Unavailable("Making the clip took too long. Ask for a shorter one.")
