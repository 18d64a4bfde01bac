# pyright: reportMissingImports=false
"""Write what the student learns from: `python -m bench.statements.student.corpus --data FOLDER --teacher FOLDER`.

These are the rows of `bench.statements.encoder.data` and those dialogues of the detector's corpus that are not among
them. Words are divided by the teacher's vocabulary, whatever that of the data is. Written is `corpus.npz` there.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.statements.dialogues import load, read_lines
from bench.statements.encoder.data import corpus, row_of
from bench.statements.encoder.model import ENDS, TASKS
from bench.statements.encoder.windows import labels_of
from bench.statements.student.talks import (
    EXCHANGES,
    LABELLED,
    PHRASES,
    UNLABELLED,
    Corpus,
    Rests,
    Spoken,
    corpus_of,
    with_near,
)
from bench.statements.student.teacher import vocabulary_of, words_of

FILE = "corpus.npz"
_KINDS = {"phrases": PHRASES, "exchanges": EXCHANGES}


def _rows(data: Path) -> Iterator[tuple[dict[str, Any], list[list[str]]]]:
    """Yield the rows of the data with their words."""
    with gzip.open(data / "data.json.gz", "rt", encoding="utf-8") as file:
        known = json.load(file)
    for row in known["rows"]:
        yield row, [[known["words"][word] for word in text] for text in row["texts"]]


def _spoken(row: dict[str, Any], texts: Sequence[Sequence[str]]) -> Spoken:
    labels, ends = labels_of(row)
    return Spoken(_KINDS.get(row["split"], LABELLED), texts, row["sides"], labels[:, : len(TASKS)], ends)


def _unlabelled(without: Collection[str]) -> Iterator[Spoken]:
    """Yield the dialogues of the detector's corpus. Whoever speaks first is the rep."""
    for row in (row for path in corpus() for row in read_lines(path)):
        if "turns" in row and row["id"] not in without:
            texts, first = [turn["t"].split() for turn in row["turns"]], row["turns"][0]["s"]
            labels, ends = np.full((len(texts), len(TASKS)), -1), np.full(len(ENDS), -1)
            yield Spoken(UNLABELLED, texts, [int(turn["s"] != first) for turn in row["turns"]], labels, ends)


def learned_from(data: Path, teacher: Path) -> Corpus:
    """Return everything that the student learns from."""
    rows = list(_rows(data))
    talks = [_spoken(row, texts) for row, texts in rows]
    talks += _unlabelled({row["id"] for row, _ in rows})
    made = corpus_of([talk for talk in talks if talk.texts], Rests(vocabulary_of(teacher)))
    return with_near(made, words_of(teacher))


def judged_by(splits: Iterable[str], teacher: Path) -> Corpus:
    """Return labelled visits that nothing is learned from."""
    rows = [row_of(dialogue, -1) for dialogue in load(splits)[0]]
    talks = [_spoken(row, [text.split() for text in row["texts"]]) for row in rows]
    return corpus_of(talks, Rests(vocabulary_of(teacher)))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.statements.student.corpus", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="written by bench.statements.encoder.data")
    parser.add_argument("--teacher", type=Path, required=True, help="folder with the six layers as ONNX")
    options = parser.parse_args()
    made = learned_from(options.data, options.teacher)
    made.write(options.data / FILE)
    print(f"{len(made.kinds)} conversations, {len(made.sides)} turns, {len(made.rests)} words, {len(made.parts)} rests")


if __name__ == "__main__":
    main()
