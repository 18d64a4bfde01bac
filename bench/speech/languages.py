"""A day of three languages: is every conversation transcribed in its own?

    python -m bench.speech.languages --models-dir DIR [--model whisper-base]

An English visit of the sample day, then a German and a French conversation from espeak-ng (two voices each, turn by
turn), 12 seconds of quiet between them, so that one chunk holds two languages; and the same in another order. Prints
for each conversation the share of its speech that was taken for its own language, and the word error rate.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import jiwer
import numpy as np
from numpy.typing import NDArray
from whisper_normalizer.basic import BasicTextNormalizer

from bench.audio.material import EXAMPLES, RATE_HZ, decode_plain, encode
from bench.audio.windows import chunks_of
from dayline.asr.answer_checks import transcribe_checked
from dayline.asr.faster_whisper import FasterWhisperTranscriber
from dayline.domain.clip import Clip

_PAUSE_SECONDS, _TURN_PAUSE_SECONDS = 12.0, 0.6
_VISIT_SECONDS = (98.0, 150.0)
_normalised = BasicTextNormalizer()
GERMAN = (
    "Guten Morgen, mein Name ist Martin Vogel von der Firma Sonnendach. Haben Sie kurz Zeit für mich?",
    "Guten Morgen. Ja, aber nicht lange, ich muss gleich zur Arbeit.",
    "Wir bauen Solaranlagen in Ihrer Straße. Wie hoch ist Ihre Stromrechnung im Monat?",
    "Ungefähr hundertzwanzig Euro, im Winter etwas mehr.",
    "Mit einer Anlage auf dem Dach sparen Sie davon die Hälfte. Darf ich Ihnen ein Angebot machen?",
    "Das klingt gut, aber ich möchte zuerst mit meiner Frau sprechen.",
    "Dann komme ich am Donnerstag um achtzehn Uhr wieder. Passt Ihnen das?",
    "Ja, am Donnerstag passt es. Auf Wiedersehen.",
)
FRENCH = (
    "Bonjour madame, je m'appelle Paul Girard, je viens de la société Belle Fenêtre. Avez-vous un moment?",
    "Bonjour. Oui, entrez, mes fenêtres sont très vieilles et il fait froid ici.",
    "Je vois. Combien de fenêtres voulez-vous changer cette année?",
    "Il y en a six dans la maison, mais je pense commencer par la cuisine.",
    "Pour deux fenêtres, le prix est de mille huit cents euros, avec la pose.",
    "C'est un peu cher pour moi. Est-ce que je peux payer en plusieurs fois?",
    "Oui, vous pouvez payer en dix mois. Je vous envoie le devis demain matin.",
    "Merci beaucoup, j'attends votre devis. Au revoir monsieur.",
)


@dataclass(frozen=True, slots=True)
class Talk:
    """One conversation with its sound and its text."""

    language: str
    samples: NDArray[np.int16]
    text: str


def spoken(language: str, lines: tuple[str, ...], voices: tuple[str, str]) -> Talk:
    """Let two voices of espeak-ng say lines in turn."""
    quiet = np.zeros(int(_TURN_PAUSE_SECONDS * RATE_HZ), np.int16)
    parts: list[NDArray[np.int16]] = []
    with tempfile.TemporaryDirectory() as folder:
        for number, line in enumerate(lines):
            path = Path(folder) / f"{number}.wav"
            subprocess.run(["espeak-ng", "-v", voices[number % 2], "-s", "150", "-w", str(path), line], check=True)
            parts += [decode_plain(path), quiet]
    return Talk(language, np.concatenate(parts), " ".join(lines))


def english() -> Talk:
    """Return the beginning of the sample day's first visit."""
    begin, end = _VISIT_SECONDS
    truth = json.loads((EXAMPLES[0].parent / "truth.json").read_text(encoding="utf-8"))
    turns = [t for t in truth["turns"] if t["start_seconds"] >= begin and t["end_seconds"] <= end]
    sound = decode_plain(EXAMPLES[0])[int(begin * RATE_HZ) : int((turns[-1]["end_seconds"] + 0.3) * RATE_HZ)]
    return Talk("en", sound, " ".join(t["text"] for t in turns))


def measure(transcriber: FasterWhisperTranscriber, talks: list[Talk]) -> None:
    """Put talks behind each other, find speech and transcribe it as a worker does; print a row for each talk."""
    quiet = np.zeros(int(_PAUSE_SECONDS * RATE_HZ), np.int16)
    begins: list[float] = []
    parts: list[NDArray[np.int16]] = []
    for talk in talks:
        begins.append(sum(map(len, parts)) / RATE_HZ)
        parts += [talk.samples, quiet]
    ends = [*begins[1:], sum(map(len, parts)) / RATE_HZ]
    with tempfile.TemporaryDirectory() as folder:
        chunks = chunks_of(encode(np.concatenate(parts), Path(folder) / "day.m4a", "m4a"))
    utterances = [u for chunk in chunks for u in transcribe_checked(transcriber, chunk).utterances]
    clips = [clip for chunk in chunks for clip in chunk]
    heard_as = [language for chunk in chunks for language in transcriber.detect_languages(chunk)]
    for talk, begin, end in zip(talks, begins, ends, strict=True):
        inside = [(c, spoken_in) for c, spoken_in in zip(clips, heard_as, strict=True) if begin <= _middle(c) < end]
        seconds = sum(len(c.samples) for c, _ in inside)
        own = sum(len(c.samples) for c, spoken_in in inside if spoken_in == talk.language)
        text = " ".join(u.text for u in utterances if begin <= (u.start_seconds + u.end_seconds) / 2 < end)
        rate = jiwer.wer(_normalised(talk.text), _normalised(text))
        print(f"| {talk.language} | {seconds / RATE_HZ:.0f} s | {own / max(seconds, 1):.2f} | {rate:.3f} |", flush=True)


def _middle(clip: Clip) -> float:
    return (clip.start_seconds + clip.end_seconds) / 2


def main() -> None:
    """Read the command line and measure two orders."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models-dir", type=Path, required=True)
    parser.add_argument("--model", default="whisper-base")
    options = parser.parse_args()
    transcriber = FasterWhisperTranscriber(str(options.models_dir / options.model), device="cpu", threads=1)
    german, french = spoken("de", GERMAN, ("de+m3", "de+f2")), spoken("fr", FRENCH, ("fr+m1", "fr+f3"))
    print(f"{options.model}, {len(GERMAN)} and {len(FRENCH)} turns from espeak-ng")
    print("| conversation | speech | share in its own language | WER |\n|---|---|---|---|")
    measure(transcriber, [english(), german, french])
    print("in another order")
    measure(transcriber, [french, english(), german])


if __name__ == "__main__":
    main()
