"""Score reported customer conversations against the ground truth of a set of days.

A report is correct when it overlaps a true conversation by at least half of their union, one report per conversation.
Beside F1 at two overlaps: time, edges, counts, false reports on empty days, WindowDiff (Pevzner & Hearst 2002), Pk
(Beeferman et al. 1999), Brier score and expected calibration error (Naeini et al. 2015) of the confidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Span = tuple[float, float]
LOOSE, STRICT = 0.5, 0.8


@dataclass(frozen=True, slots=True)
class Report:
    """A predicted conversation in seconds, with the probability that it is correct."""

    start_seconds: float
    end_seconds: float
    confidence: float = 1.0

    @property
    def span(self) -> Span:
        """Start and end."""
        return self.start_seconds, self.end_seconds


@dataclass(slots=True)
class Tally:
    """Counts over days: correct reports at each overlap, true conversations, reports, days."""

    right_loose: int = 0
    right_strict: int = 0
    true: int = 0
    reported: int = 0
    days: int = 0

    def add(self, loose: int, strict: int, true: int, reported: int) -> None:
        """Count one day."""
        self.right_loose += loose
        self.right_strict += strict
        self.true += true
        self.reported += reported
        self.days += 1

    def rates(self, right: int) -> tuple[float, float, float]:
        """Return precision, recall and F1 for a number of correct reports; 1 when both sides are empty."""
        precision = right / self.reported if self.reported else float(self.true == 0)
        recall = right / self.true if self.true else 1.0
        both = self.true + self.reported
        return precision, recall, 2 * right / both if both else 1.0


@dataclass(slots=True)
class _Sums:
    all: Tally = field(default_factory=Tally)
    shared_seconds: float = 0.0
    true_seconds: float = 0.0
    reported_seconds: float = 0.0
    edge_errors: list[float] = field(default_factory=list[float])
    count_errors: list[int] = field(default_factory=list[int])
    window_diff: list[float] = field(default_factory=list[float])
    pk: list[float] = field(default_factory=list[float])
    confidence: list[tuple[float, int]] = field(default_factory=list[tuple[float, int]])
    empty_days: int = 0
    empty_reports: int = 0
    by_day_tag: dict[str, Tally] = field(default_factory=dict[str, Tally])
    by_talk_tag: dict[str, list[int]] = field(default_factory=dict[str, list[int]])


def overlap(a: Span, b: Span) -> float:
    """Return the intersection over union of two spans."""
    shared = max(0.0, min(a[1], b[1]) - max(a[0], b[0]))
    union = (a[1] - a[0]) + (b[1] - b[0]) - shared
    return shared / union if union > 0 else 0.0


def pair(true: Sequence[Span], found: Sequence[Span], least: float) -> list[tuple[int, int]]:
    """Match true and found spans, best overlap first; each is used once, no pair overlaps less than `least`."""
    scored = [(overlap(t, f), i, j) for i, t in enumerate(true) for j, f in enumerate(found)]
    pairs: list[tuple[int, int]] = []
    used_true: set[int] = set()
    used_found: set[int] = set()
    for value, i, j in sorted(scored, key=lambda s: (-s[0], s[1], s[2])):
        if value >= least and i not in used_true and j not in used_found:
            used_true.add(i)
            used_found.add(j)
            pairs.append((i, j))
    return pairs


def score(
    days: Iterable[Mapping[str, Any]], reports: Mapping[str, Sequence[Report]], least_confidence: float = 0.0
) -> dict[str, Any]:
    """Score the reports that reach a confidence, by day id; a missing day counts as a day without reports."""
    sums = _Sums()
    for day in days:
        kept = [r for r in reports.get(day["id"], ()) if r.confidence >= least_confidence]
        _count_day(sums, day, sorted(kept, key=lambda r: r.start_seconds))
    return _result(sums)


def f1_interval(
    days: Sequence[Mapping[str, Any]], reports: Mapping[str, Sequence[Report]], share: float = 0.9, draws: int = 400
) -> tuple[float, float]:
    """Return the bootstrap interval (Efron 1979) of F1 at overlap 0.5 that covers `share` of the resamples of days."""
    counts: list[tuple[int, int, int]] = []
    for day in days:
        true = [(t["start_seconds"], t["end_seconds"]) for t in day["truth"] if t["kind"] == "customer"]
        found = [r.span for r in reports.get(day["id"], ())]
        counts.append((len(pair(true, found, LOOSE)), len(true), len(found)))
    rows = np.array(counts, dtype=np.float64)
    rng = np.random.default_rng(0)
    picked = rows[rng.integers(len(rows), size=(draws, len(rows)))].sum(axis=1)
    both = picked[:, 1] + picked[:, 2]
    values = np.where(both > 0, 2 * picked[:, 0] / np.maximum(both, 1.0), 1.0)
    low, high = np.quantile(values, [(1 - share) / 2, (1 + share) / 2])
    return float(low), float(high)


def full(days: Sequence[Mapping[str, Any]], reports: Mapping[str, Sequence[Report]]) -> dict[str, Any]:
    """Return `score`, and the main figures again without reports below a confidence of .5 and .8."""
    out = score(days, reports)
    keys = ("f1_50", "p_50", "r_50", "f1_80", "n_pred", "count_mae", "zero_day_false_per_day")
    for least in (LOOSE, STRICT):
        part = score(days, reports, least)
        out[f"min_confidence_{least}"] = {k: part[k] for k in keys}
    return out


def _count_day(sums: _Sums, day: Mapping[str, Any], reports: list[Report]) -> None:
    truth = [t for t in day["truth"] if t["kind"] == "customer"]
    true = [(t["start_seconds"], t["end_seconds"]) for t in truth]
    found = [r.span for r in reports]
    loose, strict = pair(true, found, LOOSE), pair(true, found, STRICT)
    right_found, right_true = {j for _, j in loose}, {i for i, _ in loose}
    sums.confidence += [(r.confidence, int(j in right_found)) for j, r in enumerate(reports)]
    for i, j in loose:
        sums.edge_errors += [abs(true[i][0] - found[j][0]), abs(true[i][1] - found[j][1])]
    merged_true, merged_found = _merge(true), _merge(found)
    sums.shared_seconds += sum(max(0.0, min(a[1], b[1]) - max(a[0], b[0])) for a in merged_true for b in merged_found)
    sums.true_seconds += sum(b - a for a, b in merged_true)
    sums.reported_seconds += sum(b - a for a, b in merged_found)
    windows = _window_errors(_edges(day["utterances"], true), _edges(day["utterances"], found))
    if windows is not None:
        sums.window_diff.append(windows[0])
        sums.pk.append(windows[1])
    sums.count_errors.append(len(found) - len(true))
    if not true:
        sums.empty_days += 1
        sums.empty_reports += len(found)
    figures = (len(loose), len(strict), len(true), len(found))
    sums.all.add(*figures)
    for tag in day["tags"]:
        sums.by_day_tag.setdefault(tag, Tally()).add(*figures)
    for i, t in enumerate(truth):
        for tag in t["tags"] or ["plain"]:
            seen = sums.by_talk_tag.setdefault(tag, [0, 0])
            seen[0] += 1
            seen[1] += i in right_true


def _merge(spans: Sequence[Span]) -> list[Span]:
    out: list[Span] = []
    for a, b in sorted(spans):
        if out and a <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], b))
        else:
            out.append((a, b))
    return out


def _edges(utterances: Sequence[Mapping[str, Any]], spans: Sequence[Span]) -> NDArray[np.int64]:
    """Return 1 between two utterances whose midpoints lie in different conversations, else 0."""
    inside: list[int] = []
    for u in utterances:
        middle = (u["start_seconds"] + u["end_seconds"]) / 2
        inside.append(next((k for k, (a, b) in enumerate(spans) if a <= middle <= b), -1))
    return (np.diff(np.array(inside, dtype=np.int64)) != 0).astype(np.int64)


def _window_errors(true: NDArray[np.int64], found: NDArray[np.int64]) -> tuple[float, float] | None:
    n = len(true)
    if n < 4:
        return None
    k = min(max(2, round((n + 1) / (int(true.sum()) + 1) / 2)), n - 1)
    a, b = (np.concatenate([[0], np.cumsum(x)]) for x in (true, found))
    left, right = a[k:] - a[:-k], b[k:] - b[:-k]
    return float((left != right).mean()), float(((left == 0) != (right == 0)).mean())


def calibration_error(confidence: Sequence[tuple[float, int]]) -> tuple[float, float]:
    """Return the Brier score and the expected calibration error in ten bins of equal width (the last one closed)."""
    c, y = (np.array(v, dtype=np.float64) for v in zip(*confidence, strict=True))
    total = 0.0
    for low in np.arange(0, 1, 0.1):
        rows = (c >= low) & ((c < low + 0.1) | bool(low > 0.89))
        if rows.any():
            total += float(rows.mean()) * abs(float(c[rows].mean()) - float(y[rows].mean()))
    return float(((c - y) ** 2).mean()), total


def _result(s: _Sums) -> dict[str, Any]:
    p5, r5, f5 = s.all.rates(s.all.right_loose)
    p8, r8, f8 = s.all.rates(s.all.right_strict)
    errors = np.array(s.count_errors or [0])
    out: dict[str, Any] = {
        "f1_50": f5, "p_50": p5, "r_50": r5, "f1_80": f8, "p_80": p8, "r_80": r8,
        "time_precision": s.shared_seconds / s.reported_seconds if s.reported_seconds else float(s.true_seconds == 0),
        "time_recall": s.shared_seconds / s.true_seconds if s.true_seconds else 1.0,
        "boundary_err_median": float(np.median(s.edge_errors)) if s.edge_errors else None,
        "boundary_err_p90": float(np.percentile(s.edge_errors, 90)) if s.edge_errors else None,
        "count_mae": float(np.abs(errors).mean()), "count_bias": float(errors.mean()),
        "count_exact": float((errors == 0).mean()),
        "zero_day_false_per_day": s.empty_reports / s.empty_days if s.empty_days else None,
        "windowdiff": float(np.mean(s.window_diff)) if s.window_diff else None,
        "pk": float(np.mean(s.pk)) if s.pk else None,
        "n_truth": s.all.true, "n_pred": s.all.reported,
    }  # fmt: skip
    if s.confidence:
        out["brier"], out["ece"] = calibration_error(s.confidence)
    out["day_tags"] = {
        tag: {
            "days": t.days, "n": t.true, "pred": t.reported,
            "f1_50": t.rates(t.right_loose)[2], "f1_80": t.rates(t.right_strict)[2],
        }
        for tag, t in sorted(s.by_day_tag.items())
    }  # fmt: skip
    out["conversation_tags_recall_50"] = {
        tag: {"n": n, "recall": right / n} for tag, (n, right) in sorted(s.by_talk_tag.items())
    }
    out["calibration"] = calibration_table(s.confidence)
    return out


def calibration_table(confidence: Sequence[tuple[float, int]]) -> list[dict[str, float]]:
    """Return ten bins of confidence: number of reports, mean confidence, share of correct reports."""
    out: list[dict[str, float]] = []
    for k in range(10):
        rows = [(c, y) for c, y in confidence if min(9, int(c * 10 + 1e-9)) == k]
        if rows:
            mean, right = (sum(v) / len(rows) for v in zip(*rows, strict=True))
            out.append({"from": k / 10, "reports": len(rows), "confidence": mean, "right": right})
    return out
