"""Write what the training of the encoder reads: `python -m bench.statements.encoder.data --weights IN --out OUT`.

IN holds `model.safetensors` and `tokenizer.json` of all-MiniLM-L6-v2. Written are `vocab.txt` (the pieces that are
kept), `base.npz` (its weights, tables as int8 rows) and `data.json.gz` (turns as numbers of words, labels and folds).
The words of the detector's corpus count for the vocabulary alone.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.statements.dialogues import CORPUS, HERE, REP, Dialogue, load, read_lines
from bench.statements.folds import FOLDS
from bench.statements.labelled import DENSE, EXCERPTS, MADE, OBJECTIONS, WHOLE_VISITS, dialogues
from bench.statements.train import folds_of
from dayline.scoring.conversation import Conversation
from dayline.scoring.facts.statement_model import KINDS
from dayline.scoring.facts.word_pieces import WordPieces

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
EVERYDAY, LEAST_USES = 6000, 2
"""Most frequent pieces of the whole vocabulary that are kept, and how often others must be in the training text."""
_FIRST_WORD = 1996
WRONG_WORDS = 0.1
_NO_ENDS = (*MADE, "others", OBJECTIONS)
Row = dict[str, Any]


def rows() -> list[Row]:
    """Return all dialogues with their turns, labels and folds (-1: always learned from)."""
    everything = dialogues()
    fold = folds_of(everything, FOLDS)
    own = [(d, fold.get(n, -1)) for n, d in enumerate(everything)] + [(d, -1) for d in load([OBJECTIONS])[0]]
    own += [(d, -1) for d in load([DENSE])[0]]
    own += [(Dialogue(r["id"], EXCERPTS, r, r["turns"], ""), -1) for r in read_lines(HERE / f"{EXCERPTS}.jsonl")]
    return [row_of(dialogue, place) for dialogue, place in own]


def row_of(dialogue: Dialogue, fold: int) -> Row:
    labels = dialogue.labels
    talk = Conversation(dialogue.transcript(), REP)
    place: dict[int, int] = {}
    for number, turn in enumerate(talk.turns):
        for token in turn.tokens:
            place.setdefault(token.utterance, number)
    texts, sides = _turns(talk)

    def column(key: str, doubtful: Iterable[int] = (), side: int | None = None) -> list[int]:
        """Return 1, 0 or -1 (not known, or readers would differ) for each turn."""
        if key not in labels:
            return [-1] * len(texts)
        found = [0] * len(texts)
        for label, utterances in ((-1, doubtful), (1, map(_turn_of, labels[key]))):
            for utterance in utterances:
                if utterance in place:
                    found[place[utterance]] = label
        return [label if side is None or sides[n] == side else -1 for n, label in enumerate(found)]

    kinds = {int(turn): [k for k in said.split("|") if k in KINDS] for turn, said in labels["objections"]}
    wrong = dialogue.split not in _NO_ENDS
    return {
        "id": dialogue.id,
        "split": dialogue.split,
        "fold": fold,
        "whole": dialogue.split in (*WHOLE_VISITS, DENSE),
        "texts": texts,
        "sides": sides,
        "wrong": _turns(Conversation(dialogue.transcript(WRONG_WORDS), REP)) if wrong else None,
        "outcome": labels.get("outcome") if dialogue.split not in _NO_ENDS else None,
        "y": {
            "ask": column("asks", labels.get("ok_asks", ()), 0),
            "objection": column("objections", labels.get("ok_objections", ()), 1),
            "step": column("steps", [*labels.get("ok_steps", ()), *labels.get("cancelled_steps", ())]),
            "offer": column("offers", map(_turn_of, labels.get("ok_offers", ())), 0)
            if dialogue.split != "phrases"
            else [-1] * len(texts),
            "accepted": column("accepted", (), 1),
            "declined": column("declined", (), 1),
            "need": column("needs", (), 1),
            "answered": {place[int(t)]: int(a == "yes") for t, a in labels.get("answered", ()) if int(t) in place},
            "kinds": {place[turn]: said for turn, said in kinds.items() if turn in place},
        },
    }


def _turn_of(label: int | Sequence[Any]) -> int:
    return label if isinstance(label, int) else int(label[0])


def _turns(talk: Conversation) -> tuple[list[str], list[int]]:
    """Return the words of each turn and its side: 0 the rep, 1 others."""
    texts = [" ".join(token.raw for token in turn.tokens if token.raw) for turn in talk.turns]
    return texts, [0 if turn.speaker == REP else 1 for turn in talk.turns]


def corpus() -> list[Path]:
    """Return the files of the detector's corpus that its models learn from, never those of its test part."""
    paths = [*CORPUS.glob("customers_*.jsonl"), *CORPUS.glob("others*.jsonl"), *(CORPUS / "waiting").glob("*.jsonl")]
    return [path for path in sorted(paths) if "test" not in path.name]


def pieces_of(everything: Sequence[Row], numbers: dict[str, int]) -> list[str]:
    """Return the pieces that are kept of a vocabulary: everyday ones, single characters and what the text needs."""
    pieces = sorted(numbers, key=lambda piece: numbers[piece])
    whole = WordPieces(pieces)
    texts = [text for row in everything if row["split"] != "phrases" for text in row["texts"]]
    texts += [turn["t"] for path in corpus() for row in read_lines(path) for turn in row.get("turns", ())]
    words = Counter(word for text in texts for word in text.split())
    uses: Counter[int] = Counter()
    for word, count in words.items():
        for piece in whole.of(word):
            uses[piece] += count
    kept = {p for p in pieces[_FIRST_WORD : _FIRST_WORD + EVERYDAY] if p.isascii()}
    kept |= {p for p in pieces if len(p.removeprefix("##")) == 1 and (p.isascii() or p in "£€…–—")}
    kept |= {pieces[number] for number, count in uses.items() if count >= LEAST_USES}
    return [*SPECIAL, *sorted(kept - set(SPECIAL), key=lambda piece: numbers[piece])]


def write_weights(folder: Path, path: Path, kept: Sequence[str], numbers: dict[str, int]) -> None:
    """Write the weights to begin from; each row of a table as int8 with its scale."""
    from safetensors.numpy import load_file  # pyright: ignore[reportMissingImports] - for the recipe alone

    arrays: dict[str, np.ndarray] = {}
    known = load_file(folder / "model.safetensors")
    words = known.pop("embeddings.word_embeddings.weight")
    known["embeddings.word_embeddings.weight"] = words[[numbers[piece] for piece in kept]]
    known["marks"] = words[[numbers[word] for word in ("agent", "customer")]]
    for name, values in known.items():
        if name.startswith("pooler") or "position_ids" in name:
            continue
        table = values.astype(np.float32)
        if table.ndim == 2 and len(table) > 2:
            scale = np.abs(table).max(axis=1, keepdims=True) / 127 + 1e-12
            arrays |= {f"{name}.q": np.round(table / scale).astype(np.int8), f"{name}.s": scale}
        else:
            arrays[name] = table
    np.savez_compressed(path, **arrays)  # pyright: ignore[reportArgumentType] - the stub's allow_pickle


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.statements.encoder.data", description=__doc__)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    everything = rows()
    numbers = json.loads((options.weights / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    kept = pieces_of(everything, numbers)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "vocab.txt").write_text("\n".join(kept), encoding="utf-8")
    write_weights(options.weights, options.out / "base.npz", kept, numbers)
    table: dict[str, int] = {}

    def numbered(texts: Sequence[str]) -> list[list[int]]:
        return [[table.setdefault(word, len(table)) for word in text.split()] for text in texts]

    for row in everything:
        row["texts"] = numbered(row["texts"])
        row["wrong"] = [numbered(row["wrong"][0]), row["wrong"][1]] if row["wrong"] else None
    pieces = WordPieces(kept)
    written = {"rows": everything, "words": list(table), "pieces": [pieces.of(word) for word in table]}
    with gzip.open(options.out / "data.json.gz", "wt", encoding="utf-8") as file:
        json.dump(written, file)


if __name__ == "__main__":
    main()
