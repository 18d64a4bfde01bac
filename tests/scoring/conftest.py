"""Dialogues written for these tests, read from `dialogues/*.txt`, as transcripts of several kinds."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from dayline.domain.transcript import Transcript, Utterance, Word

FOLDER = Path(__file__).parent / "dialogues"


def build(text: str, *, start_seconds: float = 0.0, words: bool = True, labels: bool = True) -> Transcript:
    """Read lines of "voice: what was said" into a transcript at 150 words a minute with half a second between turns."""
    at = start_seconds
    utterances: list[Utterance] = []
    for line in filter(None, (part.strip() for part in text.splitlines())):
        voice, said = line.split(":", 1)
        speaker = voice.strip() if labels else None
        spoken: list[Word] = []
        began = at
        for raw in said.split():
            spoken.append(Word(raw, at, at + 0.35, 0.9, speaker))
            at += 0.4
        end = at - 0.05
        utterances.append(Utterance(began, end, said.strip(), speaker, 0.9, tuple(spoken) if words else ()))
        at = end + 0.5
    return Transcript(tuple(utterances), at - start_seconds, start_seconds=start_seconds, language="en")


def recognised(text: str, *, error_rate: float, seed: int = 3) -> str:
    """Return the dialogue as a recogniser would write it: lower case, no marks, some words wrong, lost or doubled."""
    dice = random.Random(seed)
    lines: list[str] = []
    for line in text.splitlines():
        voice, said = line.split(":", 1)
        kept: list[str] = []
        for word in re.sub(r"[^\w' ]", " ", said.lower()).split():
            roll = dice.random()
            if roll < error_rate * 0.6:
                kept.append(dice.choice(["the", "a", "in", "hut", "seven", "wren", "of", "stale", "and", "lawn"]))
            elif roll < error_rate:
                continue
            else:
                kept.append(word)
        if kept:
            lines.append(f"{voice}: {' '.join(kept)}")
    return "\n".join(lines)


@pytest.fixture(scope="session")
def dialogue() -> Callable[[str], str]:
    """The text of one dialogue by its file's name."""
    return lambda name: (FOLDER / f"{name}.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def make() -> Callable[..., Transcript]:
    """`build`, for tests."""
    return build


@pytest.fixture(scope="session")
def noisy() -> Callable[..., str]:
    """`recognised`, for tests."""
    return recognised
