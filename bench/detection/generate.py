"""Makes days of the corpus: `python -m bench.detection.generate --days 60 --seed 1 --out days.jsonl.gz`.

The same arguments and the same corpus give the same bytes.
"""

from __future__ import annotations

import argparse
import gzip
import json
from pathlib import Path

import numpy as np

from bench.detection import damage, pool
from bench.detection.compose import Composer

SHAPES = (
    ("normal", 0.32),
    ("dense", 0.1),
    ("sparse", 0.1),
    ("zero", 0.1),
    ("one_call", 0.08),
    ("mini", 0.24),
    ("long", 0.06),
)


def days(count: int, seed: int, source: pool.Pool) -> list[dict]:
    """Compose `count` days; businesses take turns."""
    root = np.random.SeedSequence([seed, 2026])
    head, *seeds = root.spawn(count + 1)
    rng = np.random.default_rng(head)
    shapes = rng.choice([s for s, _ in SHAPES], size=count, p=[p for _, p in SHAPES])
    vocabulary = sorted({w for kind in source.pieces.values() for p in kind for _, t in p.turns for w in t.split()})
    names = source.businesses
    first = int(rng.integers(len(names)))
    out = []
    for i in range(count):
        day = Composer(source, np.random.default_rng(seeds[i]), names[(first + i) % len(names)], str(shapes[i]))
        day.build()
        out.append(_record(i, day, vocabulary))
    return out


def write(rows: list[dict], path: Path) -> None:
    """Write days as gzipped JSON lines with a fixed time stamp."""
    with path.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as f:
        for row in rows:
            f.write((json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n").encode())


def _record(i: int, day: Composer, vocabulary: list[str]) -> dict:
    utterances, parameters = damage.hear(day, vocabulary)
    book = day.pool.playbooks.get(day.business)
    told = book is not None and not day.foreign and day.r.random() > 0.2
    context = {k: book[k] for k in ("business", "sells", "playbook", "vocabulary")} if told and book else None
    truth = [
        {**d, "start_seconds": round(d["start_seconds"], 2), "end_seconds": round(d["end_seconds"], 2)}
        for d in day.truth
    ]
    for d in truth:
        d.pop("id")
    return {
        "id": f"own-{i:03d}",
        "family": day.business,
        "context": context,
        "duration_seconds": round(day.duration, 2),
        "tags": sorted(day.tags),
        "params": parameters,
        "n_customers": sum(d["kind"] == "customer" for d in truth),
        "utterances": utterances,
        "truth": truth,
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--part", choices=pool.PARTS, default="test", help="test: what no training has seen")
    parser.add_argument("--out", type=Path, required=True)
    a = parser.parse_args()
    rows = days(a.days, a.seed, pool.read(a.part))
    write(rows, a.out)
    talks, lines = sum(d["n_customers"] for d in rows), sum(len(d["utterances"]) for d in rows)
    print(f"{len(rows)} days, {talks} customer conversations, {lines} lines")


if __name__ == "__main__":
    main()
