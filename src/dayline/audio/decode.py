"""From bytes to mono 16 kHz samples on the recording's own clock, as a stream.

Only listed containers and codecs are opened, never playlists or references. Frames are gathered into groups
of ten seconds before one resampling call, which costs a quarter of resampling frame by frame. Packets that
do not decode are skipped and counted; the stream's time stamps say where silence belongs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, cast

import av
import av.error
import numpy as np
from av import AudioFifo, AudioFrame, AudioResampler
from av.stream import Discard
from numpy.typing import NDArray

from dayline.audio.ipc import InOrder, RemoteFile
from dayline.audio.mp4.atoms import read
from dayline.audio.mp4.track import Track, sound_track
from dayline.audio.ports import IngestLimits
from dayline.domain.clip import SAMPLE_RATE_HZ
from dayline.domain.errors import InvalidRecording

CONTAINERS = "mp3,mov,wav,w64,flac,ogg,matroska,aac,caf,aiff,amr,asf"
# Reading a container probes its streams with these decoders and no others; video never starts a decoder.
CODECS = (
    "mp3,mp3float,mp2,mp2float,mp1,mp1float,aac,aac_latm,opus,libopus,vorbis,flac,alac,amrnb,amrwb,wmav1,wmav2,wmapro,"
    "wmavoice,wmalossless,speex,gsm,gsm_ms,g722,ac3,eac3,pcm_u8,pcm_s8,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,"
    "pcm_s32le,pcm_s32be,pcm_f32le,pcm_f32be,pcm_f64le,pcm_f64be,pcm_alaw,pcm_mulaw,adpcm_ima_wav,adpcm_ima_qt,"
    "adpcm_ms,adpcm_g726"
)
_OPTIONS = {"format_whitelist": CONTAINERS, "codec_whitelist": CODECS, "protocol_whitelist": "none"}
_ALLOWED_CODECS = frozenset(CODECS.split(","))

GROUP_SECONDS = 10
_MAX_GROUP_VALUES = 8_000_000
_MIN_RATE_HZ, _MAX_RATE_HZ, _MAX_CHANNELS = 4_000, 384_000, 8
_SMALLEST_GAP_SECONDS = 0.05
_LARGEST_OVERLAP_SECONDS = 2.0
_SILENCE_BLOCK = 10 * SAMPLE_RATE_HZ
_BREAKS_OFF = "The recording breaks off: what stands before the break was kept."


@dataclass(slots=True)
class StreamFacts:
    """What the decoder learnt about the recording."""

    container: str = ""
    codec: str = ""
    sample_rate_hz: int = 0
    channels: int = 0
    bad_packets: int = 0
    gaps_seconds: float = 0.0
    clock_jumps: int = 0
    bytes_passed: int = 0
    warnings: list[str] = field(default_factory=list[str])


def unsupported(message: str) -> InvalidRecording:
    """Return the error for media that cannot be decoded."""
    return InvalidRecording(message, code="unsupported_codec")


def reads_in_order(file: RemoteFile) -> bool:
    """Say whether the container can be read from front to back: everything but an MP4 whose index comes last."""
    head = file.peek(0, 16)
    if (
        head[:4] in (b"OggS", b"fLaC", b"RIFF", b"RF64", b"FORM", b"\x1aE\xdf\xa3", b"#!AM", b"riff")
        or head[:3] == b"ID3"
    ):
        return True
    if head[:2] in (
        b"\xff\xfb",
        b"\xff\xf3",
        b"\xff\xf2",
        b"\xff\xfa",
        b"\xff\xf1",
        b"\xff\xf9",
        b"\xff\xfc",
        b"\xff\xfd",
    ):
        return True
    if head[:4] == b"\x30\x26\xb2\x75":
        return True
    return top_level_atom(file, (b"moov", b"mdat")) == b"moov"


def top_level_atom(file: RemoteFile, wanted: tuple[bytes, ...]) -> bytes | None:
    """Return which of the `wanted` atoms stands first at the top level of an MP4, if any does."""
    offset = 0
    for _ in range(64):
        head = file.peek(offset, 16)
        if len(head) < 8:
            return None
        size, kind = int.from_bytes(head[:4], "big"), head[4:8]
        if kind in wanted:
            return kind
        if size == 1 and len(head) == 16:
            size = int.from_bytes(head[8:], "big")
        if size < 8:
            return None
        offset += size
    return None


class Decoder:
    """Decodes one recording. Iterate `blocks()` once; `facts` fills on the way."""

    def __init__(self, file: RemoteFile, limits: IngestLimits, *, is_seekable: bool) -> None:
        self.facts = StreamFacts()
        self._file, self._limits = file, limits
        self._in_order = not is_seekable and reads_in_order(file)
        self._emitted = 0

    @property
    def seconds(self) -> float:
        """Length of what was given out so far."""
        return self._emitted / SAMPLE_RATE_HZ

    def blocks(self) -> Iterator[NDArray[np.int16]]:
        """Yield mono int16 blocks of at most about ten seconds. Raises InvalidRecording."""
        for block in _Clock(self.facts, self._limits).run(self._frames()):
            self._emitted += len(block)
            if self.seconds > self._limits.max_seconds:
                raise InvalidRecording(
                    f"The recording is longer than {self._limits.max_seconds / 3600:g} hours. Split it by day.",
                    code="recording_too_long",
                )
            yield block

    def _frames(self) -> Iterator[AudioFrame]:
        """Yield what the packets decode to; those that do not are skipped and counted."""
        track = sound_track(self._file)
        if track is not None:
            yield from self._frames_by_table(track)
            return
        with self._open() as container:
            for packet in self._packets(container, self._pick(container)):
                self.facts.bytes_passed = max(self.facts.bytes_passed, packet.pos or 0)
                try:
                    frames = packet.decode()
                except av.error.FFmpegError:
                    self.facts.bad_packets += 1
                    continue
                yield from frames

    def _frames_by_table(self, track: Track) -> Iterator[AudioFrame]:
        """Yield the frames of a plain m4a whose index was read here; FFmpeg only decodes."""
        self.facts.container, self.facts.codec = "mov", "aac"
        context: Any = av.CodecContext.create("aac", "r")
        context.extradata, context.thread_count = track.codec_settings, 1
        time_base = Fraction(1, track.ticks_per_second)
        missing = 0
        for offset, size, ticks in track.packets():
            data = read(self._file, offset, size)
            if len(data) < size or not data:
                missing += 1
                continue
            self.facts.bad_packets += missing
            missing = 0
            self.facts.bytes_passed = max(self.facts.bytes_passed, offset)
            packet = av.Packet(data)
            packet.pts, packet.time_base = ticks, time_base
            try:
                frames = context.decode(packet)
            except av.error.FFmpegError:
                self.facts.bad_packets += 1
                continue
            for frame in frames:
                yield from _from_zero(frame, ticks)
        if missing:
            self.facts.warnings.append(_BREAKS_OFF)

    def _open(self) -> Any:
        if not self._file.peek(0, 1):
            raise unsupported("The file is empty. Record or upload it again.")
        handle: Any = InOrder(self._file) if self._in_order else self._file
        try:
            return av.open(
                handle, container_options=_OPTIONS, metadata_errors="ignore", buffer_size=1 << 16, timeout=None
            )
        except (av.error.FFmpegError, ValueError, OverflowError) as error:
            raise self._why_not() from error

    def _why_not(self) -> InvalidRecording:
        head = self._file.peek(0, 512).lstrip(b"\xef\xbb\xbf \t\r\n")
        if head[:1] == b"<":
            return unsupported("This is a web page or a document, not a recording. Send the audio file itself.")
        if self._file.peek(4, 4) in (b"ftyp", b"mdat", b"wide", b"free") and not top_level_atom(self._file, (b"moov",)):
            return unsupported("The recording's index is missing: the file was cut short on its way. Upload it again.")
        return unsupported(
            "The recording could not be read. Send mp3, m4a/mp4, wav, flac, ogg/opus, webm, amr, aiff, caf or wma."
        )

    def _pick(self, container: Any) -> Any:
        if not container.streams.audio:
            raise unsupported("The file holds no sound. Send the recording itself.")
        stream = container.streams.audio[0]
        for other in container.streams:
            if other.index != stream.index:
                other.discard = Discard.all
        context = stream.codec_context
        if context is None or context.name not in _ALLOWED_CODECS:
            raise unsupported("The recording's codec is not supported. Send mp3, aac, opus, flac or wav.")
        context.thread_count = 1
        self.facts.container = str(container.format.name).split(",")[0]
        self.facts.codec = str(context.codec.canonical_name)
        return stream

    def _packets(self, container: Any, stream: Any) -> Iterator[Any]:
        packets = container.demux(stream)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except av.error.FFmpegError:
                self.facts.warnings.append(_BREAKS_OFF)
                return
            yield packet


class _Clock:
    """Keeps the emitted samples where the time stamps of the frames say."""

    def __init__(self, facts: StreamFacts, limits: IngestLimits) -> None:
        self._facts, self._limits = facts, limits
        self._signature: tuple[int, str, str] | None = None
        self._resampler: AudioResampler | None = None
        self._fifo = AudioFifo()
        self._rate = 0
        self._group = 0
        self._origin_seconds: float | None = None
        self._start_seconds = 0.0
        """Where the present run of samples began, on the recording's clock."""
        self._run_samples = 0
        self._given = 0

    def run(self, frames: Iterator[AudioFrame]) -> Iterator[NDArray[np.int16]]:
        """Yield blocks until the frames end."""
        for frame in frames:
            yield from self._take(frame)
        yield from self._drain()

    def _take(self, frame: AudioFrame) -> Iterator[NDArray[np.int16]]:
        signature = (frame.sample_rate, frame.layout.name, frame.format.name)
        if signature != self._signature:
            yield from self._drain()
            self._begin(frame, signature)
        skip = 0
        if frame.pts is not None and frame.time_base is not None:
            ahead = self._ahead_seconds(float(frame.pts * frame.time_base))
            if ahead >= _SMALLEST_GAP_SECONDS:
                yield from self._drain()
                yield from self._silence(ahead)
            elif ahead <= -_SMALLEST_GAP_SECONDS:
                skip = min(frame.samples, round(-ahead * self._rate))
        frame.pts = None
        if skip >= frame.samples:
            return
        if skip:
            yield from self._drain()
            frame = _without_start(frame, skip)
        self._run_samples += frame.samples
        self._fifo.write(frame)
        if self._fifo.samples >= self._group:
            yield from self._resample()

    def _begin(self, frame: AudioFrame, signature: tuple[int, str, str]) -> None:
        channels = len(frame.layout.channels)
        if not _MIN_RATE_HZ <= frame.sample_rate <= _MAX_RATE_HZ or not 1 <= channels <= _MAX_CHANNELS:
            raise unsupported(
                f"The recording claims {frame.sample_rate} Hz and {channels} channels. "
                f"Send {_MIN_RATE_HZ} to {_MAX_RATE_HZ} Hz and at most {_MAX_CHANNELS} channels."
            )
        if self._signature is None:
            self._facts.sample_rate_hz, self._facts.channels = frame.sample_rate, channels
        self._signature, self._rate = signature, frame.sample_rate
        self._group = min(frame.sample_rate * GROUP_SECONDS, _MAX_GROUP_VALUES // channels)

    def _position_seconds(self) -> float:
        return self._start_seconds + (self._run_samples / self._rate if self._rate else 0.0)

    def _ahead_seconds(self, stamp_seconds: float) -> float:
        """Return how far the stamp lies after what was given out; a leap in the clock moves the origin instead."""
        if self._origin_seconds is None:
            self._origin_seconds = stamp_seconds - self._position_seconds()
        ahead = stamp_seconds - self._origin_seconds - self._position_seconds()
        if -_LARGEST_OVERLAP_SECONDS <= ahead <= self._limits.max_gap_seconds:
            return ahead
        self._facts.clock_jumps += 1
        if self._facts.clock_jumps == 1:
            self._facts.warnings.append("The recording's clock jumps: what follows a jump was joined without a pause.")
        self._origin_seconds = stamp_seconds - self._position_seconds()
        return 0.0

    def _silence(self, seconds: float) -> Iterator[NDArray[np.int16]]:
        self._facts.gaps_seconds += seconds
        self._start_seconds += seconds
        left = self._owed()
        while left > 0:
            count = min(left, _SILENCE_BLOCK)
            self._given += count
            left -= count
            yield np.zeros(count, np.int16)

    def _owed(self) -> int:
        return round(self._position_seconds() * SAMPLE_RATE_HZ) - self._given

    def _resample(self) -> Iterator[NDArray[np.int16]]:
        if self._resampler is None:
            self._resampler = AudioResampler("s16", "mono", SAMPLE_RATE_HZ)
        yield from self._out(self._resampler.resample(self._fifo.read()))

    def _drain(self) -> Iterator[NDArray[np.int16]]:
        """Give out everything held, and start the next run exactly where this one should have ended."""
        if self._fifo.samples:
            yield from self._resample()
        if self._resampler is not None:
            yield from self._out(self._resampler.resample(None))
            owed = self._owed()
            if 0 < owed <= SAMPLE_RATE_HZ:
                self._given += owed
                yield np.zeros(owed, np.int16)
        self._resampler, self._fifo = None, AudioFifo()
        self._start_seconds, self._run_samples = self._position_seconds(), 0

    def _out(self, frames: list[Any]) -> Iterator[NDArray[np.int16]]:
        for frame in frames:
            if frame is None or not frame.samples:
                continue
            block = np.frombuffer(frame.planes[0], np.int16, count=frame.samples).copy()
            block = block[: max(0, self._owed())]
            self._given += len(block)
            if len(block):
                yield block


def _from_zero(frame: AudioFrame, ticks: int) -> Iterator[AudioFrame]:
    """Yield the frame without what lies before the start of the recording: the encoder's lead-in."""
    if ticks >= 0 or frame.time_base is None:
        yield frame
        return
    skip = round(-ticks * float(frame.time_base) * frame.sample_rate)
    if skip < frame.samples:
        rest, rest_base = _without_start(frame, skip), frame.time_base
        rest.pts, rest.time_base = 0, rest_base
        yield rest


def _without_start(frame: AudioFrame, skip: int) -> AudioFrame:
    """Return the frame without its first `skip` samples, which the recording's clock says were heard already."""
    values = frame.to_ndarray()
    per_sample = 1 if frame.format.is_planar else len(frame.layout.channels)
    rest = np.ascontiguousarray(values[:, skip * per_sample :])
    shorter = AudioFrame.from_ndarray(cast(Any, rest), format=frame.format.name, layout=frame.layout.name)
    shorter.sample_rate = frame.sample_rate
    return shorter
