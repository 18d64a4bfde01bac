"""Count the words that the Whisper adapter invents over generated sound without speech.

    python -m bench.speech.invented --models-dir DIR [--model NAME ...] [--kinds babble beeps] [--state FILE]

30 minutes of each kind of sound are made from seeds, in pieces of 5 minutes and clips of 1 to 25 s, and taken through
the adapter and the checks as a worker does it, without a language in the request, so that the language is guessed as
well. Every line that stays is printed. Babble is made of twelve stretches of the example days' voices at once, or of
those in `--voices` (a folder of sound files per voice). With `--state` a run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypedDict

import numpy as np

from bench.audio.mix import read_voices
from bench.speech import sounds
from dayline.asr.answer_checks import transcribe_checked
from dayline.asr.faster_whisper import FasterWhisperTranscriber
from dayline.domain.transcript import Utterance

Maker = Callable[[np.random.Generator, int], sounds.Samples]
_CLIPS_AT_ONCE = 30


class Piece(TypedDict):
    """What one piece of a sound gave. `lines` are those that stayed, with their start in seconds."""

    model: str
    kind: str
    seed: int
    minutes: float
    words: int
    lines: list[str]
    dropped_lines: int
    cpu_seconds: float


def makers(voices: Path | None = None) -> dict[str, Maker]:
    """Return how each kind of sound is made."""
    spoken = [
        (np.clip(sound, -1, 1) * 32767).astype(np.int16) for said in read_voices(voices).values() for sound in said
    ]
    return {
        "silence": sounds.silence,
        "car": sounds.car,
        "fan": sounds.fan,
        "music": sounds.music,
        "beeps": sounds.beeps,
        "babble": sounds.babble([s for s in spoken if s.std() > 0]),
    }


def lines_over(transcriber: FasterWhisperTranscriber, make: Maker, minutes: float, seed: int) -> list[Utterance]:
    """Return what is transcribed over `minutes` of a sound."""
    clips = sounds.clips_of(make, minutes, seed)
    found: list[Utterance] = []
    for at in range(0, len(clips), _CLIPS_AT_ONCE):
        found += transcribe_checked(transcriber, clips[at : at + _CLIPS_AT_ONCE]).utterances
    return found


def main() -> None:
    """Read the command line, measure piece by piece, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models-dir", type=Path, required=True)
    parser.add_argument("--model", nargs="+", default=["whisper-base", "whisper-tiny.en"])
    parser.add_argument("--kinds", nargs="+", default=["silence", "car", "music", "babble", "beeps"])
    parser.add_argument("--voices", type=Path)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--piece-minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--state", type=Path, help="file of pieces that are done; a second run goes on after them")
    options = parser.parse_args()
    known = makers(options.voices)
    done = _read_state(options.state)
    for model in options.model:
        transcriber = None
        for kind in options.kinds:
            for seed, minutes in _pieces(options.minutes, options.piece_minutes, options.seed):
                if any((d["model"], d["kind"], d["seed"], d["minutes"]) == (model, kind, seed, minutes) for d in done):
                    continue
                if transcriber is None:
                    transcriber = FasterWhisperTranscriber(str(options.models_dir / model), device="cpu", threads=1)
                piece = _measured(transcriber, known[kind], model, kind, minutes, seed)
                done.append(piece)
                if options.state is not None:
                    with options.state.open("a") as file:
                        file.write(json.dumps(piece) + "\n")
    print(_table([d for d in done if d["model"] in options.model and d["kind"] in options.kinds]))


def _pieces(minutes: float, piece_minutes: float, seed: int) -> list[tuple[int, float]]:
    """Return (seed, minutes) of each piece; the last one is as long as is missing."""
    count = math.ceil(minutes / piece_minutes)
    return [(seed + k, min(piece_minutes, minutes - k * piece_minutes)) for k in range(count)]


def _measured(
    transcriber: FasterWhisperTranscriber, make: Maker, model: str, kind: str, minutes: float, seed: int
) -> Piece:
    before, dropped = time.process_time(), transcriber.dropped_lines
    lines = lines_over(transcriber, make, minutes, seed)
    piece: Piece = {
        "model": model,
        "kind": kind,
        "seed": seed,
        "minutes": minutes,
        "words": sum(len(line.words) or len(line.text.split()) for line in lines),
        "lines": [f"{line.start_seconds:.1f} {line.text}" for line in lines],
        "dropped_lines": transcriber.dropped_lines - dropped,
        "cpu_seconds": round(time.process_time() - before, 1),
    }
    print(json.dumps(piece), f"load {os.getloadavg()[0]:.1f}", flush=True)
    return piece


def _read_state(path: Path | None) -> list[Piece]:
    if path is None or not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines()]


def _table(pieces: list[Piece]) -> str:
    """Return a Markdown table: a row per model and sound."""
    rows = ["| model | sound | minutes | words invented | lines | lines dropped by the adapter | CPU s |"]
    rows.append("|---|---|---|---|---|---|---|")
    for model, kind in dict.fromkeys((piece["model"], piece["kind"]) for piece in pieces):
        own = [piece for piece in pieces if (piece["model"], piece["kind"]) == (model, kind)]
        rows.append(
            f"| {model} | {kind} | {sum(p['minutes'] for p in own):g} | {sum(p['words'] for p in own)} | "
            f"{sum(len(p['lines']) for p in own)} | {sum(p['dropped_lines'] for p in own)} | "
            f"{sum(p['cpu_seconds'] for p in own):.0f} |"
        )
    return "\n".join(rows)


if __name__ == "__main__":
    main()
