"""Entry point of a recogniser process: `python -m dayline.asr.transcriber_main FD PARENT_PID`.

Loads the engine once, then answers one chunk after the other over the socket it inherited. Ends when its parent
ends.
"""

from __future__ import annotations

import socket
import sys
from dataclasses import asdict

from dayline.asr import ipc as wire
from dayline.asr.answer_checks import transcribe_checked
from dayline.asr.ports import Transcriber
from dayline.asr.registry import SpeechConfig, load_transcriber
from dayline.domain.errors import DaylineError, Unavailable
from dayline.processes import frames
from dayline.processes.heap import give_back_freed_memory
from dayline.processes.inheritance import inherited_channel


def main(argv: list[str]) -> int:
    """Serve until the socket closes. Returns the exit status."""
    channel = inherited_channel(argv)
    try:
        header, _ = frames.receive(channel)
        transcriber = _load(channel, SpeechConfig.from_json(header))
        while transcriber is not None:
            header, body = frames.receive(channel)
            reply = _answer(transcriber, header, body)
            del body
            frames.send(channel, reply)
            give_back_freed_memory()
    except frames.Closed:
        return 0
    return 1


def _load(channel: socket.socket, config: SpeechConfig) -> Transcriber | None:
    try:
        transcriber = load_transcriber(config)
    except DaylineError as error:
        frames.send(channel, {"error": wire.error_to_json(error)})
        return None
    frames.send(channel, {"name": transcriber.name, "limits": asdict(transcriber.limits)})
    return transcriber


def _answer(transcriber: Transcriber, request: wire.Request, body: bytes) -> wire.Transcribed | wire.Failed:
    try:
        chunk = transcribe_checked(transcriber, wire.unpack_clips(request["clips"], body), request["language"])
    except DaylineError as error:
        return {"error": wire.error_to_json(error)}
    except MemoryError:
        return {"error": wire.error_to_json(Unavailable("The speech engine ran out of memory on this chunk."))}
    except Exception as error:  # noqa: BLE001 - an engine's own fault must reach the caller, not end the process
        kind = type(error).__name__
        return {"error": wire.error_to_json(Unavailable(f"The speech engine failed on this chunk ({kind})."))}
    return {"chunk": wire.chunk_to_json(chunk)}


if __name__ == "__main__":
    sys.exit(main(sys.argv))
