"""Labelled dialogues: text from the detector's corpus by id, labels from this folder."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dayline.domain.transcript import Transcript, Utterance, Word

HERE = Path(__file__).parent
CORPUS = HERE.parent / "detection" / "corpus"
REP = "REP"
OWN_TEXT = (
    "written",
    "unseen",
    "blind",
    "fresh",
    "visits_a",
    "visits_b",
    "visits_last",
    "visits_week",
    "visits_clean",
    "visits_final",
    "visits_more",
    "visits_wide",
    "visits_broad",
    "visits_held",
    "visits_next",
    "visits_look",
    "visits_new",
    "visits_after",
    "visits_dense",
    "visits_late",
    "visits_mixed",
    "visits_end",
    "visits_close",
    "visits_recent",
)  # splits whose file holds text and labels
_WORD_SECONDS, _PAUSE_SECONDS = 0.36, 0.5
_WRONG_WORDS = (
    "the",
    "a",
    "in",
    "hut",
    "wren",
    "of",
    "stale",
    "lawn",
    "other",
    "bean",
    "for",
    "cover",
    "to",
    "then",
    "mow",
)


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A dialogue with its labels (README.md says what they mean), its text and the playbook of its business."""

    id: str
    split: str
    labels: dict[str, Any]
    turns: list[dict[str, str]]
    playbook: str
    heard: tuple[str, ...] | None = None
    """What a recogniser heard of each turn (`heard.py`); stands in place of the words that were said."""
    confidences: tuple[tuple[float | None, ...], ...] | None = None
    """How sure the recogniser was of each word that it heard."""

    def transcript(self, error_rate: float = 0.0) -> Transcript:
        """Return the dialogue as a transcript, with a share of its words wrong or lost. The same words every time.

        A turn of which a recogniser heard nothing stays as an utterance without words, since labels count turns.
        """
        dice = random.Random(self.id)
        utterances: list[Utterance] = []
        at = 0.0
        for number, turn in enumerate(self.turns):
            speaker = REP if turn["s"] == "A" else f"SPEAKER_{turn['s']}"
            began = at
            words: list[Word] = []
            said = (turn["t"] if self.heard is None else self.heard[number]).split()
            sure = (0.9,) * len(said) if self.confidences is None else self.confidences[number]
            for raw, confidence in zip(said, sure, strict=True):
                heard = _heard(raw, error_rate, dice)
                if heard:
                    words.append(Word(heard, at, at + _WORD_SECONDS * 0.9, confidence, speaker))
                at += _WORD_SECONDS
            utterances.append(Utterance(began, at, " ".join(w.text for w in words), speaker, 0.9, tuple(words)))
            at += _PAUSE_SECONDS
        return Transcript(tuple(utterances), at, language="en")


def _heard(word: str, error_rate: float, dice: random.Random) -> str:
    roll = dice.random()
    if roll >= error_rate:
        return word
    return dice.choice(_WRONG_WORDS) if roll < error_rate * 0.7 else ""


def load(splits: Iterable[str], extra: Iterable[Path] = ()) -> tuple[list[Dialogue], list[str]]:
    """Return the labelled dialogues of some splits, and the ids whose text is not in the corpus."""
    folders = [CORPUS, *extra]
    rows = {r["id"]: r for f in folders for p in sorted(f.glob("customers_*.jsonl")) for r in read_lines(p)}
    playbooks = {
        r["business_id"]: r for f in folders for p in sorted(f.glob("playbooks_*.jsonl")) for r in read_lines(p)
    }
    found: list[Dialogue] = []
    missing: list[str] = []
    for split in splits:
        if split in OWN_TEXT:
            found += [Dialogue(r["id"], split, r, r["turns"], "") for r in read_lines(HERE / f"{split}.jsonl")]
            continue
        for labels in read_lines(HERE / f"labels_{split}.jsonl"):
            row = rows.get(labels["id"])
            if row is None:
                missing.append(labels["id"])
                continue
            business = playbooks.get(row["business_id"], {})
            text = f"{business.get('sells', '')}\n{business.get('playbook', '')}"
            found.append(Dialogue(labels["id"], split, labels, row["turns"], text))
    return found, missing


def with_heard(dialogues: Iterable[Dialogue], path: Path) -> list[Dialogue]:
    """Return the dialogues that a file of `heard.py` holds, with the words that were heard of them."""
    rows = {row["id"]: row for row in read_lines(path)}
    return [_with_words(d, rows[d.id]) for d in dialogues if d.id in rows]


def _with_words(dialogue: Dialogue, row: dict[str, Any]) -> Dialogue:
    known = row.get("confidences")
    sure = None if known is None else tuple(tuple(turn) for turn in known)
    return replace(dialogue, heard=tuple(row["turns"]), confidences=sure)


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
