"""Runs the decoder's work for many files in one process, under the decoder's own limits. See `fuzz`."""

from __future__ import annotations

import json
import resource
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Any

from dayline.audio import ipc as wire
from dayline.audio import vad as silero
from dayline.audio.decode import Decoder
from dayline.audio.decoder_main import _Day
from dayline.audio.ports import IngestLimits, SpeechSettings
from dayline.domain.errors import DaylineError


class _File(wire.RemoteFile):
    """A recording that is read from memory instead of from the parent."""

    def __init__(self, data: bytes) -> None:
        quiet: Any = None
        super().__init__(quiet, quiet, len(data))
        self._data = data

    def _block(self, index: int) -> bytes:
        return self._data[index * wire.BLOCK_BYTES : (index + 1) * wire.BLOCK_BYTES]


def one(path: Path, directory: Path, sink: socket.socket) -> str:
    """Decode and analyse one file as the decoder process does."""
    limits = IngestLimits(max_seconds=600)
    data = path.read_bytes()
    decoder = Decoder(_File(data), limits, is_seekable=sum(data[:64]) % 2 == 0)
    day = _Day(sink, directory, SpeechSettings())
    try:
        for block in decoder.blocks():
            day.push(block)
        day.finish(decoder.facts, decoder.seconds)
    except DaylineError as error:
        return f"refused: {error.code}"
    except MemoryError:
        return "refused: memory"
    except Exception as error:  # the decoder process turns these into internal_error, which nobody should see
        return f"wrong: {type(error).__name__}: {error}"[:150]
    finally:
        for left in directory.glob("chunk-*.pcm"):
            left.unlink()
    if decoder.facts.bad_packets or decoder.facts.warnings:
        return "decoded with damage"
    return "decoded" if decoder.seconds >= 10 else "decoded, too short"


def main(directory: Path, seconds: float) -> None:
    """Answer one line of JSON per line that names a file."""
    ours, sink = socket.socketpair()
    threading.Thread(target=_swallow, args=(ours,), daemon=True).start()
    resource.setrlimit(resource.RLIMIT_AS, (IngestLimits().memory_bytes, IngestLimits().memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    voice = silero.SpeechProbability()
    # Loading the model takes longer than a short file does; the files of one run share it.
    silero.SpeechProbability = lambda: (voice.reset(), voice)[1]
    for line in sys.stdin:
        # Wall time under load is no hang; processor time would be. SIGALRM's default action ends the process.
        signal.setitimer(signal.ITIMER_REAL, seconds * 6)
        answer = one(Path(line.strip()), directory, sink)
        signal.setitimer(signal.ITIMER_REAL, 0)
        print(json.dumps(answer), flush=True)


def _swallow(sock: socket.socket) -> None:
    while sock.recv(1 << 16):
        pass


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
