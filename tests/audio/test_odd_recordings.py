"""Samples that are no numbers, integers in float files, formats that change, ends that are missing."""

from __future__ import annotations

import struct
from fractions import Fraction

import av
import numpy as np
import pytest

from dayline.audio.decode import Decoder
from dayline.audio.level import LevelControl
from dayline.audio.ports import IngestLimits
from tests.audio.conftest import make_talk

RATE = 16_000


def decode(memory_file, data):
    decoder = Decoder(memory_file(data), IngestLimits(), is_seekable=True)
    blocks = list(decoder.blocks())
    return np.concatenate(blocks), decoder.facts


def level(samples):
    return float(np.sqrt(np.mean(np.asarray(samples, np.float64) ** 2)))


def float_wav(samples, *, channels=1, declared=None) -> bytes:
    data = np.asarray(samples, "<f4").tobytes()
    head = struct.pack("<IHHIIHH", 16, 3, channels, RATE, RATE * 4 * channels, 4 * channels, 32)
    size = len(data) if declared is None else declared
    lengths = [struct.pack("<I", number & 0xFFFFFFFF) for number in (36 + size, size)]
    return b"RIFF" + lengths[0] + b"WAVEfmt " + head + b"data" + lengths[1] + data


@pytest.fixture(scope="module")
def talk():
    return (make_talk(25, seed=5) / 32768).astype(np.float32)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30])
@pytest.mark.parametrize("channels", [1, 2])
def test_samples_that_are_no_numbers_cost_only_themselves(memory_file, talk, value, channels):
    broken = np.repeat(talk[:, None], channels, axis=1)
    broken[5 * RATE, 0] = value
    samples, facts = decode(memory_file, float_wav(broken, channels=channels))
    near = slice(5 * RATE - 200, 5 * RATE + 200)
    expected = np.delete(talk * 32768, np.r_[near])
    heard = np.delete(samples[: len(talk)].astype(float), np.r_[near])
    assert np.abs(heard - expected).max() < 30  # of two channels, the weights move a little
    assert [text for text in facts.warnings if "no numbers" in text]


@pytest.mark.parametrize("scale", [2.0**15, 2.0**23, 2.0**31])
def test_integers_in_a_float_file_are_brought_to_scale(memory_file, talk, scale):
    samples, facts = decode(memory_file, float_wav(talk * scale))
    assert np.abs(samples[: len(talk)].astype(float) - talk * 32768).max() < 3
    assert [text for text in facts.warnings if "over full scale" in text]


def test_single_peaks_change_nothing_around_them(talk):
    block = talk[: 10 * RATE].copy()
    block[[300, 70_000]] = 5_000.0, -90_000.0
    out = LevelControl().to_int16(block).astype(float)
    kept = np.delete(np.arange(len(block)), [300, 70_000])
    assert np.abs(out[kept] - block[kept] * 32768).max() < 3
    assert out[300] == 32767
    assert out[70_000] == -32768


def test_a_little_over_full_scale_stays_as_it_is(talk):
    control = LevelControl()
    loud = talk[: 10 * RATE] / np.abs(talk).max() * 3.0
    loud = (loud - loud.mean()).astype(np.float32)
    out = control.to_int16(loud).astype(float)
    assert np.abs(out - np.clip(np.rint(loud * 32768), -32768, 32767)).max() <= 1
    assert control.warnings() == []


def encoded(samples, path, codec, rate, layout) -> bytes:
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=rate, layout=layout)
        resampler = av.AudioResampler(
            stream.codec_context.format.name, layout, rate, frame_size=stream.codec_context.frame_size or 1024
        )
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            if piece is not None:
                out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    return path.read_bytes()


@pytest.mark.parametrize(
    ("codec", "kind", "first", "second"),
    [
        ("aac", "aac", (44_100, "stereo"), (22_050, "mono")),
        ("aac", "aac", (16_000, "mono"), (48_000, "stereo")),
        ("flac", "flac", (44_100, "stereo"), (22_050, "mono")),
        ("libmp3lame", "mp3", (8_000, "mono"), (48_000, "stereo")),
    ],
)
def test_joined_parts_of_two_sample_rates_keep_their_lengths(memory_file, tmp_path, codec, kind, first, second):
    talk = make_talk(20, seed=6)
    parts = [encoded(talk, tmp_path / f"{n}.{kind}", codec, *of) for n, of in enumerate((first, second))]
    samples, facts = decode(memory_file, b"".join(parts))
    assert len(samples) / RATE == pytest.approx(40, abs=1.0)
    # Stereo of one voice is written 3 dB lower.
    assert level(samples[: 20 * RATE]) == pytest.approx(level(samples[20 * RATE :]), rel=0.5)
    assert facts.gaps_seconds < 0.1


@pytest.mark.parametrize(
    ("codec", "kind", "rate"),
    [
        ("flac", "flac", 44_100),
        ("libmp3lame", "mp3", 44_100),
        ("libmp3lame", "mp3", 16_000),
        ("libopus", "mka", 48_000),
    ],
)
def test_a_missing_end_is_told(memory_file, tmp_path, codec, kind, rate):
    data = encoded(make_talk(30, seed=7), tmp_path / f"day.{kind}", codec, rate, "mono")
    _, facts = decode(memory_file, data)
    assert facts.warnings == []
    samples, facts = decode(memory_file, data[: len(data) * 2 // 3])
    assert 15 < len(samples) / RATE < 25
    assert [text for text in facts.warnings if "states a length of 30 s" in text]


def test_a_wav_that_states_more_than_it_holds_is_told(memory_file, talk):
    data = float_wav(talk)
    _, facts = decode(memory_file, data[: len(data) * 2 // 3])
    assert [text for text in facts.warnings if "more sound than the file holds" in text]
    for placeholder in (0, 0x7FFFFFFF, 0x7FFFF000, 0xFFFFFFFF, len(data) - 44):
        _, facts = decode(memory_file, float_wav(talk, declared=placeholder))
        assert facts.warnings == []


def test_an_empty_last_packet_is_no_missing_end(memory_file, tmp_path):
    data = bytearray(encoded(make_talk(20, seed=8), tmp_path / "day.m4a", "aac", 44_100, "mono"))
    table = data.index(b"stsz") + 4
    packets = int.from_bytes(data[table + 8 : table + 12], "big")
    data[table + 12 + 4 * (packets - 2) : table + 12 + 4 * packets] = bytes(8)
    samples, facts = decode(memory_file, bytes(data))
    assert len(samples) / RATE == pytest.approx(20, abs=0.1)
    assert facts.warnings == []
    assert facts.bad_packets == 0
