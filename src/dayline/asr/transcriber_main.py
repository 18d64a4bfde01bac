"""The recogniser's own process: `python -m dayline.asr.transcriber_main FD PARENT_PID`.

Loads the engine once, then answers one span after the other over the socket it inherited. Ends when its parent
is gone, however the parent went.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dayline.asr import ipc as wire
from dayline.asr.answer_checks import transcribe_checked
from dayline.asr.ports import Transcriber
from dayline.asr.registry import SpeechConfig, load_transcriber
from dayline.domain.errors import DaylineError, Unavailable

_PR_SET_PDEATHSIG = 1


def main(argv: list[str]) -> int:
    """Serve until the socket closes. Returns the exit status."""
    channel = socket.socket(fileno=int(argv[1]))
    _die_with_parent(int(argv[2]))
    try:
        header, _ = wire.receive(channel)
        transcriber = _load(channel, SpeechConfig.from_json(header))
        while transcriber is not None:
            header, body = wire.receive(channel)
            reply = _answer(transcriber, header, body)
            del body
            wire.send(channel, reply)
    except wire.Closed:
        return 0
    return 1


def _load(channel: socket.socket, config: SpeechConfig) -> Transcriber | None:
    try:
        transcriber = load_transcriber(config)
    except DaylineError as error:
        wire.send(channel, {"error": wire.error_to_json(error)})
        return None
    wire.send(channel, {"name": transcriber.name, "limits": asdict(transcriber.limits)})
    return transcriber


def _answer(transcriber: Transcriber, header: dict[str, Any], body: bytes) -> dict[str, Any]:
    try:
        span = transcribe_checked(transcriber, wire.unpack_clips(header["clips"], body), header["language"])
    except DaylineError as error:
        return {"error": wire.error_to_json(error)}
    except MemoryError:
        return {"error": wire.error_to_json(Unavailable("The speech engine ran out of memory on this span."))}
    except Exception as error:  # noqa: BLE001 - an engine's own fault must reach the caller, not end the process
        kind = type(error).__name__
        return {"error": wire.error_to_json(Unavailable(f"The speech engine failed on this span ({kind})."))}
    return {"span": wire.span_to_json(span)}


def _die_with_parent(parent_pid: int) -> None:
    """Ask the kernel for a SIGKILL when the parent ends, and be the first to go when memory runs out."""
    # Interrupts of the terminal go to the whole group; the parent decides when this process ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("600", encoding="ascii")
    if os.getppid() != parent_pid:  # it died before the kernel was asked
        os._exit(1)


if __name__ == "__main__":
    sys.exit(main(sys.argv))
