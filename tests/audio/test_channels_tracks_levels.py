"""Channels in opposite phase, several sound tracks, late sound, short headers, very quiet recordings."""

from __future__ import annotations

import struct
from fractions import Fraction

import av
import av.codec
import numpy as np
import pytest

from dayline.audio.channels import Mixer
from dayline.audio.decode import CODECS, Decoder
from dayline.audio.level import LevelControl
from dayline.audio.ports import IngestLimits
from dayline.audio.recording_clock import RecordingClock
from dayline.audio.stream_facts import StreamFacts
from tests.audio.conftest import make_talk

RATE = 16_000


def decode(memory_file, data, *, is_seekable=True):
    decoder = Decoder(memory_file(data), IngestLimits(), is_seekable=is_seekable)
    blocks = list(decoder.blocks())
    return np.concatenate(blocks) if blocks else np.zeros(0, np.int16), decoder.facts


def level(samples):
    return float(np.sqrt(np.mean(np.asarray(samples, np.float64) ** 2)))


def likeness(one, other):
    count = min(len(one), len(other))
    return float(np.corrcoef(one[:count].astype(float), other[:count].astype(float))[0, 1])


def wav(data: bytes, *, channels=1, bits=16, is_float=False, declared: int | None = None, rate=RATE) -> bytes:
    size = len(data) if declared is None else declared
    block = channels * bits // 8
    head = struct.pack("<IHHIIHH", 16, 3 if is_float else 1, channels, rate, rate * block, block, bits)
    return (
        b"RIFF"
        + struct.pack("<I", (size + 36) & 0xFFFFFFFF)
        + b"WAVEfmt "
        + head
        + b"data"
        + struct.pack("<I", size)
        + data
    )


def stereo(left, right) -> bytes:
    return wav(np.stack([left, right], 1).astype("<i2").tobytes(), channels=2)


@pytest.fixture(scope="module")
def talk():
    return make_talk(25, seed=5)


@pytest.mark.parametrize("factor", [-1.0, -0.9, -0.4])
def test_channels_in_opposite_phase_are_not_cancelled(memory_file, talk, factor):
    samples, facts = decode(memory_file, stereo(talk, talk * factor))
    assert level(samples) > 0.6 * level(talk)
    assert abs(likeness(samples, talk)) > 0.99
    assert any("opposite phase" in text for text in facts.warnings)


def test_a_channel_that_turns_round_in_the_middle_is_followed(memory_file, talk):
    right = talk.astype(np.int32)
    right[: 10 * RATE] *= -1
    samples, _ = decode(memory_file, stereo(talk, right))
    assert level(samples[: 10 * RATE]) > 0.6 * level(talk[: 10 * RATE])
    assert level(samples[10 * RATE :]) > 0.6 * level(talk[10 * RATE :])


def test_a_silent_side_does_not_halve_the_other(memory_file, talk):
    samples, facts = decode(memory_file, stereo(np.zeros_like(talk), talk))
    assert level(samples) == pytest.approx(level(talk), rel=0.02)
    assert facts.warnings == []


def test_two_sides_of_a_call_are_both_kept(memory_file, talk):
    left, right = talk.copy(), make_talk(25, seed=9, pitch=210.0)
    left[12 * RATE :], right[: 12 * RATE] = 0, 0
    samples, _ = decode(memory_file, stereo(left, right))
    assert likeness(samples[: 10 * RATE], left[: 10 * RATE]) > 0.99
    assert likeness(samples[-10 * RATE :], right[-10 * RATE :]) > 0.99


def test_people_who_talk_at_once_on_two_sides_are_mixed():
    left, right = (make_talk(10, seed=s, pitch=p).astype(np.float32) / 32768 for s, p in ((1, 110.0), (2, 220.0)))
    mixed = Mixer().mix(np.stack([left, right]).astype(np.float32))
    assert likeness(mixed, left) > 0.4
    assert likeness(mixed, right) > 0.4


def test_a_late_copy_is_left_out():
    left = make_talk(10, seed=1).astype(np.float32) / 32768
    mixer = Mixer()
    mixed = mixer.mix(np.stack([left, np.roll(left, 20) * 0.9]).astype(np.float32))
    assert likeness(mixed, left) > 0.999
    assert mixer.report.late_copy_seconds == pytest.approx(10.0)


def many_tracks(path, tracks, *, container="mp4", codec="aac", starts_at_seconds=0.0):
    """Write sound tracks of int16 16 kHz into one file, interleaved."""
    with av.open(str(path), "w", format=container) as out:
        streams = [out.add_stream(codec, rate=RATE if codec == "aac" else 48_000, layout="mono") for _ in tracks]
        for stream, samples in zip(streams, tracks, strict=True):
            assert isinstance(stream, av.AudioStream)
            resampler = av.AudioResampler(
                stream.codec_context.format.name,
                "mono",
                stream.rate,
                frame_size=stream.codec_context.frame_size or 1024,
            )
            frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
            for piece in [*resampler.resample(frame), *resampler.resample(None)]:
                if piece is not None:
                    assert piece.pts is not None
                    piece.pts += round(starts_at_seconds * stream.rate)
                    out.mux(stream.encode(piece))
            out.mux(stream.encode(None))
    return path.read_bytes()


@pytest.mark.parametrize(("container", "codec"), [("mp4", "aac"), ("matroska", "libopus")])
def test_tracks_that_complete_each_other_are_heard_together(memory_file, tmp_path, talk, container, codec):
    first, second = talk.copy(), talk.copy()
    first[::1][10 * RATE :], second[: 10 * RATE] = 0, 0
    data = many_tracks(tmp_path / "day", [first, second], container=container, codec=codec)
    samples, facts = decode(memory_file, data)
    assert len(samples) / RATE == pytest.approx(25, abs=0.2)
    assert level(samples[: 9 * RATE]) > 0.8 * level(talk[: 9 * RATE])
    assert level(samples[11 * RATE :]) > 0.8 * level(talk[11 * RATE :])
    assert any("2 sound tracks" in text for text in facts.warnings)


def test_a_silent_first_track_hides_nothing(memory_file, tmp_path, talk):
    samples, facts = decode(memory_file, many_tracks(tmp_path / "day", [np.zeros_like(talk), talk]))
    assert level(samples) == pytest.approx(level(talk), rel=0.1)
    assert facts.warnings == []


def test_a_first_track_of_one_moment_hides_nothing(memory_file, tmp_path, talk):
    samples, _ = decode(memory_file, many_tracks(tmp_path / "day", [np.zeros(320, np.int16), talk]))
    assert level(samples) == pytest.approx(level(talk), rel=0.1)


@pytest.mark.parametrize(("container", "codec"), [("mp4", "aac"), ("matroska", "libopus"), ("webm", "libopus")])
def test_sound_that_starts_later_keeps_its_place(memory_file, tmp_path, talk, container, codec):
    data = many_tracks(tmp_path / "day", [talk], container=container, codec=codec, starts_at_seconds=5.0)
    samples, facts = decode(memory_file, data)
    assert len(samples) / RATE == pytest.approx(30, abs=0.2)
    assert level(samples[: int(4.8 * RATE)]) == 0
    assert level(samples[int(5.2 * RATE) :]) > 1000
    assert any("starts 5.0 s after" in text or "starts 4.9 s after" in text for text in facts.warnings)


def test_a_piece_cut_out_of_a_longer_recording_begins_with_its_sound(memory_file, tmp_path, talk):
    data = many_tracks(tmp_path / "day", [talk], container="matroska", codec="libopus", starts_at_seconds=7200.0)
    samples, facts = decode(memory_file, data)
    assert len(samples) / RATE == pytest.approx(25, abs=0.2)
    assert facts.warnings == []


@pytest.mark.parametrize("declared_seconds", [3, 15])
def test_a_wav_that_goes_on_after_its_header_is_read_to_its_end(memory_file, talk, declared_seconds):
    data = wav(talk.astype("<i2").tobytes(), declared=declared_seconds * RATE * 2)
    for is_seekable in (True, False):
        samples, facts = decode(memory_file, data, is_seekable=is_seekable)
        assert len(samples) == len(talk)
        assert any("header states less" in text for text in facts.warnings)


def test_chunks_after_the_sound_are_not_sound(memory_file, talk):
    note = b"LIST" + struct.pack("<I", 2000) + b"INFO" + bytes(1996)
    samples, facts = decode(memory_file, wav(talk.astype("<i2").tobytes()) + note)
    assert len(samples) == len(talk)
    assert facts.warnings == []


def test_another_container_that_goes_on_is_told_of(memory_file, encode, talk, tmp_path):
    data = encode(talk, tmp_path / "a.aiff", "aiff").read_bytes()
    _, facts = decode(memory_file, data + bytes(2 << 20))
    assert any("goes on for 2.0 MiB" in text for text in facts.warnings)


@pytest.mark.parametrize("down_db", [0, 30, 50, 60])
def test_quiet_float_recordings_come_out_audible(memory_file, talk, down_db):
    hiss = np.random.default_rng(1).normal(0, 10 ** (-70 / 20), len(talk))
    quiet = ((talk / 32768 + hiss) * 10 ** (-down_db / 20)).astype("<f4")
    samples, facts = decode(memory_file, wav(quiet.tobytes(), bits=32, is_float=True))
    assert likeness(samples, talk) > 0.95
    assert level(samples) > 300
    assert any("very quiet" in text for text in facts.warnings) is (down_db >= 30)
    assert abs(int(samples[: RATE // 2].astype(int).max())) > 100, "the first word is raised as well"


def test_steady_noise_is_not_raised():
    control = LevelControl()
    noise = np.random.default_rng(0).normal(0, 10 ** (-70 / 20), 10 * RATE).astype(np.float32)
    out = control.to_int16(noise)
    for _ in range(11):
        out = control.to_int16(noise)
    assert np.abs(out).max() < 100
    assert control.warnings() == []


def test_pauses_of_a_normal_recording_are_not_raised(talk):
    control = LevelControl()
    control.to_int16((talk[: 10 * RATE] / 32768).astype(np.float32))
    quiet = (make_talk(10, seed=3) / 32768 * 10 ** (-50 / 20)).astype(np.float32)
    assert np.abs(control.to_int16(quiet)).max() <= np.ceil(np.abs(quiet).max() * 32768)


def test_a_constant_offset_is_removed():
    wave = 0.3 + 0.1 * np.sin(2 * np.pi * 200 * np.arange(10 * RATE) / RATE)
    assert abs(int(LevelControl().to_int16(wave.astype(np.float32)).astype(int).mean())) < 10


def frames_at(stamps_seconds, *, each=1600):
    """Frames of a tenth of a second at 16 kHz with given stamps."""
    for number, stamp in enumerate(stamps_seconds):
        frame = av.AudioFrame.from_ndarray(np.full((1, each), number + 1, np.int16), format="s16", layout="mono")
        frame.sample_rate, frame.time_base, frame.pts = RATE, Fraction(1, 1000), round(stamp * 1000)
        yield frame


def run_clock(stamps_seconds):
    facts = StreamFacts()
    clock = RecordingClock(facts, max_gap_seconds=3600, origin_seconds=None)
    blocks = [b for frame in frames_at(stamps_seconds) for b in clock.push(frame)] + list(clock.finish())
    return sum(b.shape[1] for b in blocks) / RATE, facts


def test_blocks_of_ten_seconds_are_what_one_resampling_of_everything_gives():
    rng = np.random.default_rng(2)
    sound = (rng.normal(size=(1, 44_100 * 25)) * 3000).astype(np.int16)
    whole = av.AudioFrame.from_ndarray(sound, format="s16", layout="mono")
    whole.sample_rate = 44_100
    resampler = av.AudioResampler("flt", "mono", RATE)
    pieces = [*resampler.resample(whole), *resampler.resample(None)]
    expected = np.concatenate([piece.to_ndarray()[0] for piece in pieces if piece is not None])
    clock = RecordingClock(StreamFacts(), max_gap_seconds=3600, origin_seconds=None)
    blocks: list[np.ndarray] = []
    for at in range(0, sound.shape[1], 4410):
        frame = av.AudioFrame.from_ndarray(sound[:, at : at + 4410], format="s16", layout="mono")
        frame.sample_rate = 44_100
        blocks += clock.push(frame)
    assert [round(block.shape[1] / RATE) for block in blocks] == [10, 10]
    blocks += clock.finish()
    found = np.concatenate(blocks, axis=1)[0]
    assert len(found) == 25 * RATE
    assert np.abs(found - expected[: len(found)]).max() < 1e-5


def test_jittering_stamps_are_not_gaps():
    jitter = (0.0, 0.09, -0.08, 0.09, 0.0, 0.07, -0.06)
    seconds, facts = run_clock([0.1 * n + jitter[n % len(jitter)] for n in range(200)])
    assert seconds == pytest.approx(20.0, abs=0.01)
    assert facts.gaps_seconds == 0


def test_a_gap_that_lasts_is_silence():
    seconds, facts = run_clock([0.1 * n + (2.0 if n >= 50 else 0.0) for n in range(100)])
    assert seconds == pytest.approx(12.0, abs=0.01)
    assert facts.gaps_seconds == pytest.approx(2.0, abs=0.01)


def test_an_overlap_that_lasts_is_cut():
    seconds, _ = run_clock([0.1 * n - (1.0 if n >= 50 else 0.0) for n in range(100)])
    assert seconds == pytest.approx(9.0, abs=0.01)


def test_a_small_gap_just_before_a_large_one():
    stamps = [0.1 * n + (0.06 if n >= 50 else 0.0) + (5.0 if n >= 51 else 0.0) for n in range(100)]
    seconds, _ = run_clock(stamps)
    assert seconds == pytest.approx(15.06, abs=0.07)


@pytest.mark.parametrize("name", CODECS.split(","))
def test_every_listed_codec_exists(name):
    assert av.codec.Codec(name, "r").type == "audio"


ENCODERS = {
    "g726": ("g726", "wav", 8_000),
    "gsm_ms": ("libgsm_ms", "wav", 8_000),
    "adpcm_ima_wav": ("adpcm_ima_wav", "wav", 16_000),
    "adpcm_ms": ("adpcm_ms", "wav", 16_000),
    "adpcm_ima_qt": ("adpcm_ima_qt", "caf", 16_000),
    "pcm_alaw": ("pcm_alaw", "wav", 8_000),
    "pcm_mulaw": ("pcm_mulaw", "wav", 8_000),
    "g722": ("g722", "wav", 16_000),
    "alac": ("alac", "ipod", 16_000),
    "mp2": ("mp2", "wav", 32_000),
    "ac3": ("ac3", "matroska", 48_000),
    "vorbis": ("libvorbis", "ogg", 48_000),
    "speex": ("libspeex", "ogg", 16_000),
    "wmav2": ("wmav2", "asf", 44_100),
}


def _can_encode(name):
    try:
        av.codec.Codec(name, "w")
    except av.codec.codec.UnknownCodecError:
        return False
    return True


@pytest.mark.parametrize("name", [n for n, (encoder, *_) in ENCODERS.items() if _can_encode(encoder)])
def test_files_of_recorders_decode(memory_file, tmp_path, talk, name):
    encoder, container, rate = ENCODERS[name]
    path = tmp_path / "day"
    with av.open(str(path), "w", format=container) as out:
        stream = out.add_stream(encoder, rate=rate, layout="mono")
        assert isinstance(stream, av.AudioStream)
        if encoder in ("g726", "wmav2"):
            stream.bit_rate = 32_000 if encoder == "g726" else 64_000
        size = stream.codec_context.frame_size or 1024
        resampler = av.AudioResampler(stream.codec_context.format.name, "mono", rate, frame_size=size)
        frame = av.AudioFrame.from_ndarray(talk.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE, 0
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            if piece is not None:
                out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    samples, facts = decode(memory_file, path.read_bytes())
    assert len(samples) / RATE == pytest.approx(25, abs=0.5)
    assert level(samples) > 0.4 * level(talk), facts
