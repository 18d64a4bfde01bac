"""Ingest a recording: start a decoder process, feed it bytes, hand out chunks, return the report."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from dayline.audio import ipc as wire
from dayline.audio.chunks import Chunk, chunk_from_facts
from dayline.audio.ports import SCRATCH_UNUSABLE, ByteSource, IngestLimits, IngestProgress, SpeechSettings
from dayline.audio.seek_table import Point
from dayline.audio.waveform import Peaks, decode_peaks, decode_profile
from dayline.domain.acoustic_profile import DayProfile
from dayline.domain.errors import Cancelled, DaylineError, InvalidRecording, Unavailable
from dayline.processes.exit_cause import out_of_memory_kills, was_killed_from_outside

_TICK_SECONDS = 0.2
_EXIT_SECONDS = 5.0
_STARTUP_SECONDS = 60.0
_PASSED_ON = ("PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TZ")
_RECORDING_CODES = frozenset(
    ("unsupported_codec", "recording_too_short", "recording_too_long", "invalid_recording_url")
)


@dataclass(frozen=True, slots=True)
class IngestReport:
    """Result of an ingest."""

    duration_seconds: float
    speech_seconds: float
    container: str
    codec: str
    sample_rate_hz: int
    channels: int
    bad_packets: int
    gaps_seconds: float
    warnings: list[str]
    profile: DayProfile
    peaks: Peaks
    chunk_count: int
    seek_points: list[Point]
    recorded_at: datetime | None


def ingest(
    source: ByteSource,
    scratch_dir: Path,
    *,
    limits: IngestLimits | None = None,
    speech: SpeechSettings | None = None,
    on_chunk: Callable[[Chunk], None],
    on_progress: Callable[[IngestProgress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> IngestReport:
    """Decode a recording and write its speech to chunk files in `scratch_dir`, calling `on_chunk` for each at once.

    The same bytes always give the same chunks, so a second call after a crash repeats the first. Raises
    InvalidRecording (the partner can do something), Unavailable (try again), Cancelled, or what `source` raises.
    """
    limits, speech = limits or IngestLimits(), speech or SpeechSettings()
    scratch_dir.mkdir(parents=True, exist_ok=True)
    for stale in scratch_dir.glob("chunk-*.part"):
        stale.unlink(missing_ok=True)
    with _Decoder(source, scratch_dir, limits, speech) as decoder:
        for kind, body in decoder.messages(should_stop):
            if kind == wire.CHUNK:
                on_chunk(chunk_from_facts(json.loads(body), scratch_dir))
            elif kind == wire.PROGRESS and on_progress is not None:
                on_progress(_progress(json.loads(body), source.size_bytes))
            elif kind == wire.DONE:
                return _read_report(body)
            elif kind == wire.FAILED:
                _fail(json.loads(body))
    raise AssertionError("unreachable: messages() ends by raising")


def _progress(facts: wire.Progress, size_bytes: int | None) -> IngestProgress:
    fraction = min(1.0, facts["bytes"] / size_bytes) if size_bytes else None
    return IngestProgress(facts["decoded"], facts["speech"], fraction)


def _fail(facts: wire.Failure) -> NoReturn:
    code, message = facts["code"], facts["message"]
    if code == SCRATCH_UNUSABLE:
        raise Unavailable(message, code=code, part="object_store")
    raise InvalidRecording(message, code=code) if code in _RECORDING_CODES else DaylineError(message, code=code)


def _read_report(body: bytes) -> IngestReport:
    parts: list[bytes] = []
    offset = 0
    for _ in range(3):
        (length,) = struct.unpack_from("!I", body, offset)
        parts.append(body[offset + 4 : offset + 4 + length])
        offset += 4 + length
    facts = json.loads(parts[0])
    return IngestReport(
        duration_seconds=float(facts["duration"]),
        speech_seconds=float(facts["speech"]),
        container=str(facts["container"]),
        codec=str(facts["codec"]),
        sample_rate_hz=int(facts["sample_rate_hz"]),
        channels=int(facts["channels"]),
        bad_packets=int(facts["bad_packets"]),
        gaps_seconds=float(facts["gaps_seconds"]),
        warnings=[str(text) for text in facts["warnings"]],
        profile=decode_profile(parts[1]),
        peaks=decode_peaks(parts[2]),
        chunk_count=int(facts["chunks"]),
        seek_points=[(float(seconds), int(byte)) for seconds, byte in facts["seek_points"]],
        recorded_at=datetime.fromisoformat(facts["recorded_at"]) if facts["recorded_at"] else None,
    )


class DecoderTimes:
    """Since when the decoder works and since when it is silent, on the monotonic clock, in seconds.

    The time in which this process was suspended is left out: whoever suspends a service suspends its decoders, and a
    recording must not be called too slow for that.
    """

    def __init__(self, now: float) -> None:
        self.started = self.heard = now

    def leave_out(self, late_seconds: float) -> None:
        """Leave out by how much a wait of known length was late; less than a second is what a busy machine does."""
        if late_seconds >= 1.0:
            self.started += late_seconds
            self.heard += late_seconds


class _Decoder:
    """One decoder process and the thread that feeds it."""

    def __init__(self, source: ByteSource, scratch_dir: Path, limits: IngestLimits, speech: SpeechSettings) -> None:
        self._limits = limits
        self._kills_before = out_of_memory_kills()
        self._sock, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-P", "-m", "dayline.audio.decoder_main", str(theirs.fileno()), str(os.getpid())],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=decoder_environment(),
            )
        self._feeder = _Feeder(source, self._sock)
        job = {
            "size_bytes": source.size_bytes,
            "is_seekable": source.is_seekable,
            "directory": str(scratch_dir.absolute()),
            "limits": asdict(limits),
            "speech": asdict(speech),
        }
        # A decoder that was killed before it took its job is noticed, and explained, when its messages are awaited.
        with contextlib.suppress(wire.Closed):
            wire.send_json(self._sock, wire.JOB, job)

    def __enter__(self) -> _Decoder:
        return self

    def __exit__(self, *_: object) -> None:
        self._feeder.stop()
        self._sock.close()
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    def messages(self, should_stop: Callable[[], bool] | None) -> Any:
        """Yield what the decoder reports, serving its reads on the way; raises at the end."""
        inbox = wire.MessageReader(self._sock)
        times = DecoderTimes(time.monotonic())
        patience = max(self._limits.stall_seconds, _STARTUP_SECONDS)
        while True:
            if should_stop is not None and should_stop():
                raise Cancelled("The recording's processing was stopped on request.")
            asked = time.monotonic()
            try:
                message = inbox.receive(_TICK_SECONDS)
            except wire.Closed:
                self._feeder.raise_error()
                self._explain_end()
            except wire.ProtocolError:
                raise InvalidRecording(_CRASHED, code="unsupported_codec") from None
            now = time.monotonic()
            times.leave_out(now - asked - _TICK_SECONDS)
            if now - times.started > self._limits.wall_seconds:
                raise InvalidRecording(_TOO_SLOW, code="unsupported_codec")
            if message is None:
                if self._feeder.is_busy:
                    times.heard = now
                elif now - times.heard > patience:
                    raise InvalidRecording(_TOO_SLOW, code="unsupported_codec")
                continue
            times.heard, patience = now, self._limits.stall_seconds
            if message[0] == wire.READ:
                self._feeder.ask(*wire.READ_REQUEST.unpack(message[1]))
            else:
                yield message

    def _explain_end(self) -> NoReturn:
        try:
            status = self._process.wait(_EXIT_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        if status in (-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, 0, 1):
            # Ended from outside (an operator, the system short of memory) or before it could work at all.
            was_killed = was_killed_from_outside(status, self._kills_before)
            raise Unavailable("The decoder was ended before it was done.", exit_status=status, was_killed=was_killed)
        if status == -signal.SIGXCPU:
            raise InvalidRecording(_TOO_SLOW, code="unsupported_codec")
        raise InvalidRecording(_CRASHED, code="unsupported_codec", exit_status=status)


_CRASHED = (
    "The decoder fails on the recording: it is damaged. Re-encode it, for example to m4a or mp3, and send it again."
)
_TOO_SLOW = "The recording takes far too long to decode. Re-encode it, for example to m4a or mp3, and send it again."


def decoder_environment() -> dict[str, str]:
    """Return the environment of the decoder: no secrets, and one thread per library."""
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return kept | {
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
        "PYTHONDONTWRITEBYTECODE": "1",
        # The runtime of the speech model would otherwise report its use to its maker.
        "ORT_DISABLE_TELEMETRY": "1",
    }


class _Feeder:
    """Answers the decoder's reads from a thread, so that a slow network never blocks stopping; reads one ahead."""

    def __init__(self, source: ByteSource, sock: socket.socket) -> None:
        self._source, self._sock = source, sock
        self._asked: queue.SimpleQueue[tuple[int, int] | None] = queue.SimpleQueue()
        self._error: BaseException | None = None
        self._stopped = False
        self._is_reading = False
        self._thread = threading.Thread(target=self._run, name="dayline-feeder", daemon=True)
        self._thread.start()

    @property
    def is_busy(self) -> bool:
        """Whether the decoder has to wait for the source; handing over what was read does not count."""
        return self._is_reading or not self._asked.empty()

    def ask(self, offset: int, size: int) -> None:
        """Queue one read."""
        self._asked.put((offset, min(size, wire.BLOCK_BYTES)))

    def stop(self) -> None:
        """Let the thread end; a read that still hangs is left to its own time-out."""
        self._stopped = True
        self._asked.put(None)

    def raise_error(self) -> None:
        """Raise what the source raised, if it did."""
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        ahead: tuple[int, bytes] | None = None
        try:
            while (asked := self._asked.get()) is not None and not self._stopped:
                offset, size = asked
                data = ahead[1] if ahead is not None and ahead[0] == offset else self._read(offset, size)
                wire.send(self._sock, wire.BYTES, data)
                ahead = None
                if len(data) == size and self._asked.empty() and not self._stopped:
                    ahead = (offset + size, self._source.read_at(offset + size, size))
        except wire.Closed:
            return
        except BaseException as error:  # noqa: BLE001 - carried over to the caller's thread
            self._error = error
            self._hang_up()

    def _read(self, offset: int, size: int) -> bytes:
        self._is_reading = True
        try:
            return self._source.read_at(offset, size)
        finally:
            self._is_reading = False

    def _hang_up(self) -> None:
        try:
            self._sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return
