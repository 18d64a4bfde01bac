"""Decode a recording to mono 16 kHz samples on its own clock, as a stream.

Only listed containers and codecs are opened, never playlists or references. Packets that do not decode are skipped
and counted. All sound tracks and channels are used (`tracks`, `channels`); silence is placed by time
stamps (`recording_clock`); very quiet recordings are raised (`level`). What was left out, guessed or repaired is listed
in `facts.warnings`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

import av
import av.error
import numpy as np
from av import AudioFrame
from av.stream import Discard, Disposition
from numpy.typing import NDArray

from dayline.audio.creation_time import of_metadata, of_mp4
from dayline.audio.ipc import RemoteFile, SequentialFile
from dayline.audio.level import LevelControl
from dayline.audio.mp4.atoms import read
from dayline.audio.mp4.track import Track, sound_track
from dayline.audio.ports import IngestLimits
from dayline.audio.recording_clock import RecordingClock, without_start
from dayline.audio.seek_table import CONTAINERS as CONTAINERS_WITHOUT_TABLE
from dayline.audio.seek_table import SeekPoints
from dayline.audio.stated_length import missing_end, stated_seconds
from dayline.audio.stream_facts import StreamFacts, unsupported
from dayline.audio.tracks import JoinedTracks, VoiceTrack
from dayline.audio.wav_header import wav_goes_on, wav_missing_bytes
from dayline.clock import now
from dayline.domain.clip import SAMPLE_RATE_HZ
from dayline.domain.errors import InvalidRecording

CONTAINERS = "mp3,mov,wav,w64,flac,ogg,matroska,aac,caf,aiff,amr,asf"
# Reading a container probes its streams with these decoders and no others; video never starts a decoder.
CODECS = (
    "mp3,mp3float,mp2,mp2float,mp1,mp1float,aac,aac_latm,opus,libopus,vorbis,flac,alac,amrnb,amrwb,wmav1,wmav2,wmapro,"
    "wmavoice,wmalossless,speex,gsm,gsm_ms,g722,ac3,eac3,pcm_u8,pcm_s8,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,"
    "pcm_s32le,pcm_s32be,pcm_f32le,pcm_f32be,pcm_f64le,pcm_f64be,pcm_alaw,pcm_mulaw,adpcm_ima_wav,adpcm_ima_qt,"
    "adpcm_ms,g726,g726le"
)
_OPTIONS = {"format_whitelist": CONTAINERS, "codec_whitelist": CODECS, "protocol_whitelist": "none"}
_ALLOWED_CODECS = frozenset(CODECS.split(","))

_WITH_CLOCK = frozenset(("mov", "matroska"))
_WITHOUT_CLOCK = frozenset(("aac", "flac", "mp3", "amr", "wav", "w64", "aiff", "caf"))
_WITH_OWN_LENGTH = frozenset(("wav", "w64", "aiff", "caf"))
_LATEST_START_SECONDS = 60.0
_MOST_TRACKS = 4
_SPARE_BYTES = 1 << 18
_PACKETS_AT_ONCE_BYTES = 1 << 16
_BREAKS_OFF = "The recording breaks off: everything before that point was kept."


def reads_in_order(file: RemoteFile) -> bool:
    """Return whether the container can be read from front to back: everything but an MP4 whose index comes last."""
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


@dataclass(slots=True)
class Sound:
    """The streams to decode, and where the recording begins on their clock."""

    streams: list[Any]
    origin_seconds: float | None


class Decoder:
    """Decodes one recording. Iterate `blocks()` once; `facts` fills on the way."""

    def __init__(self, file: RemoteFile, limits: IngestLimits, *, is_seekable: bool) -> None:
        self.facts = StreamFacts()
        self._file, self._limits = file, limits
        self._in_order = not is_seekable and reads_in_order(file)
        self._emitted = 0
        self._stated_seconds: float | None = None

    @property
    def seconds(self) -> float:
        """Seconds yielded so far."""
        return self._emitted / SAMPLE_RATE_HZ

    def blocks(self) -> Iterator[NDArray[np.int16]]:
        """Yield mono int16 blocks of at most about ten seconds. Raises InvalidRecording."""
        level = LevelControl()
        for voice in self._voice_blocks():
            block = level.to_int16(voice)
            self._emitted += len(block)
            if self.seconds > self._limits.max_seconds:
                raise InvalidRecording(
                    f"The recording is longer than {self._limits.max_seconds / 3600:g} hours. Split it by day.",
                    code="recording_too_long",
                )
            yield block
        self.facts.warnings += level.warnings()
        missing = missing_end(self._stated_seconds, self.seconds)
        if missing and _BREAKS_OFF not in self.facts.warnings:
            self.facts.warnings.append(missing)
        if self.facts.starts_at_seconds >= 1.0:
            self.facts.warnings.append(
                f"The sound starts {self.facts.starts_at_seconds:.1f} s after the start of the recording; "
                "times count from the start of the recording."
            )

    def _voice_blocks(self) -> Iterator[NDArray[np.float32]]:
        """Yield mono float blocks of all sound tracks."""
        plain = sound_track(self._file)
        if plain is not None:
            self._note_time(of_mp4(self._file, now=now()))
            track = self._track(0.0)
            for frame in self._frames_by_table(plain):
                yield from track.push(frame)
            yield from track.finish()
            return
        with self.open() as container:
            sound = self.pick(container)
            self._stated_seconds = stated_seconds(
                self._file, container, self.facts.container, origin_seconds=sound.origin_seconds or 0.0
            )
            self._note_time(of_metadata(container.metadata, now=now()))
            tracks = {stream.index: self._track(sound.origin_seconds) for stream in sound.streams}
            places = SeekPoints()
            if self.facts.container in CONTAINERS_WITHOUT_TABLE:
                self.facts.seek_points = places.points
            joined = JoinedTracks(tracks, self.facts)
            for packet in self._packets(container, sound.streams):
                self.facts.bytes_passed = max(self.facts.bytes_passed, (packet.pos or 0) + (packet.size or 0))
                places.push(_begins_at(packet), packet.pos)
                try:
                    frames = packet.decode()
                except av.error.FFmpegError:
                    self.facts.bad_packets += 1
                    continue
                for frame in frames:
                    yield from joined.push(packet.stream.index, frame)
            yield from joined.finish()
        self._warn_about_unread_rest()

    def _note_time(self, moment: datetime | None) -> None:
        self.facts.recorded_at = None if moment is None else moment.isoformat()

    def _track(self, origin_seconds: float | None) -> VoiceTrack:
        clock = RecordingClock(
            self.facts,
            max_gap_seconds=self._limits.max_gap_seconds,
            origin_seconds=origin_seconds,
            has_clock=self.facts.container not in _WITHOUT_CLOCK,
        )
        return VoiceTrack(clock, self.facts)

    def _warn_about_unread_rest(self) -> None:
        """Warn when a container with a length of its own ends well before the file does."""
        size_bytes = self._file.size_bytes
        if self.facts.container not in _WITH_OWN_LENGTH or size_bytes is None:
            return
        left_bytes = size_bytes - self.facts.bytes_passed
        if left_bytes > max(_SPARE_BYTES, size_bytes // 50):
            self.facts.warnings.append(
                f"The file goes on for {left_bytes / 2**20:.1f} MiB after the end that its header states; "
                "that part was not read. Repair the header, or send the file in another format."
            )

    def _frames_by_table(self, track: Track) -> Iterator[AudioFrame]:
        """Yield the frames of a plain m4a whose index was read here; FFmpeg only decodes."""
        self.facts.container, self.facts.codec = "mov", "aac"
        context: Any = av.CodecContext.create("aac", "r")
        context.extradata, context.thread_count = track.codec_settings, 1
        time_base = Fraction(1, track.ticks_per_second)
        missing = 0
        run_start, run = 0, b""
        for offset, size, ticks in track.packets():
            if not size:
                continue  # some writers end a track with an empty packet: nothing is missing
            if not run_start <= offset <= run_start + len(run) - size:
                run_start, run = offset, read(self._file, offset, max(size, _PACKETS_AT_ONCE_BYTES))
            data = run[offset - run_start : offset - run_start + size]
            if len(data) < size:
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
                if ticks < 0:
                    yield from _from_zero(frame, ticks)
                else:
                    yield frame
        if missing:
            self.facts.warnings.append(_BREAKS_OFF)

    def open(self) -> Any:
        """Open the container, with the allowed containers and codecs only. Raises InvalidRecording."""
        if not self._file.peek(0, 1):
            raise unsupported("The file is empty. Record or upload it again.")
        handle: Any = SequentialFile(self._file) if self._in_order else self._file
        options = dict(_OPTIONS)
        if wav_goes_on(self._file):
            options["ignore_length"] = "1"
            self.facts.warnings.append(
                "The WAV header states less sound than the file holds. The file was read to its end."
            )
        missing_bytes = wav_missing_bytes(self._file)
        if missing_bytes > _SPARE_BYTES:
            self.facts.warnings.append(
                f"The WAV header states {missing_bytes / 2**20:.1f} MiB more sound than the file holds: "
                "its transfer may have been cut short. Compare it with the original, and send it again if so."
            )
        try:
            return av.open(
                handle, container_options=options, metadata_errors="ignore", buffer_size=1 << 16, timeout=None
            )
        except (av.error.FFmpegError, ValueError, OverflowError) as error:
            raise self._why_not() from error

    def _why_not(self) -> InvalidRecording:
        head = self._file.peek(0, 512).lstrip(b"\xef\xbb\xbf \t\r\n")
        if head[:1] == b"<":
            return unsupported("This is a web page or a document, not a recording. Send the audio file itself.")
        if self._file.peek(4, 4) in (b"ftyp", b"mdat", b"wide", b"free") and not top_level_atom(self._file, (b"moov",)):
            return unsupported("The recording's index is missing: its transfer was cut short. Upload it again.")
        return unsupported(
            "The recording could not be read. Send mp3, m4a/mp4, wav, flac, ogg/opus, webm, amr, aiff, caf or wma."
        )

    def pick(self, container: Any) -> Sound:
        """Choose the sound tracks to read, the default one first. Raises InvalidRecording when none can be."""
        if not container.streams.audio:
            raise unsupported("The file holds no sound. Send the recording itself.")
        readable = [stream for stream in container.streams.audio if _codec_name(stream) in _ALLOWED_CODECS]
        if not readable:
            raise unsupported("The recording's codec is not supported. Send mp3, aac, opus, flac or wav.")
        readable.sort(key=lambda stream: (not stream.disposition & Disposition.default, stream.index))
        chosen = readable[:_MOST_TRACKS]
        kept = {stream.index for stream in chosen}
        for stream in container.streams:
            if stream.index not in kept:
                stream.discard = Discard.all
        for stream in chosen:
            stream.codec_context.thread_count = 1
        left_out = len(container.streams.audio) - len(chosen)
        if left_out:
            self.facts.warnings.append(
                f"The file holds {len(container.streams.audio)} sound tracks; {left_out} could not be used and "
                f"{'was' if left_out == 1 else 'were'} left out."
            )
        self.facts.container = str(container.format.name).split(",")[0]
        self.facts.codec = str(chosen[0].codec_context.codec.canonical_name)
        return Sound(chosen, self._origin_seconds(container, chosen))

    def _origin_seconds(self, container: Any, chosen: list[Any]) -> float | None:
        """Return where the recording begins on the container's clock; None: with its first frame.

        MP4 (edit lists) and Matroska stamp sound relative to the start of the recording. A sound-only file that
        starts late by more than a minute was cut out of a longer one: its clock is that one's.
        """
        if self.facts.container not in _WITH_CLOCK:
            return None
        starts = [float(stream.start_time * stream.time_base) for stream in chosen if stream.start_time is not None]
        is_sound_only = len(container.streams.audio) == len(container.streams)
        return min(starts) if starts and is_sound_only and min(starts) > _LATEST_START_SECONDS else 0.0

    def _packets(self, container: Any, streams: list[Any]) -> Iterator[Any]:
        packets = container.demux(*streams)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except av.error.FFmpegError:
                self.facts.warnings.append(_BREAKS_OFF)
                return
            yield packet


def _begins_at(packet: Any) -> float | None:
    return None if packet.pts is None or packet.time_base is None else float(packet.pts * packet.time_base)


def _codec_name(stream: Any) -> str:
    context = stream.codec_context
    return "" if context is None else str(context.name)


def _from_zero(frame: AudioFrame, ticks: int) -> Iterator[AudioFrame]:
    """Yield the frame without what lies before the start of the recording: the encoder's lead-in. `ticks` are < 0."""
    if frame.time_base is None:
        yield frame
        return
    skip = round(-ticks * float(frame.time_base) * frame.sample_rate)
    if skip < frame.samples:
        rest, rest_base = without_start(frame, skip), frame.time_base
        rest.pts, rest.time_base = 0, rest_base
        yield rest
