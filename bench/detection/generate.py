"""Makes days of the corpus: `python -m bench.detection.generate --set normal --seed 1 --out normal.jsonl.gz`.

Sets: `normal` (one full working day per business and round), `series` (eleven days in a row of each business, so that
the days 0, 3 and 10 can be told from what was said before; no visit of a series repeats a customer's words), `empty`
(full days without a customer), `shop_talk` (normal days on which other talk is about the day's own trade wherever the
corpus has such talk), `short` (single calls and recordings of a few minutes), `short_other` (the same with their visits
cut out, where other talk is left), `mixed` (all shapes, for training). The same arguments and the same corpus give the
same bytes.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bench.detection import damage, pool
from bench.detection.compose import Composer
from bench.detection.confusions import Confusions

SHAPES = (
    ("normal", 0.4),
    ("dense", 0.1),
    ("sparse", 0.1),
    ("zero", 0.12),
    ("one_call", 0.06),
    ("mini", 0.14),
    ("long", 0.08),
)
LEAST_LINES_OF_REST = 4
SERIES_DAYS = 11
SERIES_PARTS = 3
CONTEXT_SHARE_IN_TRAINING = 0.8


def mixed(count: int, seed: int, source: pool.Pool) -> list[dict]:
    """Compose `count` days of all shapes; businesses take turns."""
    head, *seeds = np.random.SeedSequence([seed, 2026]).spawn(count + 1)
    rng = np.random.default_rng(head)
    shapes = rng.choice([s for s, _ in SHAPES], size=count, p=[p for _, p in SHAPES])
    names, confusions = source.businesses, Confusions(source.spoken_words)
    first = int(rng.integers(len(names)))
    out = []
    for i in range(count):
        day = Composer(source, np.random.default_rng(seeds[i]), names[(first + i) % len(names)], str(shapes[i]))
        day.build()
        told = bool(day.r.random() < CONTEXT_SHARE_IN_TRAINING)
        out.append(_record(f"own-{i:03d}", day, confusions, told=told))
    return out


def _one_per_business(
    count: int, seed: int, source: pool.Pool, name: str, shapes: tuple[str, ...], own_trade_share: float | None = None
) -> list[dict]:
    names, confusions = source.businesses, Confusions(source.spoken_words)
    out = []
    for i, s in enumerate(np.random.SeedSequence([seed, 2027]).spawn(count)):
        day = Composer(source, np.random.default_rng(s), names[i % len(names)], shapes[i % len(shapes)])
        if own_trade_share is not None:
            day.own_trade_share = own_trade_share
        day.build()
        out.append(_record(f"own-{name}-{i:03d}", day, confusions, told=True))
    return out


def normal(count: int, seed: int, source: pool.Pool) -> list[dict]:
    """Full working days with three visits or more, where the business has talk for them; businesses take turns."""
    return _one_per_business(count, seed, source, "normal", ("normal", "normal", "normal", "long"))


def empty(count: int, seed: int, source: pool.Pool) -> list[dict]:
    """Full days without a customer."""
    return _one_per_business(count, seed, source, "empty", ("zero",))


def shop_talk(count: int, seed: int, source: pool.Pool) -> list[dict]:
    """Normal days on which colleagues talk about the day's own trade wherever the corpus has such talk."""
    return _one_per_business(count, seed, source, "shop", ("normal",), own_trade_share=1.0)


def short(count: int, seed: int, source: pool.Pool) -> list[dict]:
    """Single calls and recordings of a few minutes."""
    return _one_per_business(count, seed, source, "short", ("mini", "one_call"))


def short_other(count: int, seed: int, source: pool.Pool) -> list[dict]:
    """The recordings of `short` without their visits, as far as some lines of other talk are left."""
    rest = [without_visits(day) for day in short(count, seed, source)]
    return [day for day in rest if len(day["utterances"]) >= LEAST_LINES_OF_REST]


def without_visits(day: dict) -> dict:
    """A day with the time of its visits cut out."""
    visits = [(t["start_seconds"], t["end_seconds"]) for t in day["truth"] if t["kind"] == "customer"]

    def earlier(x: float) -> float:
        return round(x - sum(min(b, x) - a for a, b in visits if x > a), 2)

    def moved(d: dict) -> dict:
        start = earlier(d["start_seconds"])
        return {**d, "start_seconds": start, "end_seconds": max(earlier(d["end_seconds"]), start + 0.1)}

    def is_kept(u: dict) -> bool:
        middle = (u["start_seconds"] + u["end_seconds"]) / 2
        return not any(a <= middle <= b for a, b in visits)

    return {
        **day,
        "id": f"{day['id']}-cut",
        "duration_seconds": earlier(day["duration_seconds"]),
        "n_customers": 0,
        "utterances": [moved(u) for u in day["utterances"] if is_kept(u)],
        "truth": [moved(t) for t in day["truth"] if t["kind"] != "customer"],
    }


def series(count: int, seed: int, source: pool.Pool) -> list[dict]:
    """Eleven days of each of the first `count` businesses; the customers' words of a series are never said twice."""
    confusions, out = Confusions(source.spoken_words), []
    for business, s in zip(source.businesses[:count], np.random.SeedSequence([seed, 2028]).spawn(count), strict=False):
        stock_seed, *day_seeds = s.spawn(SERIES_DAYS + 1)
        stock = pool.customer_stock(source, business, np.random.default_rng(stock_seed), SERIES_PARTS)
        for k, day_seed in enumerate(day_seeds):
            left = SERIES_DAYS - k
            mine = [stock.pop() for _ in range(min(len(stock), -(-len(stock) // left)))]
            day = Composer(source, np.random.default_rng(day_seed), business, "series", customers=mine)
            day.build()
            row = _record(f"own-series-{business}-{k:02d}", day, confusions, told=True)
            out.append({**row, "series": {"org": business, "day": k}})
    return out


SETS: dict[str, Callable[[int, int, pool.Pool], list[dict]]] = {
    "mixed": mixed,
    "normal": normal,
    "series": series,
    "empty": empty,
    "shop_talk": shop_talk,
    "short": short,
    "short_other": short_other,
}


def write(rows: list[dict], path: Path) -> None:
    """Write days as gzipped JSON lines with a fixed time stamp."""
    with path.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as f:
        for row in rows:
            f.write((json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n").encode())


def _record(name: str, day: Composer, confusions: Confusions, *, told: bool) -> dict:
    utterances, parameters = damage.damage(day, confusions)
    book = day.pool.playbooks.get(day.business)
    context = {k: book[k] for k in ("business", "sells", "playbook", "vocabulary")} if told and book else None
    truth = [
        {**d, "start_seconds": round(d["start_seconds"], 2), "end_seconds": round(d["end_seconds"], 2)}
        for d in day.truth
    ]
    for d in truth:
        d.pop("id")
    return {
        "id": name,
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
    parser.add_argument("--set", choices=list(SETS), default="normal")
    parser.add_argument("--days", type=int, default=40, help="days; of series: businesses")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--part", choices=pool.PARTS, default="test", help="test: what no training has seen")
    parser.add_argument("--others", type=Path, nargs="*", default=[], help="files of other talk in place of the part's")
    parser.add_argument("--out", type=Path, required=True)
    a = parser.parse_args()
    source = pool.read(a.part)
    rows = SETS[a.set](a.days, a.seed, pool.with_other_talk(source, a.others) if a.others else source)
    write(rows, a.out)
    talks, lines = sum(d["n_customers"] for d in rows), sum(len(d["utterances"]) for d in rows)
    print(f"{len(rows)} days, {talks} customer conversations, {lines} lines")


if __name__ == "__main__":
    main()
