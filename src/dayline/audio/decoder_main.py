"""The decoder process: decodes untrusted media under tight limits and reports speech, profile and peaks.

Started as `python -m dayline.audio.decoder_main FD PARENT_PID`. It communicates over the socket FD only, is limited
in memory, processor time and file size by its job, and ends when its parent does.
"""

from __future__ import annotations

import contextlib
import errno
import json
import math
import os
import resource
import signal
import socket
import struct
import sys
import time
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dayline.audio import ipc as wire
from dayline.audio.ports import FRAME_SAMPLES, SCRATCH_UNUSABLE, IngestLimits, SpeechSettings
from dayline.domain.clip import SAMPLE_RATE_HZ
from dayline.domain.errors import DaylineError
from dayline.processes.inheritance import end_with_parent

if TYPE_CHECKING:
    from dayline.audio.stream_facts import StreamFacts  # imports libraries, which have to wait for the limits

_PROGRESS_EVERY_SECONDS = 0.5
_SPARE_FILE_BYTES = 16 << 20
_OPEN_FILES = 64
_SCRATCH_ERRORS = frozenset(
    (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.ENOENT, errno.ENOTDIR)
)
"""Not among them: EFBIG, which is our own limit on what one recording may write."""


def main(arguments: list[str]) -> int:
    """Run one job and return the exit status; 0 also when the job ended in a reported failure."""
    descriptor, parent = int(arguments[0]), int(arguments[1])
    end_with_parent(parent)
    sock = socket.socket(fileno=descriptor)
    inbox = wire.MessageReader(sock)
    try:
        message = inbox.receive()
        if message is None or message[0] != wire.JOB:
            return 2
        job = json.loads(message[1])
        limits, speech = IngestLimits(**job["limits"]), SpeechSettings(**job["speech"])
        _confine(limits, speech)
        _work(sock, inbox, job, limits, speech)
    except wire.Closed:
        return 0
    except DaylineError as error:
        _report(sock, error.code, error.message)
    except MemoryError:
        _report(sock, "unsupported_codec", "The recording needs more memory to decode than is allowed. Re-encode it.")
    except OSError as error:
        _report(sock, *_problem_of_system(error))
    except Exception as error:  # noqa: BLE001 - whatever happens here must reach the parent as a message
        _report(sock, "internal_error", _place_of(error))
    return 0


def _problem_of_system(error: OSError) -> tuple[str, str]:
    """Return code and message of an error of the disk or the folder, which may pass. FFmpeg's own are bugs."""
    if error.errno in _SCRATCH_ERRORS and not type(error).__module__.startswith("av"):
        reason = os.strerror(error.errno)
        return (
            SCRATCH_UNUSABLE,
            f"Speech cannot be written to the scratch folder now: {reason}.",
        )
    return "internal_error", _place_of(error)


def _place_of(error: Exception) -> str:
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in the decoder process ({Path(place.filename).name}:{place.lineno})"


def _confine(limits: IngestLimits, speech: SpeechSettings) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    chunk_bytes = int(speech.chunk_speech_seconds * 2 * SAMPLE_RATE_HZ * 2) + _SPARE_FILE_BYTES
    for what, most in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, chunk_bytes),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        if what == resource.RLIMIT_AS and sys.platform != "linux":
            continue  # other systems refuse it, or count what is merely reserved
        _, hard = resource.getrlimit(what)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (allowed, allowed))


def _report(sock: socket.socket, code: str, message: str) -> None:
    with contextlib.suppress(wire.Closed):
        wire.send_json(sock, wire.FAILED, {"code": code, "message": message})


def _work(
    sock: socket.socket, inbox: wire.MessageReader, job: wire.Job, limits: IngestLimits, speech: SpeechSettings
) -> None:
    # Imported under the limits, so that what the libraries reserve counts too.
    from dayline.audio.decode import Decoder, unsupported

    file = wire.RemoteFile(sock, inbox, job["size_bytes"])
    decoder = Decoder(file, limits, is_seekable=job["is_seekable"])
    day = _Day(sock, Path(job["directory"]), speech)
    told = time.monotonic()
    for block in decoder.blocks():
        day.push(block)
        if time.monotonic() - told >= _PROGRESS_EVERY_SECONDS:
            told = time.monotonic()
            progress: wire.Progress = {
                "decoded": decoder.seconds,
                "speech": day.speech_seconds,
                "bytes": decoder.facts.bytes_passed,
            }
            wire.send_json(sock, wire.PROGRESS, progress)
    if not decoder.seconds:
        raise unsupported("Nothing in the recording could be decoded: it is damaged or cut short. Upload it again.")
    if decoder.seconds < limits.min_seconds:
        raise DaylineError(
            f"The recording lasts {decoder.seconds:.1f} seconds; at least {limits.min_seconds:g} are needed.",
            code="recording_too_short",
        )
    day.finish(decoder.facts, decoder.seconds)


class _Day:
    """Accumulates chunks, profile and peaks while samples pass."""

    def __init__(self, sock: socket.socket, directory: Path, settings: SpeechSettings) -> None:
        import numpy as np

        from dayline.audio.acoustic_features import SoundMeter
        from dayline.audio.chunks import ChunkWriter
        from dayline.audio.speech_regions import RegionFinder, SampleBuffer
        from dayline.audio.vad import SpeechProbability
        from dayline.audio.waveform import PeakMeter

        self._np, self._sock = np, sock
        self._rest = np.zeros(0, np.int16)
        self._voice, self._meter, self._peaks = SpeechProbability(), SoundMeter(), PeakMeter()
        self._finder, self._buffer = RegionFinder(settings), SampleBuffer()
        self._chunks = ChunkWriter(directory, settings.chunk_speech_seconds)
        self._quiet_since = 0.0

    @property
    def speech_seconds(self) -> float:
        """Speech found so far."""
        return self._chunks.speech_seconds

    def push(self, block: Any) -> None:
        """Take the next samples."""
        samples = self._np.concatenate((self._rest, block)) if len(self._rest) else block
        whole = len(samples) // FRAME_SAMPLES * FRAME_SAMPLES
        self._rest = samples[whole:].copy()
        if whole:
            self._frames_of(samples[:whole])

    def _frames_of(self, samples: Any, real_samples: int | None = None) -> None:
        np = self._np
        whole = samples.reshape(-1, FRAME_SAMPLES)
        frames = whole.astype(np.float32) / np.float32(32768)
        levels = 10 * np.log10(np.einsum("ij,ij->i", frames, frames) / FRAME_SAMPLES + np.float32(1e-10))
        probabilities = self._voice.push(frames)
        self._meter.push(frames, probabilities, levels)
        self._peaks.push(np.maximum(whole.max(axis=1), -(whole.min(axis=1).astype(np.int32))).astype(np.uint16))
        self._buffer.push(samples[:real_samples])
        # One frame batch may close several clips; a chunk may only close between two of them.
        for region in self._finder.push(probabilities, levels):
            self._keep(region)
        self._close_if_full(self._finder.oldest_needed * FRAME_SAMPLES / SAMPLE_RATE_HZ)
        self._buffer.drop_before(self._finder.oldest_needed)

    def _keep(self, region: Any) -> None:
        start = region.start * FRAME_SAMPLES / SAMPLE_RATE_HZ
        self._close_if_full(start)
        clip = self._buffer.take(region)
        self._chunks.add(start, clip)
        self._quiet_since = start + len(clip) / SAMPLE_RATE_HZ

    def _close_if_full(self, now_seconds: float) -> None:
        self._send_chunk(self._chunks.close_if_full(self._quiet_since, now_seconds))

    def _send_chunk(self, chunk: Any) -> None:
        from dayline.audio.chunks import chunk_facts

        if chunk is not None:
            wire.send_json(self._sock, wire.CHUNK, chunk_facts(chunk))

    def finish(self, recording: StreamFacts, duration_seconds: float) -> None:
        """Close the open chunk and send the results."""
        from dayline.audio.waveform import encode_peaks, encode_profile

        if len(self._rest):
            padded = self._np.pad(self._rest, (0, FRAME_SAMPLES - len(self._rest)))
            self._frames_of(padded, real_samples=len(self._rest))
        for region in self._finder.finish():
            self._keep(region)
        self._send_chunk(self._chunks.close())
        facts = {
            **asdict(recording),
            "duration": duration_seconds,
            "speech": self._chunks.speech_seconds,
            "chunks": self._chunks.count,
        }
        parts = (
            json.dumps(facts).encode(),
            encode_profile(self._meter.finish(math.ceil(duration_seconds))),
            encode_peaks(self._peaks.finish()),
        )
        wire.send(self._sock, wire.DONE, b"".join(struct.pack("!I", len(part)) + part for part in parts))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
