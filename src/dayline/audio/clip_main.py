"""The clip process: decodes a part of a recording and encodes it as Opus in WebM, in memory.

Started as `python -m dayline.audio.clip_main FD PARENT_PID`. It communicates over the socket FD only, under the limits
of its job, writes no file, and ends when its parent does.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from typing import Any

from dayline.audio import ipc as wire
from dayline.audio.ports import IngestLimits
from dayline.domain.errors import DaylineError
from dayline.processes.inheritance import inherited_channel

RATE_HZ = 48_000
BIT_RATE = 24_000
_MEMORY_BYTES = 1_500_000_000
_LARGEST_FILE_BYTES = 0
_LEAD_IN_SECONDS = 1.0
"""Decoding starts this much earlier: Opus and AAC need some frames to converge."""
_LARGEST_STEP_SECONDS = 0.05
"""Time stamps that differ less from the count of samples are rounding; more is silence in the recording."""
_PART_SAMPLES = RATE_HZ * 10


def main(arguments: list[str]) -> int:
    """Make one clip and return the exit status; 0 also when the job ended in a reported failure."""
    sock = inherited_channel(arguments)
    inbox = wire.MessageReader(sock)
    try:
        message = inbox.receive()
        if message is None or message[0] != wire.JOB:
            return 2
        job = json.loads(message[1])
        _confine(int(job["cpu_seconds"]))
        body = make_clip(wire.RemoteFile(sock, inbox, job["size_bytes"]), float(job["start"]), float(job["end"]))
        wire.send(sock, wire.DONE, body)
    except wire.Closed:
        return 0
    except DaylineError as error:
        wire.send_json(sock, wire.FAILED, {"code": error.code, "message": error.message})
    except MemoryError:
        failure = {"code": "unsupported_codec", "message": "The recording needs more memory to decode than is allowed."}
        wire.send_json(sock, wire.FAILED, failure)
    return 0


def _confine(cpu_seconds: int) -> None:
    limits = ((resource.RLIMIT_AS, _MEMORY_BYTES), (resource.RLIMIT_CPU, cpu_seconds), (resource.RLIMIT_CORE, 0))
    for what, most in (*limits, (resource.RLIMIT_FSIZE, _LARGEST_FILE_BYTES)):
        if what == resource.RLIMIT_AS and sys.platform != "linux":
            continue
        _, hard = resource.getrlimit(what)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (allowed, allowed))


def make_clip(file: Any, start_seconds: float, end_seconds: float) -> bytes:
    """Return [start, end) of the recording's clock as Opus in WebM. Sound that is missing there is silence.

    Raises InvalidRecording when the file cannot be decoded.
    """
    # Imported under the limits, so that what the libraries reserve counts too.
    import av

    from dayline.audio.decode import Decoder

    decoder = Decoder(file, IngestLimits(), is_seekable=True)
    with decoder.open() as container:
        sound = decoder.pick(container)
        stream = sound.streams[0]
        origin = sound.origin_seconds
        if origin is None:
            origin = 0.0 if stream.start_time is None else float(stream.start_time * stream.time_base)
        is_single = len(sound.streams) == 1
        layout = "stereo" if is_single and stream.codec_context.channels > 1 else "mono"
        out = io.BytesIO()
        with av.open(out, "w", format="webm") as opened:
            written: Any = opened  # the hints of PyAV leave the type of packets open
            target = written.add_stream("libopus", rate=RATE_HZ)
            target.bit_rate, target.layout = BIT_RATE, layout
            encoder = _Encoder(written, target, layout)
            sinks: list[Any] = [encoder] if is_single else [_Samples() for _ in sound.streams]
            clips = {
                one.index: _Clip(sink, layout, start_seconds, end_seconds)
                for one, sink in zip(sound.streams, sinks, strict=True)
            }
            _seek(container, stream, start_seconds - _LEAD_IN_SECONDS + origin)
            filling = set(clips)
            for frame, index, at_seconds in _frames(container, sound.streams):
                if index in filling and not clips[index].push(frame, at_seconds - origin):
                    filling.discard(index)
                if not filling:
                    break
            for clip in clips.values():
                clip.finish()
            if not is_single:
                _mix(sinks, encoder)
            encoder.finish()
        return out.getvalue()


def _mix(tracks: list[Any], encoder: Any) -> None:
    """Mix sound tracks, as ingest does: the two sides of a call, or one beside a silent one."""
    import numpy as np

    sides = [track.values() for track in tracks]
    for at in range(0, max(len(side) for side in sides), _PART_SAMPLES):
        parts = [side[at : at + _PART_SAMPLES].astype(np.int32) for side in sides]
        longest = max(len(part) for part in parts)
        total = np.zeros(longest, np.int32)
        for part in parts:
            total[: len(part)] += part
        encoder.write(np.clip(total, -32768, 32767).astype(np.int16).reshape(1, -1))


def _seek(container: Any, stream: Any, seconds: float) -> None:
    import av.error

    if seconds <= 0:
        return
    try:
        container.seek(int(seconds / stream.time_base), stream=stream, backward=True)
    except av.error.FFmpegError:
        container.seek(0, stream=stream, backward=True)


def _frames(container: Any, streams: list[Any]) -> Any:
    """Yield (frame, index of its track, seconds on the container's clock); packets that do not decode are skipped."""
    import av.error

    packets = container.demux(*streams)
    while True:
        try:
            packet = next(packets)
        except (StopIteration, av.error.FFmpegError):
            return
        try:
            frames = packet.decode()
        except av.error.FFmpegError:
            continue
        for frame in frames:
            if frame.pts is not None and frame.time_base is not None:
                yield frame, packet.stream.index, float(frame.pts * frame.time_base)


class _Encoder:
    """Takes samples and writes Opus into a container."""

    def __init__(self, container: Any, target: Any, layout: str) -> None:
        from av import AudioFifo

        self._container, self._target, self._layout = container, target, layout
        self._fifo = AudioFifo()

    def write(self, values: Any) -> None:
        """Take packed int16 samples."""
        import numpy as np
        from av import AudioFrame

        frame = AudioFrame.from_ndarray(np.ascontiguousarray(values), format="s16", layout=self._layout)
        frame.sample_rate = RATE_HZ
        self._fifo.write(frame)
        self._encode(is_last=False)

    def finish(self) -> None:
        """Write the rest."""
        self._encode(is_last=True)

    def _encode(self, *, is_last: bool) -> None:
        size = self._target.codec_context.frame_size or 960
        while (frame := self._fifo.read(size, partial=is_last)) is not None:
            self._container.mux(self._target.encode(frame))
        if is_last:
            self._container.mux(self._target.encode(None))


class _Samples:
    """Keeps the mono samples of one track of a clip: 15 minutes are 86 MB."""

    def __init__(self) -> None:
        self._parts: list[Any] = []

    def write(self, values: Any) -> None:
        """Take packed int16 samples."""
        self._parts.append(values.reshape(-1).copy())

    def values(self) -> Any:
        """Return all of them."""
        import numpy as np

        return np.concatenate(self._parts) if self._parts else np.zeros(0, np.int16)


class _Clip:
    """Puts decoded frames where their times say, on a line of samples that begins at `start_seconds`."""

    def __init__(self, sink: Any, layout: str, start_seconds: float, end_seconds: float) -> None:
        self._sink, self._layout = sink, layout
        self._channels = 2 if layout == "stereo" else 1
        self._start_seconds = start_seconds
        self._wanted = round((end_seconds - start_seconds) * RATE_HZ)
        self._count = 0
        self._signature: tuple[int, str, str] | None = None
        self._resampler: Any = None
        self._next_seconds: float | None = None
        self._skip = 0

    def push(self, frame: Any, at_seconds: float) -> bool:
        """Take one frame that begins at `at_seconds` of the recording. Returns False when the clip is full."""
        from av import AudioResampler

        end_seconds = at_seconds + frame.samples / frame.sample_rate
        signature = (frame.sample_rate, frame.layout.name, frame.format.name)
        expected = self._next_seconds
        is_joined = expected is not None and abs(at_seconds - expected) < _LARGEST_STEP_SECONDS
        self._next_seconds = end_seconds if not is_joined else (expected or 0.0) + frame.samples / frame.sample_rate
        if end_seconds <= self._start_seconds:
            self._resampler = None
            return True
        if self._resampler is None or signature != self._signature or not is_joined:
            self._drain()
            self._resampler = AudioResampler("s16", self._layout, RATE_HZ)
            self._signature = signature
            self._move_to(at_seconds)
        frame.pts = None
        for part in self._resampler.resample(frame):
            self._add(part.to_ndarray())
        return self._count < self._wanted

    def finish(self) -> None:
        """Fill what is missing with silence."""
        self._drain()
        self._add_silence(self._wanted - self._count)

    def _move_to(self, at_seconds: float) -> None:
        """Make the next sample the one at `at_seconds`: by silence before it, or by leaving its first samples out."""
        ahead = round((at_seconds - self._start_seconds) * RATE_HZ) - self._count
        self._skip = max(0, -ahead)
        self._add_silence(ahead)

    def _drain(self) -> None:
        if self._resampler is not None:
            for part in self._resampler.resample(None):
                self._add(part.to_ndarray())
            self._resampler = None

    def _add(self, values: Any) -> None:
        skipped = min(self._skip, values.shape[1] // self._channels)
        self._skip -= skipped
        values = values[:, skipped * self._channels :]
        self._write(values[:, : (self._wanted - self._count) * self._channels])

    def _add_silence(self, samples: int) -> None:
        import numpy as np

        left = min(samples, self._wanted - self._count)
        while left > 0:
            part = min(left, _PART_SAMPLES)
            self._write(np.zeros((1, part * self._channels), np.int16))
            left -= part

    def _write(self, values: Any) -> None:
        if values.shape[1] == 0:
            return
        self._count += values.shape[1] // self._channels
        self._sink.write(values)


if __name__ == "__main__":
    sys.exit(main(sys.argv))
