"""The corpus as pieces of talk: read from `corpus/`, cut into parts that never overlap within a day."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

CORPUS = Path(__file__).parent / "corpus"
# Trades, people and other talk of these files are kept from training: days of them are the benchmark's unseen days.
HELD_OUT = ("customers_c", "customers_d", "others_b", "playbooks_c", "playbooks_d")
HELD_OUT_ENDING = "_test"
# Businesses of these files were added later. They follow the others where businesses are divided, so that the days of
# the businesses that a training leaves out stay what they were.
ADDED_LATER = ("customers_g_train",)
PARTS = ("train", "test", "all")
KIND_IN_TRUTH = {"coaching": "internal", "supplier": "errand"}


@dataclass(frozen=True)
class Piece:
    """Turns of one dialogue.

    Attributes:
        turns: (who, text), who is A (the rep), B, C ...
        customer: names the customer within the corpus; dialogues of the same one are several visits.
    """

    source: str
    kind: str
    business: str
    trade: str
    tags: tuple[str, ...]
    turns: tuple[tuple[str, str], ...]
    customer: str = ""


@dataclass
class Pool:
    """All pieces by kind, and the playbooks by business."""

    pieces: dict[str, list[Piece]] = field(default_factory=dict)
    playbooks: dict[str, dict] = field(default_factory=dict)
    added_later: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def businesses(self) -> list[str]:
        """Businesses that have customers in this pool, sorted; those that were added later come last."""
        names = {p.business for p in self.pieces.get("customer", [])}
        return sorted(names, key=lambda name: (self.added_later.get(name, -1), name))

    @property
    def spoken_words(self) -> list[str]:
        """All words of all pieces, repeated as often as they are said."""
        return [w for kind in sorted(self.pieces) for p in self.pieces[kind] for _, t in p.turns for w in t.split()]

    def fold(self, k: int, folds: int, *, rest: bool = False) -> Pool:
        """Part k of `folds` of the businesses and of all other talk, or (rest) all but that part."""
        mine = {b for i, b in enumerate(self.businesses) if (i % folds == k) != rest}
        out = Pool(
            playbooks={b: p for b, p in self.playbooks.items() if b in mine},
            added_later={b: n for b, n in self.added_later.items() if b in mine},
        )
        for kind, pieces in self.pieces.items():
            if kind == "customer":
                out.pieces[kind] = [p for p in pieces if p.business in mine]
            else:
                out.pieces[kind] = [p for i, p in enumerate(pieces) if (i % folds == k) != rest]
        return out

    def only(self, businesses: set[str], odd: bool | None) -> Pool:
        """A part of the pool: these businesses' customers, and every second of all other talk (None: all of it)."""
        out = Pool(playbooks={k: v for k, v in self.playbooks.items() if k in businesses})
        for kind, pieces in self.pieces.items():
            if kind == "customer":
                out.pieces[kind] = [p for p in pieces if p.business in businesses]
            else:
                out.pieces[kind] = [p for i, p in enumerate(pieces) if odd is None or (i % 2 == 1) == odd]
        return out


def is_held_out(path: Path) -> bool:
    """Whether no training may read a file of the corpus."""
    return path.stem in HELD_OUT or path.stem.endswith(HELD_OUT_ENDING)


def files(part: str = "all") -> list[Path]:
    """The files of a part of the corpus ("train", "test" or "all"), sorted by name."""
    found = sorted(CORPUS.glob("*.jsonl"))
    return [p for p in found if part == "all" or is_held_out(p) == (part == "test")]


def digest(part: str = "all") -> dict[str, str]:
    """SHA-256 of every corpus file of a part by name."""
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in files(part)}


def read(part: str = "all") -> Pool:
    """Read a part of the corpus. Raises ValueError when a dialogue has no turns."""
    pool = Pool()
    for path in files(part):
        for line in path.read_text().splitlines():
            if not line.strip():
                continue
            d = json.loads(line)
            if "turns" not in d:
                pool.playbooks[d["business_id"]] = d
                continue
            if not d["turns"]:
                raise ValueError(f"{path.name}: {d['id']} has no turns")
            found = piece(d)
            if path.stem in ADDED_LATER:
                pool.added_later[found.business] = ADDED_LATER.index(path.stem)
            pool.pieces.setdefault(found.kind, []).append(found)
    return pool


def with_other_talk(source: Pool, paths: list[Path]) -> Pool:
    """Customers and playbooks of a part of the corpus, and the talk of some files in place of its other talk."""
    mine = {"customer": source.pieces["customer"]}
    out = Pool(pieces=mine, playbooks=source.playbooks, added_later=source.added_later)
    for path in paths:
        for line in path.read_text().splitlines():
            found = piece(json.loads(line))
            out.pieces.setdefault(found.kind, []).append(found)
    return out


def piece(d: dict) -> Piece:
    """A dialogue of a file of the corpus."""
    kind = KIND_IN_TRUTH.get(d["kind"], str(d["kind"]))
    turns = tuple((t["s"], t["t"]) for t in d["turns"])
    about = (d.get("business_id") or "", d.get("trade") or "", tuple(d.get("tags", [])))
    return Piece(d["id"], kind, *about, turns, _customer(d))


def _customer(dialogue: dict) -> str:
    """Who the customer is: the same text for all dialogues of one customer."""
    if name := dialogue.get("customer"):
        return f"{dialogue['business_id']} {name}"
    return dialogue.get("returns_of") or dialogue["id"]


def cut(piece: Piece, rng: np.random.Generator, parts: int = 2, smallest: int = 14) -> list[Piece]:
    """The whole piece, or up to `parts` consecutive parts of it, so that no two visits say the same words."""
    n = len(piece.turns)
    if n < 2 * smallest or rng.random() < 0.55:
        return [piece]
    k = int(rng.integers(smallest, n - smallest + 1))
    first, second = _part(piece, 0, k), _part(piece, k, n)
    return [first, *cut(second, rng, parts - 1, smallest)] if parts > 2 else [first, second]


def _part(p: Piece, a: int, b: int) -> Piece:
    return replace(p, turns=p.turns[a:b])


def customer_stock(pool: Pool, business: str, rng: np.random.Generator, parts: int = 2) -> list[Piece]:
    """All talk of a business's customers in random order, each dialogue whole or cut into at most `parts`."""
    pieces = [x for p in pool.pieces.get("customer", []) if p.business == business for x in cut(p, rng, parts)]
    return [pieces[i] for i in rng.permutation(len(pieces))]


def whole_dialogues(pool: Pool, business: str, rng: np.random.Generator, *, longest: bool) -> list[Piece]:
    """All dialogues of a business, uncut, in random order of the customers; those of one customer stand together.

    longest: order by the words of each customer instead, most words last.
    """
    mine = [p for p in pool.pieces.get("customer", []) if p.business == business]
    words: dict[str, int] = {}
    for p in mine:
        words[p.customer] = words.get(p.customer, 0) + sum(len(text.split()) for _, text in p.turns)
    order = rng.permutation(len(words))
    rank = {c: (words[c] if longest else 0, int(i)) for c, i in zip(words, order, strict=True)}
    mine.reverse()
    mine.sort(key=lambda p: rank[p.customer])
    return mine
