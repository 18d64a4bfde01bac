"""Facts that ingest stores for playback: seek points, time of creation, hash of samples."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import av
import numpy as np
import pytest

from dayline.audio.creation_time import of_metadata
from dayline.audio.decode import Decoder
from dayline.audio.ports import IngestLimits
from dayline.audio.sampled_hash import PART_BYTES, sampled_hash
from dayline.audio.seek_table import pack, unpack

RATE = 44_100
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
MADE = "2026-11-22T08:00:00.000000Z"


def beeps(codec, container, seconds, *, metadata=None, beep_every=5, **options):
    """Return a recording of noise that comes and goes, so that its bit rate varies, with a beep every few seconds."""
    at = np.arange(RATE * seconds) / RATE
    noise = np.random.default_rng(3).normal(size=len(at)) * np.where(at // 7 % 2 < 1, 4000, 10)
    sound = np.where(at % beep_every < 0.1, np.sin(2 * np.pi * 1000 * at) * 28_000, noise).astype(np.int16)
    out = io.BytesIO()
    with av.open(out, "w", format=container, options=options) as file:
        file.metadata.update(metadata or {})
        stream = file.add_stream(codec, rate=RATE)
        stream.layout = "mono"
        if codec == "libmp3lame":
            stream.codec_context.qscale = True
            stream.codec_context.global_quality = 4 * 118
        fifo = av.AudioFifo()
        frame = av.AudioFrame.from_ndarray(sound.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = RATE
        for part in av.AudioResampler(stream.format.name, "mono", RATE).resample(frame):
            fifo.write(part)
        while (part := fifo.read(stream.codec_context.frame_size or 1024, partial=True)) is not None:
            file.mux(stream.encode(part))
        file.mux(stream.encode(None))
    return out.getvalue()


def facts_of(memory_file, data):
    decoder = Decoder(memory_file(data), IngestLimits(), is_seekable=True)
    for _ in decoder.blocks():
        pass
    return decoder.facts


@pytest.mark.parametrize(
    ("codec", "container", "options"),
    [("libmp3lame", "mp3", {"write_xing": "0"}), ("libmp3lame", "mp3", {}), ("aac", "adts", {})],
)
def test_playing_from_a_place_of_the_table_is_exact(memory_file, codec, container, options):
    data = beeps(codec, container, 65, beep_every=7, **options)
    points = facts_of(memory_file, data).seek_points
    assert [round(seconds, -1) for seconds, _ in points] == [0, 10, 20, 30, 40, 50, 60]
    assert unpack(pack(points)) == points
    for seconds, byte in points[1:]:
        with av.open(io.BytesIO(data[byte:]), "r") as file:
            parts = [frame.to_ndarray().reshape(-1) for frame in file.decode(audio=0)]
        sound = np.abs(np.concatenate(parts)[: RATE * 7])
        is_beep = sound > 0.6 * sound.max()
        first = int(np.argmax(is_beep)) / RATE
        assert first == pytest.approx(-seconds % 7, abs=0.06), (seconds, byte)


@pytest.mark.parametrize(("codec", "container"), [("aac", "mp4"), ("flac", "flac"), ("pcm_s16le", "wav")])
def test_files_with_a_table_of_their_own_get_none(memory_file, codec, container):
    assert facts_of(memory_file, beeps(codec, container, 25)).seek_points == []


@pytest.mark.parametrize(("codec", "container"), [("aac", "mp4"), ("libopus", "webm"), ("aac", "mov")])
def test_the_time_of_the_container_is_read(memory_file, monkeypatch, codec, container):
    if codec == "libopus":
        monkeypatch.setattr("tests.audio.test_listening_facts.RATE", 48_000)
    data = beeps(codec, container, 11, metadata={"creation_time": MADE})
    found = facts_of(memory_file, data).recorded_at
    assert found is not None
    assert datetime.fromisoformat(found) == datetime(2026, 11, 22, 8, tzinfo=UTC)
    assert facts_of(memory_file, beeps(codec, container, 11)).recorded_at is None


@pytest.mark.parametrize(
    "text", ["", "yesterday", "1904-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "2026-11-22T08:00:00", "08:00:00"]
)
def test_times_that_say_nothing_are_not_believed(text):
    assert of_metadata({"creation_time": text}, now=NOW) is None


def test_times_that_lie_ahead_are_not_believed():
    assert of_metadata({"creation_time": (NOW + timedelta(hours=23)).isoformat()}, now=NOW) is not None
    assert of_metadata({"creation_time": (NOW + timedelta(hours=25)).isoformat()}, now=NOW) is None


@pytest.mark.parametrize("size", [1, PART_BYTES, 3 * PART_BYTES, 10 * PART_BYTES])
def test_the_hash_tells_files_of_one_length_apart(size):
    data = bytes(np.random.default_rng(5).integers(0, 256, size, dtype=np.uint8))

    def hash_of(body):
        return sampled_hash(lambda offset, count: body[offset : offset + count], len(body))

    assert hash_of(data) == hash_of(bytes(data))
    for at in (0, size // 2, size - 1):
        other = bytearray(data)
        other[at] ^= 1
        assert hash_of(bytes(other)) != hash_of(data), at
