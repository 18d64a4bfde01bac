"""Count the words that the Whisper adapter invents over generated sound without speech.

    python -m bench.speech.invented --models-dir DIR [--model whisper-base] [--kinds babble beeps] [--minutes 30]

Sound of each kind is made from `--seed` in clips of 1 to 25 s and taken through the adapter and the checks as a worker
does it, without a language in the request, so that the language is guessed as well. Every line that stays is printed.
Babble is made of twelve stretches of the example days' voices at once, or of those in `--voices` (a folder of sound
files per voice). Pieces of a long run can be made one after the other with `--seed 1`, `--seed 2` and so on.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bench.audio.mix import read_voices
from bench.speech import sounds
from dayline.asr.answer_checks import transcribe_checked
from dayline.asr.faster_whisper import FasterWhisperTranscriber
from dayline.domain.transcript import Utterance

Maker = Callable[[np.random.Generator, int], sounds.Samples]
_CLIPS_AT_ONCE = 30


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
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models-dir", type=Path, required=True)
    parser.add_argument("--model", default="whisper-base")
    parser.add_argument("--kinds", nargs="+", default=["silence", "car", "music", "babble", "beeps"])
    parser.add_argument("--voices", type=Path)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    transcriber = FasterWhisperTranscriber(str(options.models_dir / options.model), device="cpu", threads=1)
    known = makers(options.voices)
    for kind in options.kinds:
        before, dropped = time.process_time(), transcriber.dropped_lines
        lines = lines_over(transcriber, known[kind], options.minutes, options.seed)
        words = sum(len(line.words) or len(line.text.split()) for line in lines)
        print(
            f"{kind}: {options.minutes:g} minutes, seed {options.seed}, {words} words in {len(lines)} lines, "
            f"{transcriber.dropped_lines - dropped} lines dropped by the adapter, "
            f"{time.process_time() - before:.0f} CPU s, load {os.getloadavg()[0]:.1f}",
            flush=True,
        )
        for line in lines:
            print(f"    {line.start_seconds:7.1f} {line.text}", flush=True)


if __name__ == "__main__":
    main()
