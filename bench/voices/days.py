"""Days of known voices: conversations put together from utterances, each in its own room, level and noise.

A source is a folder of folders of sound files, one per voice (LibriSpeech's layout without the chapter level). Nothing
of it is kept in the repository.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

RATE_HZ = 16_000
FRAME_SECONDS = 0.01
FRAME_SAMPLES = 160
Sound = NDArray[np.float32]


@dataclasses.dataclass
class Day:
    """Pieces of sound with their place on the clock, and who speaks in each 10 ms frame (-1 nobody)."""

    pieces: list[tuple[float, Sound]]
    speakers: NDArray[np.int16]
    rep: int
    names: list[str]

    @property
    def duration_seconds(self) -> float:
        return len(self.speakers) * FRAME_SECONDS


def read_voices(folder: Path) -> dict[str, list[Sound]]:
    """Read every voice of a folder."""
    return {
        d.name: [read_sound(f) for f in sorted(d.iterdir()) if f.suffix in {".flac", ".wav"}]
        for d in sorted(folder.iterdir())
        if d.is_dir()
    }


def read_sound(path: Path) -> Sound:
    """Read a sound file as mono float32 at 16 kHz."""
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("s16", "mono", RATE_HZ)
        frames = [f for frame in container.decode(audio=0) for f in resampler.resample(frame)]
        frames += resampler.resample(None)
    return np.concatenate([f.to_ndarray().reshape(-1) for f in frames]).astype(np.float32) / np.float32(32768)


def shifted(voices: dict[str, list[Sound]], factor: float) -> dict[str, list[Sound]]:
    """Return other voices made from these: played faster or slower, so that pitch and vocal tract change together."""
    out = {}
    for name, utterances in voices.items():
        grid = [np.arange(0, len(u) - 1, factor) for u in utterances]
        out[f"{name}x{factor:g}"] = [
            np.interp(g, np.arange(len(u)), u).astype(np.float32) for g, u in zip(grid, utterances, strict=True)
        ]
    return out


def equalised(voices: dict[str, list[Sound]]) -> dict[str, list[Sound]]:
    """Give every voice the same long-term spectrum, so that only the voice itself tells one from another."""
    spectra = {name: _long_term(utterances) for name, utterances in voices.items()}
    target = np.exp(np.mean([np.log(s) for s in spectra.values()], axis=0))
    return {n: [_filtered(u, np.sqrt(target / spectra[n])) for u in us] for n, us in voices.items()}


def build(
    voices: dict[str, list[Sound]],
    rep: str,
    others: list[str],
    rng: np.random.Generator,
    *,
    conversations: int = 10,
    seconds: tuple[float, float] = (90, 260),
    extras: Sequence[str] = ("radio", "office", "alone"),
    gap_seconds: tuple[float, float] = (20, 300),
) -> Day:
    """Build a day: conversations of the rep with one or two others; between them a radio, an office, the rep alone."""
    names = [rep, *others]
    makers = {n: voices[n] for n in names}
    kinds = ["talk"] * conversations + list(extras)
    rng.shuffle(kinds)
    pieces: list[tuple[float, Sound]] = []
    labels: list[NDArray[np.int16]] = []
    clock = 0
    previous = ""
    for kind in kinds:
        customers = [o for o in others if o != previous]
        first = str(rng.choice(customers))
        second = str(rng.choice([o for o in others if o != first]))
        cast = {
            "talk": [rep, first] if rng.random() < 0.7 else [rep, first, second],
            "radio": [first],
            "office": [first, second],
            "alone": [rep],
        }[kind]
        previous = first
        length = rng.uniform(*seconds) if kind == "talk" else rng.uniform(30, 90)
        sound, who = _conversation(makers, names, cast, length, rng)
        gap = int(rng.uniform(*gap_seconds) * 100)
        clock += gap
        labels.append(np.full(gap, -1, np.int16))
        pieces.append((clock * FRAME_SECONDS, _room_noise(sound, rng)))
        labels.append(who)
        clock += len(who)
    return Day(pieces, np.concatenate(labels), 0, names)


def _conversation(
    voices: dict[str, list[Sound]], names: list[str], cast: list[str], seconds: float, rng: np.random.Generator
) -> tuple[Sound, NDArray[np.int16]]:
    frames = int(seconds * 100)
    out = np.zeros((frames + 3000) * FRAME_SAMPLES, np.float32)
    who = np.full(frames + 3000, -1, np.int16)
    gains = {n: 10 ** (-(0 if n == names[0] else rng.uniform(0, 8)) / 20) for n in cast}
    rooms = {n: _room(rng, near=n == names[0]) for n in cast}
    at, turn = 0, int(rng.integers(len(cast)))
    while at < frames:
        name = cast[turn % len(cast)]
        piece, active = _turn(voices[name], float(np.clip(rng.lognormal(1.1, 0.7), 0.6, 12)), rng)
        wet = _convolve(piece, rooms[name])[: len(out) - at * FRAME_SAMPLES] * gains[name]
        out[at * FRAME_SAMPLES : at * FRAME_SAMPLES + len(wet)] += wet
        view = who[at : at + len(active)]
        view[active[: len(view)]] = names.index(name)
        at += len(active) + int(rng.uniform(5, 80))
        step = 1 if len(cast) < 3 or rng.random() < 0.7 else 2
        turn += step if rng.random() < 0.85 else 0
    return out[: at * FRAME_SAMPLES], who[:at]


def _turn(utterances: list[Sound], seconds: float, rng: np.random.Generator) -> tuple[Sound, NDArray[np.bool_]]:
    sound = utterances[int(rng.integers(len(utterances)))]
    level = _levels(sound)
    length = min(int(seconds * 100), len(level))
    lo = int(rng.integers(0, len(level) - length + 1))
    lo = _quietest(level, lo)
    hi = max(_quietest(level, min(lo + length, len(level) - 1)), lo + 40)
    piece = sound[lo * FRAME_SAMPLES : hi * FRAME_SAMPLES]
    return piece, _levels(piece) > np.quantile(level, 0.95) - 30


def _levels(sound: Sound) -> NDArray[np.float32]:
    frames = sound[: len(sound) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    return 10 * np.log10(np.square(frames).mean(1) + 1e-10)


def _quietest(level: NDArray[np.float32], at: int, reach: int = 25) -> int:
    lo = max(0, at - reach)
    return lo + int(np.argmin(level[lo : at + reach + 1]))


def _room(rng: np.random.Generator, *, near: bool) -> Sound:
    decay_seconds = rng.uniform(0.15, 0.5)
    n = int(decay_seconds * RATE_HZ)
    tail = rng.standard_normal(n) * np.exp(-6.9 * np.arange(n) / n)
    tail *= np.sqrt(10 ** ((-9 if near else rng.uniform(-6, 0)) / 10) / np.square(tail).sum())
    tail[0] = 1.0
    tilt = rng.uniform(-6, 6)
    freq = np.fft.rfftfreq(n, 1 / RATE_HZ)
    gain = 10 ** (tilt * np.log2(np.maximum(freq, 60) / 1000) / 3 / 20)
    return np.fft.irfft(np.fft.rfft(tail) * gain, n).astype(np.float32)


def _room_noise(sound: Sound, rng: np.random.Generator) -> Sound:
    kind, snr_db = rng.choice(["car", "pink", "quiet", "hum"]), rng.uniform(5, 20)
    freq = np.fft.rfftfreq(len(sound), 1 / RATE_HZ)
    shape = {"car": 1 / np.maximum(freq, 30) ** 1.5, "pink": 1 / np.maximum(freq, 30) ** 0.5}.get(str(kind))
    if shape is None:
        shape, snr_db = np.ones_like(freq), 35.0
    noise = np.fft.irfft(np.fft.rfft(rng.standard_normal(len(sound))) * shape, len(sound))
    loud = np.sqrt(np.mean(np.square(sound)))
    noise *= loud / np.sqrt(np.mean(np.square(noise))) * 10 ** (-snr_db / 20)
    mixed = (sound + noise) * 10 ** (rng.uniform(-12, 6) / 20)
    return np.clip(mixed, -1, 1).astype(np.float32)


def _convolve(x: Sound, response: Sound) -> Sound:
    n = 1 << (len(x) + len(response) - 1).bit_length()
    return np.fft.irfft(np.fft.rfft(x, n) * np.fft.rfft(response, n), n)[: len(x)].astype(np.float32)


def _long_term(utterances: list[Sound]) -> NDArray[np.float64]:
    x = np.concatenate(utterances)
    frames = x[: len(x) // 512 * 512].reshape(-1, 512) * np.hanning(512)
    return np.square(np.abs(np.fft.rfft(frames, axis=1))).mean(0) + 1e-9


def _filtered(x: Sound, gain: NDArray[np.float64]) -> Sound:
    full = np.interp(np.linspace(0, 1, len(x) // 2 + 1), np.linspace(0, 1, len(gain)), gain)
    return np.fft.irfft(np.fft.rfft(x) * full, len(x)).astype(np.float32)
