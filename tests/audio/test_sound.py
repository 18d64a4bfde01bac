"""The acoustic profile of each second."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dayline.audio.acoustic_features import SoundMeter
from dayline.audio.vad import SpeechProbability

RATE = 16_000


def profile(samples, steps=(1000,)):
    frames = (samples[: len(samples) // 512 * 512].reshape(-1, 512) / 32768).astype(np.float32)
    levels = 10 * np.log10(np.mean(frames**2, axis=1) + np.float32(1e-10)).astype(np.float32)
    voice, meter, at, turn = SpeechProbability().push(frames), SoundMeter(), 0, 0
    while at < len(frames):
        step = steps[turn % len(steps)]
        meter.push(frames[at : at + step], voice[at : at + step], levels[at : at + step])
        at, turn = at + step, turn + 1
    return meter.finish(math.ceil(len(samples) / RATE))


def chords(seconds, seed=0):
    """Music: three-note chords with overtones, a new one twice a second."""
    rng, parts = np.random.default_rng(seed), []
    for _ in range(int(seconds * 2)):
        time_s = np.arange(RATE // 2) / RATE
        root = 220 * 2 ** (rng.integers(0, 12) / 12)
        notes = [root, root * 1.26, root * 1.5]
        part = sum(np.sin(2 * np.pi * n * k * time_s) / k for n in notes for k in (1, 2, 3))
        parts.append(part * np.exp(-time_s * 1.5))
    return (np.concatenate(parts) * 4000).astype(np.int16)


def far(samples, seed=0):
    """The same voice across a room: late reverberation, lower level, some noise."""
    rng = np.random.default_rng(seed)
    tail = rng.standard_normal(RATE // 2) * np.exp(-np.arange(RATE // 2) / (0.09 * RATE))
    size = len(samples) + len(tail)
    wet = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(tail / np.linalg.norm(tail), size))[: len(samples)]
    return (0.12 * wet + 12 * rng.standard_normal(len(samples))).astype(np.int16)


def noise(seconds, level=800, seed=0):
    return (level * np.random.default_rng(seed).standard_normal(int(seconds * RATE))).astype(np.int16)


def test_rows_do_not_depend_on_block_sizes(talk):
    samples = np.concatenate((talk(5), noise(3), chords(4)))
    whole, pieces = profile(samples), profile(samples, steps=(1, 7, 62, 100))
    assert whole.seconds == pieces.seconds == 12
    for name in ("speech", "level_dbfs", "music", "broadcast", "noise"):
        np.testing.assert_allclose(getattr(whole, name), getattr(pieces, name), atol=2e-3, err_msg=name)


def test_rows_are_where_the_sound_is(talk):
    found = profile(np.concatenate((np.zeros(10 * RATE, np.int16), talk(10), np.zeros(10 * RATE, np.int16))))
    assert found.speech[:10].max() < 0.1
    assert found.speech[10:20].mean() > 0.6
    assert found.speech[21:].max() < 0.2
    assert found.level_dbfs[:9].max() <= -90
    assert found.level_dbfs[10:20].mean() > -30
    assert np.isnan(found.near[:9]).all()
    assert not np.isnan(found.near[11:19]).any()


def test_music_is_music_and_talk_is_not(talk):
    assert profile(chords(20)).music[2:18].mean() > 0.6
    assert profile(talk(20)).music.mean() < 0.25
    assert profile(noise(20)).music.mean() < 0.1
    hum = (3000 * np.sin(2 * np.pi * 500 * np.arange(20 * RATE) / RATE)).astype(np.int16)
    assert profile(hum).music[5:].mean() < profile(chords(20)).music[5:].mean()


def test_noise_is_noise():
    assert profile(noise(10)).noise.mean() > 0.6
    assert profile(chords(10)).noise.mean() < 0.3
    assert profile(np.zeros(10 * RATE, np.int16)).noise.max() == 0


def test_near_voices_are_nearer_than_far_ones(talk):
    voice = talk(20, 3)
    near, distant = profile(voice), profile(far(voice))
    assert np.nanmean(near.near) > np.nanmean(distant.near) + 0.25


def test_talk_over_music_sounds_produced(talk):
    voice, bed = talk(20, 5), chords(20)[: 20 * RATE]
    mixed = (voice * 0.7 + bed * 0.2).astype(np.int16)
    assert profile(mixed).broadcast[4:16].mean() > profile(voice).broadcast[4:16].mean() + 0.2


@pytest.mark.parametrize("count", [0, 1, 31, 32])
def test_tiny_recordings_have_a_profile(count):
    found = profile(np.zeros(count * 512, np.int16))
    assert found.seconds == math.ceil(count * 512 / RATE)
