"""Voice activity detection on a labelled noisy mix: Dayline, the same model with its own settings, and webrtcvad.

`python -m bench.audio.finding [--voices FOLDER] --seconds 120`. FOLDER holds a folder of sound files per voice; without
it the turns of the example days are the voices. Scores are of 10 ms frames. `clips` is what the recogniser gets, with
its padding and short pauses; `frames` is the same without either, which is what the labels mean.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import webrtcvad
from faster_whisper.vad import VadOptions, get_speech_timestamps
from numpy.typing import NDArray

from bench.audio.mix import FRAME_SAMPLES, Scene, read_voices, scenes
from dayline.audio.ports import FRAME_SAMPLES as MODEL_SAMPLES
from dayline.audio.ports import SpeechSettings
from dayline.audio.speech_regions import RegionFinder
from dayline.audio.vad import SpeechProbability

Found = NDArray[np.bool_]
_BARE = replace(SpeechSettings(), pad_seconds=0.0, min_silence_seconds=0.2)
_MAKERS = VadOptions(threshold=0.5, min_speech_duration_ms=250, min_silence_duration_ms=100, speech_pad_ms=30)


def ours(samples: NDArray[np.int16], settings: SpeechSettings) -> Found:
    """Run the model and the finder of ingest."""
    whole = samples[: len(samples) // MODEL_SAMPLES * MODEL_SAMPLES].reshape(-1, MODEL_SAMPLES)
    frames = whole.astype(np.float32) / np.float32(32768)
    levels = 10 * np.log10(np.square(frames).mean(axis=1) + 1e-10)
    finder = RegionFinder(settings)
    regions = [*finder.push(SpeechProbability().push(frames), levels), *finder.finish()]
    return _marked(samples, [(r.start * MODEL_SAMPLES, r.end * MODEL_SAMPLES) for r in regions])


def stock(samples: NDArray[np.int16], options: VadOptions) -> Found:
    """Run faster-whisper's finder."""
    found = get_speech_timestamps(samples.astype(np.float32) / 32768, options)
    return _marked(samples, [(t["start"], t["end"]) for t in found])


def webrtc(samples: NDArray[np.int16]) -> Found:
    """Run webrtcvad in its strictest mode."""
    vad = webrtcvad.Vad(3)
    frames = samples.reshape(-1, FRAME_SAMPLES)
    return np.array([vad.is_speech(frame.tobytes(), 16_000) for frame in frames])


def _marked(samples: NDArray[np.int16], places: Sequence[tuple[int, int]]) -> Found:
    found = np.zeros(len(samples) // FRAME_SAMPLES, np.bool_)
    for start, end in places:
        found[round(start / FRAME_SAMPLES) : round(end / FRAME_SAMPLES)] = True
    return found


FINDERS: dict[str, Callable[[NDArray[np.int16]], Found]] = {
    "ours, frames": lambda samples: ours(samples, _BARE),
    "ours, clips": lambda samples: ours(samples, SpeechSettings()),
    "silero's settings": lambda samples: stock(samples, _MAKERS),
    "faster-whisper's": lambda samples: stock(samples, VadOptions()),
    "webrtcvad 3": webrtc,
}


def run(arguments: Sequence[str]) -> int:
    """Mix, find, score, print."""
    parser = argparse.ArgumentParser(prog="bench.audio.finding", description=__doc__)
    parser.add_argument("--voices", type=Path, default=None)
    parser.add_argument("--seconds", type=float, default=120.0, help="of each condition")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    voices = read_voices(options.voices)
    print(f"{len(voices)} voices, {options.seconds:g} s per condition, seed {options.seed}")
    print(f"{'F1 (alone: % called speech)':28s}" + "".join(f"{name:>20s}" for name in FINDERS))
    counts: dict[str, list[NDArray[np.int64]]] = {name: [] for name in FINDERS}
    for scene in scenes(voices, options.seconds, options.seed):
        row = f"{scene.name:28s}"
        for name, find in FINDERS.items():
            count = _count(scene, find(scene.samples))
            row += f"{_shown(scene, count):>20s}"
            if not scene.name.startswith("babble"):
                counts[name].append(count)
        print(row, flush=True)
    totals = {name: np.sum(rows, axis=0) for name, rows in counts.items()}
    for title, what in (("all but babble: F1", _f1), ("precision", _precision), ("recall", _recall)):
        print(f"{title:28s}" + "".join(f"{what(total):20.3f}" for total in totals.values()))
    return 0


def _count(scene: Scene, found: Found) -> NDArray[np.int64]:
    """Return hits, false alarms and misses."""
    truth = scene.truth
    return np.array([(found & truth).sum(), (found & ~truth).sum(), (~found & truth).sum()])


def _shown(scene: Scene, count: NDArray[np.int64]) -> str:
    return f"{_f1(count):.3f}" if scene.truth.any() else f"{100 * count[1] / len(scene.truth):.1f} %"


def _f1(count: NDArray[np.int64]) -> float:
    return 2 * count[0] / max(1, 2 * count[0] + count[1] + count[2])


def _precision(count: NDArray[np.int64]) -> float:
    return count[0] / max(1, count[0] + count[1])


def _recall(count: NDArray[np.int64]) -> float:
    return count[0] / max(1, count[0] + count[2])


if __name__ == "__main__":
    import sys

    sys.exit(run(sys.argv[1:]))
