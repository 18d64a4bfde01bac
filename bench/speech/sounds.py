"""Sounds without a word in them, made from a seed: silence, car, fan, music, beeps, and babble of many voices."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from dayline.domain.clip import SAMPLE_RATE_HZ, Clip

Samples = NDArray[np.float32]
_BABBLE_VOICES = 12
_NOTES_HZ = (220.0, 246.9, 277.2, 293.7, 329.6, 370.0, 415.3, 440.0)


def silence(rng: np.random.Generator, size: int) -> Samples:
    """Room noise some 65 dB below full scale."""
    return (rng.normal(size=size) * 10 ** (-65 / 20)).astype(np.float32)


def car(rng: np.random.Generator, size: int) -> Samples:
    """Rumble with a 1/f^2 spectrum, an engine tone that moves slowly, and the load of the road coming and going."""
    rumble = _coloured(rng, size, 2.0)
    time = np.arange(size) / SAMPLE_RATE_HZ
    pitch = np.cumsum(85 + 15 * np.sin(2 * np.pi * 0.07 * time + rng.uniform(0, 6))) / SAMPLE_RATE_HZ
    engine = np.sin(2 * np.pi * pitch) + 0.5 * np.sin(4 * np.pi * pitch)
    swell = 1 + 0.5 * np.sin(2 * np.pi * 0.2 * time + rng.uniform(0, 6))
    return _level((rumble / rumble.std() + 0.4 * engine) * swell, -24.0)


def fan(rng: np.random.Generator, size: int) -> Samples:
    """Steady noise with a 1/f spectrum and a hum."""
    hum = np.sin(2 * np.pi * 100 * np.arange(size) / SAMPLE_RATE_HZ)
    noise = _coloured(rng, size, 1.0)
    return _level(noise / noise.std() + 0.3 * hum, -30.0)


def music(rng: np.random.Generator, size: int) -> Samples:
    """A melody of plucked notes over chords and a drum, 120 beats a minute."""
    out = np.zeros(size)
    beat = SAMPLE_RATE_HZ // 2
    time = np.arange(beat * 2) / SAMPLE_RATE_HZ
    for at in range(0, size, beat):
        room = min(len(time), size - at)
        note = rng.choice(_NOTES_HZ) * rng.choice((1.0, 2.0))
        tone = sum(np.sin(2 * np.pi * note * k * time) / k for k in (1, 2, 3, 4)) * np.exp(-3 * time)
        chord = sum(np.sin(2 * np.pi * _NOTES_HZ[i] / 2 * time) for i in (0, 2, 4)) * 0.3 * np.exp(-time)
        drum = rng.normal(size=len(time)) * np.exp(-40 * time)
        out[at : at + room] += (tone + chord + drum)[:room]
    return _level(out, -20.0)


def beeps(rng: np.random.Generator, size: int) -> Samples:
    """Pairs of tones of 60 to 400 ms with pauses, as keys, scanners and reversing lorries make them."""
    out = np.zeros(size)
    at = int(rng.uniform(0, 0.5) * SAMPLE_RATE_HZ)
    while at < size:
        length = int(rng.uniform(0.06, 0.4) * SAMPLE_RATE_HZ)
        time = np.arange(min(length, size - at)) / SAMPLE_RATE_HZ
        low, high = rng.choice((697, 770, 852, 941, 1000)), rng.choice((1209, 1336, 1477, 2000))
        out[at : at + len(time)] += np.sin(2 * np.pi * low * time) + np.sin(2 * np.pi * high * time)
        at += length + int(rng.uniform(0.1, 0.9) * SAMPLE_RATE_HZ)
    return _level(out + rng.normal(size=size) * 0.002, -22.0)


def babble(voices: Sequence[NDArray[np.int16]]) -> Callable[[np.random.Generator, int], Samples]:
    """Return a maker of babble: twelve stretches of the given recordings at once."""

    def make(rng: np.random.Generator, size: int) -> Samples:
        out = np.zeros(size)
        for _ in range(_BABBLE_VOICES):
            voice = voices[int(rng.integers(len(voices)))].astype(np.float32)
            tiled = np.tile(voice, 2 + size // len(voice))
            start = rng.integers(len(voice))
            out += tiled[start : start + size] / max(1.0, float(voice.std()))
        return _level(out, -25.0)

    return make


def clips_of(
    make: Callable[[np.random.Generator, int], Samples], minutes: float, seed: int, max_seconds: float = 25.0
) -> list[Clip]:
    """Return clips of 1 s to `max_seconds` of a sound, `minutes` in all, with pauses between them."""
    rng = np.random.default_rng(seed)
    clips: list[Clip] = []
    at = total = 0.0
    while total < minutes * 60:
        seconds = float(rng.uniform(1.0, max_seconds))
        samples = make(rng, int(seconds * SAMPLE_RATE_HZ))
        clips.append(Clip((np.clip(samples, -1, 1) * 32767).astype(np.int16), at))
        total += seconds
        at += seconds + float(rng.uniform(0.5, 5.0))
    return clips


def _coloured(rng: np.random.Generator, size: int, power: float) -> Samples:
    """Return noise whose power falls with frequency to the given power, above 20 Hz."""
    spectrum = np.fft.rfft(rng.normal(size=size))
    frequency = np.fft.rfftfreq(size, 1 / SAMPLE_RATE_HZ)
    spectrum *= 1.0 / np.maximum(frequency, 20.0) ** (power / 2)
    return np.fft.irfft(spectrum, size).astype(np.float32)


def _level(samples: NDArray[np.floating], dbfs: float) -> Samples:
    return (samples / (np.sqrt(np.mean(np.square(samples))) + 1e-9) * 10 ** (dbfs / 20)).astype(np.float32)
