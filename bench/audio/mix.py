"""A labelled noisy mix: voices with pauses, and car noise, pink noise, music, babble or nothing behind them.

Labels come from the loudness of the clean voices in frames of 10 ms, pauses of up to 0.2 s filled, so they know where
a voice is and not where an editor would set a mark.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.audio.material import EXAMPLES, RATE_HZ, decode_plain

FRAME_SAMPLES = 160
BACKGROUNDS = ("car", "pink", "music", "babble")
RATIOS_DB = (15, 5, 0)
Sound = NDArray[np.float32]
_LONGEST_UTTERANCE_SECONDS, _BELOW_LOUD_DB, _FILLED_FRAMES = 15.0, 28.0, 20


@dataclass(frozen=True)
class Scene:
    """A piece of sound, and for each 10 ms whether a voice speaks in it."""

    name: str
    samples: NDArray[np.int16]
    truth: NDArray[np.bool_]


def read_voices(folder: Path | None) -> dict[str, list[Sound]]:
    """Read utterances per voice: a folder of folders of sound files, or the turns of the example days."""
    if folder is None:
        return _example_voices()
    voices: dict[str, list[Sound]] = {}
    for directory in sorted(d for d in folder.iterdir() if d.is_dir()):
        files = sorted(f for f in directory.iterdir() if f.suffix in {".flac", ".wav"})
        voices[directory.name] = [decode_plain(f).astype(np.float32) / np.float32(32768) for f in files]
    return {name: utterances for name, utterances in voices.items() if utterances}


def _example_voices() -> dict[str, list[Sound]]:
    voices: dict[str, list[Sound]] = {}
    for path in EXAMPLES:
        sound = decode_plain(path).astype(np.float32) / np.float32(32768)
        truth = json.loads(path.with_name("truth.json").read_text(encoding="utf-8"))
        for turn in truth["turns"]:
            start, end = (int(turn[key] * RATE_HZ) for key in ("start_seconds", "end_seconds"))
            voices.setdefault(f"{path.parent.name}:{turn['voice']}", []).append(sound[start:end])
    return voices


def scenes(voices: dict[str, list[Sound]], seconds: float, seed: int) -> Iterator[Scene]:
    """Yield voices alone, voices over each background at each ratio, each background alone, and silence."""
    draw = np.random.default_rng(seed)
    count = int(seconds * 100) * FRAME_SAMPLES
    nobody = np.zeros(count // FRAME_SAMPLES, np.bool_)
    clean, truth = talk(voices, count, draw)
    yield Scene("quiet", _finished(clean, draw), truth)
    for name in BACKGROUNDS:
        for ratio_db in RATIOS_DB:
            clean, truth = talk(voices, count, draw)
            noise = background(name, voices, count, draw)
            loud = np.sqrt(np.mean(np.square(clean.reshape(-1, FRAME_SAMPLES)[truth])))
            noise *= loud / np.sqrt(np.mean(np.square(noise))) * 10 ** (-ratio_db / 20)
            yield Scene(f"{name} {ratio_db} dB", _finished(clean + noise, draw), truth)
        noise = background(name, voices, count, draw)
        yield Scene(f"{name} alone", _finished(noise / np.abs(noise).max() * 0.2, draw), nobody)
    yield Scene("silence alone", _finished(np.zeros(count, np.float32), draw), nobody)


def talk(voices: dict[str, list[Sound]], count: int, draw: np.random.Generator) -> tuple[Sound, NDArray[np.bool_]]:
    """Return voices in turn with pauses of 0.5 to 4 s and levels 12 dB apart, and where they speak."""
    out, truth, at, names = np.zeros(count, np.float32), np.zeros(count // FRAME_SAMPLES, np.bool_), 0, list(voices)
    while at < count:
        utterances = voices[names[int(draw.integers(len(names)))]]
        piece = utterances[int(draw.integers(len(utterances)))][: int(_LONGEST_UTTERANCE_SECONDS * RATE_HZ)]
        piece = piece[: min(len(piece), count - at) // FRAME_SAMPLES * FRAME_SAMPLES]
        if len(piece):
            level = 0.08 * 10 ** (-draw.uniform(0, 12) / 20)
            out[at : at + len(piece)] = piece / max(1e-6, float(np.sqrt(np.mean(np.square(piece))))) * level
            active = _active(piece)
            truth[at // FRAME_SAMPLES : at // FRAME_SAMPLES + len(active)] = active
        at += len(piece) + int(draw.uniform(0.5, 4.0) * 100) * FRAME_SAMPLES
    return out, truth


def _active(sound: Sound) -> NDArray[np.bool_]:
    levels = 10 * np.log10(np.square(sound.reshape(-1, FRAME_SAMPLES)).mean(axis=1) + 1e-10)
    active = levels > np.quantile(levels, 0.95) - _BELOW_LOUD_DB
    places = np.flatnonzero(active)
    for before, after in itertools.pairwise(places.tolist()):
        if after - before <= _FILLED_FRAMES:
            active[before:after] = True
    return active


def background(name: str, voices: dict[str, list[Sound]], count: int, draw: np.random.Generator) -> Sound:
    """Return a background of any level."""
    if name == "music":
        return music(count, draw)
    if name == "babble":
        layers = [talk(voices, count, draw)[0] for _ in range(7)]
        return np.stack(layers).sum(axis=0, dtype=np.float32)
    return engine(count, draw) if name == "car" else coloured(count, 0.5, draw)


def coloured(count: int, slope: float, draw: np.random.Generator) -> Sound:
    """Return noise whose amplitude falls with frequency to the power of `slope`."""
    size = 1 << (count - 1).bit_length()
    shape = 1 / np.maximum(np.fft.rfftfreq(size, 1 / RATE_HZ), 30) ** slope
    noise = np.fft.irfft(np.fft.rfft(draw.standard_normal(size)) * shape, size)[:count]
    return (noise / np.sqrt(np.mean(np.square(noise)))).astype(np.float32)


def engine(count: int, draw: np.random.Generator) -> Sound:
    """Return a car from inside: harmonics of a speed that wanders, over road noise."""
    knots = np.linspace(0, count, max(2, count // (RATE_HZ * 8)))
    speed_hz = np.interp(np.arange(count), knots, draw.uniform(22, 45, len(knots)))
    phase = 2 * np.pi * np.cumsum(speed_hz) / RATE_HZ
    hum = sum(np.sin(k * phase + draw.uniform(0, 6)) / k for k in range(1, 13))
    return (0.5 * np.asarray(hum) + coloured(count, 1.3, draw)).astype(np.float32)


def music(count: int, draw: np.random.Generator) -> Sound:
    """Return chords, a melody and a beat at 100 to 130 beats per minute."""
    out = np.zeros(count + 4 * RATE_HZ, np.float64)
    beat = int(RATE_HZ * 60 / draw.uniform(100, 130))
    root = 0
    for number, at in enumerate(range(0, count, beat)):
        if number % 4 == 0:
            root = int(draw.choice((0, 5, 7, 9)))
            for step in (0, 4, 7):
                _note(out, at, 130.8 * 2 ** ((root + step) / 12), beat * 4, 0.25)
        _note(out, at, 523.3 * 2 ** ((root + int(draw.choice((0, 2, 4, 7, 9)))) / 12), beat, 0.35)
        hit = draw.standard_normal(1600) * np.exp(-np.arange(1600) / 300)
        out[at : at + 1600] += hit * (0.5 if number % 2 else 0.25)
    return out[:count].astype(np.float32)


def _note(out: NDArray[np.float64], at: int, pitch_hz: float, length: int, loudness: float) -> None:
    time_s = np.arange(length) / RATE_HZ
    shape = np.minimum(time_s / 0.02, 1) * np.exp(-1.5 * time_s)
    tone = sum(np.sin(2 * np.pi * pitch_hz * k * time_s) / k**1.5 for k in range(1, 6))
    end = min(len(out), at + length)
    out[at:end] += (loudness * shape * tone)[: end - at]


def _finished(sound: NDArray[np.floating], draw: np.random.Generator) -> NDArray[np.int16]:
    """Add the hiss of a microphone at -75 dBFS and return 16 bit samples."""
    noisy = sound + draw.standard_normal(len(sound)) * 10 ** (-75 / 20)
    return (np.clip(noisy, -1, 1) * 32767).astype(np.int16)
