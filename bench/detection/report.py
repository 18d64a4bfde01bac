"""The table of the benchmark: `python -m bench.detection.report [--part test] [--only "normal day"]`.

Every row is one way of giving days to the detector, with the number of days and conversations and a 90 % interval over
days. Days are composed of the part of the corpus that no training has seen. The memory of a series is that of the
detector's own reports on the days before; the reader is a fake one that knows the truth and errs by one line, misses
one conversation in twenty and makes up one quote in fifty.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from bench.detection import daysfile, generate, pool
from bench.detection.left_out import true_rows
from dayline.detection import detect_and_learn, memory, scoring
from dayline.detection.benchmark import metrics
from dayline.detection.benchmark.baselines import BASELINES
from dayline.detection.benchmark.metrics import Report
from dayline.detection.features import utterance_arrays
from dayline.llm.fake import FakeReader

SEED = 1
KEY = "report"
Reports = dict[str, list[Report]]


def found(
    day: dict, *, speakers: bool = True, context: bool = True, jitter: int | None = None, hidden: bool = False
) -> list[Report]:
    """Reports of one day without any memory. hidden: the labels are for the detector alone (`skip_diarization`)."""
    transcript = daysfile.transcript(day, speakers=speakers)
    known = daysfile.context(day) if context else None
    reader = None
    if jitter is not None:
        h = scoring.extract(transcript, None, known, ())
        if h is not None:
            reader = FakeReader(true_rows(h, day), jitter=jitter, misses=0.05, invents=0.02)
    told = detect_and_learn(
        transcript, context=known, reader=reader, scope="customers_only", memory_key=None, hide_voices=hidden
    ).day
    return [Report(c.start_seconds, c.end_seconds, c.confidence) for c in told.customers]


def of_series(days: Iterable[dict], *, speakers: bool = True, confirmed: bool = False) -> Reports:
    """Reports of days in order, each with the memory of its organisation's earlier days.

    confirmed: a person has put each day right before the next one.
    """
    kept: dict[str, list[memory.Contribution]] = {}
    out: Reports = {}
    for day in sorted(days, key=lambda d: (d["series"]["org"], d["series"]["day"])):
        earlier = kept.setdefault(day["series"]["org"], [])
        transcript = daysfile.transcript(day, speakers=speakers)
        told = detect_and_learn(
            transcript, context=daysfile.context(day), memory=memory.recall(earlier[::-1], KEY), memory_key=KEY
        )
        out[day["id"]] = [Report(c.start_seconds, c.end_seconds, c.confidence) for c in told.day.customers]
        if confirmed:
            lines = utterance_arrays.load(transcript)
            earlier.append(memory.contribute(lines, daysfile.customers(day), [], "confirmed", KEY))
        elif told.contribution is not None:
            earlier.append(told.contribution)
    return out


def row(name: str, days: Sequence[dict], reports: Reports) -> str:
    """One line of the table."""
    r = metrics.score(days, reports)
    low, high = metrics.f1_interval(days, reports)
    empty = r["zero_day_false_per_day"]
    size = f"{len(days)} / {r['n_truth']}"
    return (
        f"| {name} | {size} | {r['f1_50']:.3f} ({low:.2f} to {high:.2f}) | {r['p_50']:.2f}/{r['r_50']:.2f} "
        f"| {r['f1_80']:.3f} | {'-' if empty is None else f'{empty:.2f}'} | {r.get('ece', 0.0):.2f} |"
    )


HEAD = (
    "| days | days / conversations | F1@.5 (90 %) | P/R@.5 | F1@.8 | false per empty day | ECE |\n"
    "|---|---|---|---|---|---|---|"
)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=pool.PARTS, default="test")
    parser.add_argument("--days", type=int, default=42, help="normal days; of the other sets half as many")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--series", type=int, default=8, help="businesses with days in series")
    parser.add_argument("--only", default="", help="rows to make, by the beginning of their names, with semicolons")
    a = parser.parse_args()
    source = pool.read(a.part)
    sets = {name: generate.SETS[name](n, a.seed, source) for name, n in _sizes(a.days, a.series).items()}
    only = tuple(a.only.split(";"))
    print(HEAD, flush=True)
    for name, days, make in _rows(sets):
        if name.startswith(only):
            print(row(name, days, make(days)), flush=True)


def _sizes(days: int, series: int) -> dict[str, int]:
    half = days // 2
    return {"normal": days, "empty": half, "shop_talk": half, "short": half, "series": series}


def _rows(sets: dict[str, list[dict]]) -> list[tuple[str, list[dict], Callable[[list[dict]], Reports]]]:
    def each(**options: Any) -> Callable[[list[dict]], Reports]:
        return lambda days: {d["id"]: found(d, **options) for d in days}

    told: dict[bool, Reports] = {}

    def remembered(confirmed: bool = False) -> Callable[[list[dict]], Reports]:
        def make(days: list[dict]) -> Reports:
            if confirmed not in told:
                told[confirmed] = of_series(sets["series"], confirmed=confirmed)
            return {d["id"]: told[confirmed][d["id"]] for d in days}

        return make

    series = sets["series"]
    part = {k: [d for d in series if k[0] <= d["series"]["day"] <= k[1]] for k in ((0, 1), (3, 6), (7, 10))}
    out = [
        ("normal day, first day known", sets["normal"], each()),
        ("normal day without context", sets["normal"], each(context=False)),
        ("normal day, labels not shown", sets["normal"], each(hidden=True)),
        ("normal day without labels", sets["normal"], each(speakers=False)),
        ("normal day without labels, read (errs by 1 line)", sets["normal"], each(speakers=False, jitter=1)),
        ("normal day, read (errs by 1 line)", sets["normal"], each(jitter=1)),
        ("normal day, read (errs by 3 lines)", sets["normal"], each(jitter=3)),
        ("normal day, read (errs by 6 lines)", sets["normal"], each(jitter=6)),
        ("shop talk", sets["shop_talk"], each()),
        ("empty days", sets["empty"], each()),
        ("empty days without labels", sets["empty"], each(speakers=False)),
        ("shop talk without labels", sets["shop_talk"], each(speakers=False)),
        ("short recordings", sets["short"], each()),
        ("series, first and second day, no memory", part[(0, 1)], each()),
    ]
    for days, name in (((3, 6), "days 3 to 6"), ((7, 10), "days 7 to 10")):
        out += [
            (f"series, {name}, no memory", part[days], each()),
            (f"series, {name}, own reports", part[days], remembered()),
            (f"series, {name}, confirmed", part[days], remembered(confirmed=True)),
        ]
    for name, baseline in BASELINES.items():
        out.append((name, sets["normal"], lambda days, b=baseline: {d["id"]: b(daysfile.transcript(d)) for d in days}))
    return out


if __name__ == "__main__":
    main()
