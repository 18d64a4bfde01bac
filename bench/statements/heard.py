"""The words that a real recogniser hears of labelled dialogues: `python -m bench.statements.heard`.

Flite says every turn, with another voice for each speaker; ingest cuts the sound as it cuts a recording, the recogniser
transcribes the chunks, and each word goes to the turn during which it was said. So words are wrong, lost and invented
as the recogniser does it, while the speakers are right (labels of voices are measured in `bench/voices`). Writes one
line for each dialogue: `{id, model, seconds, word_error_rate, turns: [words of each turn], confidences: [how sure the
recogniser was of each of them]}`.
`python -m bench.statements --heard FILE` measures the analyst on these words. Needs `flite` on PATH.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import jiwer
import numpy as np
from numpy.typing import NDArray
from whisper_normalizer.english import EnglishTextNormalizer

from bench.audio.material import RATE_HZ, decode_plain, encode
from bench.audio.windows import chunks_of
from bench.statements.dialogues import OWN_TEXT, Dialogue, load
from dayline.asr.answer_checks import transcribe_checked
from dayline.asr.faster_whisper import FasterWhisperTranscriber
from dayline.domain.transcript import Utterance, Word

_VOICES = {"A": "rms", "B": "slt", "C": "awb", "D": "kal16", "E": "kal"}
_PAUSE_SECONDS = 0.5
_normalised = EnglishTextNormalizer()


def main() -> None:
    """Read the command line, hear every dialogue of the splits and write a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--splits", nargs="+", default=["visits_held"], choices=OWN_TEXT)
    parser.add_argument("--models-dir", type=Path, required=True)
    parser.add_argument("--model", default="whisper-base")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    transcriber = FasterWhisperTranscriber(str(options.models_dir / options.model), device="cpu", threads=1)
    with options.out.open("w", encoding="utf-8") as file:
        for dialogue in load(options.splits)[0]:
            row = {"id": dialogue.id, "model": options.model, **heard(transcriber, dialogue)}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            file.flush()
            print(f"{dialogue.id}: {row['seconds']:.0f} s, word error rate {row['word_error_rate']:.3f}", flush=True)


def heard(transcriber: FasterWhisperTranscriber, dialogue: Dialogue) -> dict[str, object]:
    """Return the length of a dialogue in seconds, its word error rate, and the words heard of each turn."""
    sound, starts = spoken(dialogue.turns)
    with tempfile.TemporaryDirectory() as folder:
        chunks = chunks_of(encode(sound, Path(folder) / "visit.m4a", "m4a"))
    utterances = [u for chunk in chunks for u in transcribe_checked(transcriber, chunk).utterances]
    words = words_of_turns(utterances, starts)
    turns = [" ".join(word.text for word in of_turn) for of_turn in words]
    confidences = [[None if word.confidence is None else round(word.confidence, 3) for word in t] for t in words]
    said = " ".join(turn["t"] for turn in dialogue.turns)
    rate = jiwer.wer(_normalised(said), _normalised(" ".join(turns)))
    return {
        "seconds": round(len(sound) / RATE_HZ, 1),
        "word_error_rate": round(rate, 4),
        "turns": turns,
        "confidences": confidences,
    }


def spoken(turns: Sequence[dict[str, str]]) -> tuple[NDArray[np.int16], list[float]]:
    """Let Flite say turns one after the other. Return the samples at `RATE_HZ` and the second at which each starts."""
    quiet = np.zeros(int(_PAUSE_SECONDS * RATE_HZ), np.int16)
    parts: list[NDArray[np.int16]] = [quiet]
    starts: list[float] = []
    samples = len(quiet)
    with tempfile.TemporaryDirectory() as folder:
        for number, turn in enumerate(turns):
            path = Path(folder) / f"{number}.wav"
            subprocess.run(
                ["flite", "-voice", _VOICES[turn["s"]], "-t", turn["t"], "-o", str(path)], check=True, timeout=60
            )
            starts.append(samples / RATE_HZ)
            parts += [decode_plain(path), quiet]
            samples += len(parts[-2]) + len(quiet)
    return np.concatenate(parts), starts


def words_of_turns(utterances: Sequence[Utterance], starts: Sequence[float]) -> list[list[Word]]:
    """Return the words heard during each turn, without spaces. A word belongs to the turn in which its middle lies.

    Half of the pause after a turn counts as its own, half as the next one's, since word times are some tenths off.
    """
    edges = [start - _PAUSE_SECONDS / 2 for start in starts[1:]]
    found: list[list[Word]] = [[] for _ in starts]
    for utterance in utterances:
        for word in utterance.words:
            place = bisect_right(edges, (word.start_seconds + word.end_seconds) / 2)
            found[place] += [replace(word, text=part) for part in word.text.split()]
    return found


if __name__ == "__main__":
    main()
