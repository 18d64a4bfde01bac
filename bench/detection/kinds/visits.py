"""Visits of `bench/statements` between other talk of a part of the corpus, as days."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.detection import generate, pool
from bench.detection.compose import Composer
from bench.detection.confusions import Confusions

STATEMENTS = Path(__file__).parents[2] / "statements"
PARTS = (
    "blind", "fresh", "visits_a", "visits_b", "visits_clean", "visits_final", "visits_last", "visits_more",
    "visits_week", "written",
)  # fmt: skip
LEAST_TURNS = 12
DRAWN, SHAPES = 8, ("dense", "normal", "mini", "dense")

# Beginnings of words of the trades of each third of the training part, and of the test part.
OF_THIRD = (
    "gutter salon hair lawn advert magazine newspaper headstone memorial pest weld window glaz clean carpet floor "
    "paint render farm tractor seed fertil grain stone marquee beauty",
    "hvac air-condition boiler heat-pump bed mattress wound medical fishing food wholesale meat bakery fish tutor "
    "lesson course lang-school coffee water-cooler water cooler roof security alarm cctv camera sewing telecom "
    "broadband fibre phone internet",
    "fleet van car- cars used-van car fridge refriger cold-room ice-machine stoma wound incontinence driveway "
    "paving insur cover protection propane gas oil-tank heating roof shutter blind solar water- water softener "
    "farm tractor seed fertil grain",
)
OF_TEST = (
    "basement waterproof bath beer drinks beverage brewery dental fenc deck funeral garage-door stair-lift "
    "stairlift chair-lift linen laundry fasten kitchen feed payment card-term terminals pos pharma pool copier "
    "printer printing septic tree uniform vet hearing"
)


@dataclass(frozen=True)
class Visit:
    """A dialogue with a customer.

    Attributes:
        thirds: thirds of the corpus that have a trade like it.
        about: what is sold.
    """

    name: str
    thirds: frozenset[int]
    turns: tuple[tuple[str, str], ...]
    about: str


def read() -> list[Visit]:
    """Visits whose trade sounds like none of the test part."""
    out: list[Visit] = []
    for part in PARTS:
        for line in (STATEMENTS / f"{part}.jsonl").read_text().splitlines():
            row = json.loads(line)
            trade = row["trade"].lower().replace(" ", "-")
            if len(row["turns"]) < LEAST_TURNS or any(w in trade for w in OF_TEST.split()):
                continue
            thirds = frozenset(k for k, words in enumerate(OF_THIRD) if any(w in trade for w in words.split()))
            about = " ".join([row["trade"].replace("-", " "), *row.get("topics", [])])
            out.append(Visit(row["id"], thirds, tuple((t["s"], t["t"]) for t in row["turns"]), about))
    return out


def days(
    fold: int | None, source: pool.Pool, count: int, seed: int
) -> list[tuple[dict, Callable[[np.ndarray], tuple[list[str], np.ndarray]]]]:
    """Days for the training that leaves a third out, and for each what is sold at a second of it.

    fold: the third; None: all visits. source: other talk.
    """
    mine = [v for v in read() if fold is None or fold not in v.thirds]
    confusions = Confusions(source.spoken_words)
    head, *seeds = np.random.SeedSequence([seed, 77]).spawn(count + 1)
    order, at = np.random.default_rng(head).permutation(len(mine)).tolist(), 0
    out = []
    for i in range(count):
        chosen = [mine[order[(at + k) % len(order)]] for k in range(DRAWN)]
        stock = [pool.Piece(v.name, "customer", "visits", "", (), v.turns, v.name) for v in chosen]
        business = source.businesses[i % len(source.businesses)]
        day = Composer(
            source, np.random.default_rng(seeds[i]), business, SHAPES[i % len(SHAPES)], customers=list(stock)
        )
        day.build()
        assert day.customers is not None
        used = len(stock) - len(day.customers)
        at += used
        row = generate._record(f"v-{i}", day, confusions, told=False)
        out.append((row, _sold(row, chosen[::-1][:used])))
    return out


def _sold(row: dict, visits: list[Visit]) -> Callable[[np.ndarray], tuple[list[str], np.ndarray]]:
    """What the nearest visit is about, at each second asked for; nothing where a visit of the day was cut away."""
    middle = np.array([(d["start_seconds"] + d["end_seconds"]) / 2 for d in row["truth"] if d["kind"] == "customer"])

    def at(seconds: np.ndarray) -> tuple[list[str], np.ndarray]:
        if not len(middle) or len(middle) != len(visits):
            return [""], np.zeros(len(seconds), dtype=np.int64)
        return [v.about for v in visits], np.abs(seconds[:, None] - middle[None]).argmin(1)

    return at
