"""Synthesise sounds of a working day other than speech: cars, rooms, steps, music, doors, and room acoustics.

All sounds are computed from a seeded generator, so that the same script gives the same samples without recordings.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .voices import SAMPLE_RATE, Samples

Generator = np.random.Generator


def shaped_noise(count: int, rng: Generator, gain: Callable[[NDArray[Any]], NDArray[Any]]) -> Samples:
    """Noise of RMS 1 whose amplitude at each frequency in Hz is `gain`, made in pieces of a minute."""
    out = np.zeros(count)
    size = 1 << 20
    fade = SAMPLE_RATE // 4
    ramp = np.sqrt(np.linspace(0.0, 1.0, fade))
    for start in range(0, count, size - fade):
        spectrum = np.fft.rfft(rng.standard_normal(size))
        piece = np.fft.irfft(spectrum * gain(np.fft.rfftfreq(size, 1 / SAMPLE_RATE)), size)
        piece /= np.sqrt((piece**2).mean())
        if start:
            piece[:fade] *= ramp
        piece[-fade:] *= ramp[::-1]
        room = min(size, count - start)
        out[start : start + room] += piece[:room]
    return out


def car(count: int, rng: Generator) -> Samples:
    """Inside of a driving car: rumble falling with frequency, a few engine tones, varying speed."""
    rumble = shaped_noise(count, rng, lambda f: 1.0 / (1.0 + (f / 90.0) ** 1.6) * (f > 25))
    seconds = np.arange(count) / SAMPLE_RATE
    speed = 1.0 + 0.12 * np.sin(2 * np.pi * seconds / 17.0) + 0.05 * np.sin(2 * np.pi * seconds / 5.3)
    phase = 2 * np.pi * np.cumsum(42.0 * speed) / SAMPLE_RATE
    engine = np.sin(phase) + 0.5 * np.sin(2 * phase + 0.4) + 0.25 * np.sin(4 * phase + 1.0)
    return (rumble + 0.35 * engine) * speed


def room(count: int, rng: Generator) -> Samples:
    """A quiet room: soft noise that falls with frequency and a trace of mains hum."""
    hum = np.sin(2 * np.pi * 60.0 * np.arange(count) / SAMPLE_RATE)
    return shaped_noise(count, rng, lambda f: 1.0 / np.sqrt(1.0 + (f / 60.0) ** 2)) + 0.15 * hum


def outside(count: int, rng: Generator) -> Samples:
    """Outdoors: wind that swells and far traffic."""
    seconds = np.arange(count) / SAMPLE_RATE
    swell = 1.0 + 0.4 * np.sin(2 * np.pi * seconds / 7.1) * np.sin(2 * np.pi * seconds / 3.3)
    return shaped_noise(count, rng, lambda f: 1.0 / (1.0 + (f / 200.0) ** 1.2) * (f > 40)) * swell


def footsteps(count: int, rng: Generator) -> Samples:
    """Steps a little under two a second, each a dull thump with a scrape; RMS is set by the peaks, about 1."""
    out = np.zeros(count)
    position = int(0.3 * SAMPLE_RATE)
    length = int(0.16 * SAMPLE_RATE)
    decay = np.exp(-np.arange(length) / (0.03 * SAMPLE_RATE))
    while position + length < count:
        thump = shaped_burst(length, rng, 60.0, 400.0) * decay
        out[position : position + length] += thump * rng.uniform(1.5, 3.5)
        position += int(SAMPLE_RATE * rng.uniform(0.5, 0.68))
        if rng.random() < 0.12:
            position += int(SAMPLE_RATE * rng.uniform(1.0, 4.0))
    return out


def shaped_burst(count: int, rng: Generator, low_hz: float, high_hz: float) -> Samples:
    """A short band of noise between two frequencies, RMS 1."""
    spectrum = np.fft.rfft(rng.standard_normal(count))
    frequency = np.fft.rfftfreq(count, 1 / SAMPLE_RATE)
    burst = np.fft.irfft(spectrum * ((frequency >= low_hz) & (frequency <= high_hz)), count)
    return burst / np.sqrt((burst**2).mean())


def dishes(count: int, rng: Generator) -> Samples:
    """Now and then a cup or a fork: a few high tones that ring out."""
    out = np.zeros(count)
    length = int(0.35 * SAMPLE_RATE)
    seconds = np.arange(length) / SAMPLE_RATE
    position = int(SAMPLE_RATE * rng.uniform(1.0, 3.0))
    while position + length < count:
        tones = sum(np.sin(2 * np.pi * rng.uniform(1800, 5200) * seconds) for _ in range(3))
        out[position : position + length] += tones * np.exp(-seconds / 0.05) * rng.uniform(0.5, 2.0)
        position += int(SAMPLE_RATE * rng.uniform(0.8, 5.0))
    return out


def music(count: int, rng: Generator) -> Samples:
    """A plain pop bed: four chords in turn, arpeggio, bass and a brushed beat at 104 beats a minute."""
    beat = int(SAMPLE_RATE * 60 / 104)
    out = np.zeros(count + 4 * beat)
    chords = [(57, 60, 64), (53, 57, 60), (48, 52, 55), (55, 59, 62)]
    brush = shaped_burst(beat // 4, rng, 3000, 7000) * np.exp(-np.arange(beat // 4) / (0.02 * SAMPLE_RATE))
    for step, start in enumerate(range(0, count, beat // 2)):
        chord = chords[(step // 8) % 4]
        add_note(out, start, chord[step % 3] + 12, beat, 0.5)
        if step % 8 == 0:
            add_note(out, start, chord[0] - 12, 4 * beat, 0.9)
        if step % 2:
            out[start : start + len(brush)] += 0.4 * brush
    return out[:count] / np.sqrt((out[:count] ** 2).mean())


def add_note(out: Samples, start: int, midi: int, length: int, gain: float) -> None:
    """Add one plucked note (MIDI number) of `length` samples to `out` in place."""
    length = min(length, len(out) - start)
    seconds = np.arange(length) / SAMPLE_RATE
    frequency = 440.0 * 2 ** ((midi - 69) / 12)
    tone = sum(np.sin(2 * np.pi * frequency * k * seconds) / k**1.5 for k in range(1, 6))
    out[start : start + length] += gain * tone * np.exp(-seconds / 0.5) * np.minimum(1.0, seconds / 0.01)


def knock(count: int, rng: Generator) -> Samples:
    """Three knocks on wood."""
    out = np.zeros(count)
    length = int(0.09 * SAMPLE_RATE)
    decay = np.exp(-np.arange(length) / (0.015 * SAMPLE_RATE))
    for number in range(3):
        start = int((0.1 + 0.24 * number) * SAMPLE_RATE)
        out[start : start + length] += 4.0 * shaped_burst(length, rng, 120, 900) * decay
    return out


def door(count: int, rng: Generator) -> Samples:
    """A door that falls shut."""
    out = np.zeros(count)
    length = int(0.4 * SAMPLE_RATE)
    out[:length] = 4.0 * shaped_burst(length, rng, 40, 500) * np.exp(-np.arange(length) / (0.06 * SAMPLE_RATE))
    return out


def ring(count: int, rng: Generator) -> Samples:
    """A telephone's two tones, on and off, a little off pitch from one telephone to the next."""
    seconds = np.arange(count) / SAMPLE_RATE
    tuning = rng.uniform(0.97, 1.03)
    tones: Samples = np.sin(2 * np.pi * 440 * tuning * seconds) + np.sin(2 * np.pi * 480 * tuning * seconds)
    return np.where(seconds % 2.0 < 0.9, 0.7 * tones, 0.0)


SOUNDS: dict[str, Callable[[int, Generator], Samples]] = {
    "car": car,
    "room": room,
    "outside": outside,
    "footsteps": footsteps,
    "dishes": dishes,
    "music": music,
    "knock": knock,
    "door": door,
    "ring": ring,
}


def band_pass(samples: Samples, low_hz: float, high_hz: float) -> Samples:
    """Return the band between two frequencies, with soft edges (fourth order by shape)."""
    frequency = np.maximum(np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE), 1e-3)
    gain = 1 / np.sqrt(1 + (low_hz / frequency) ** 8) / np.sqrt(1 + (frequency / high_hz) ** 8)
    return np.fft.irfft(np.fft.rfft(samples) * gain, len(samples))


def in_room(samples: Samples, seconds: float, wet: float, rng: Generator) -> Samples:
    """Add the reverberation of a room that decays by 60 dB in `seconds`; the result is longer by the tail."""
    tail = int(seconds * SAMPLE_RATE)
    response = shaped_burst(tail, rng, 150, 6000) * 10 ** (-3 * np.arange(tail) / tail)
    response *= wet / np.sqrt((response**2).sum())
    response[0] += 1.0
    size = len(samples) + tail
    return np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(response, size), size)
