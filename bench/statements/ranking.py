"""Compare the overall score with people's ranking: `python -m bench.statements.ranking --models FOLDER`.

The folder is one that `bench.statements.folds` wrote: every whole visit is analysed by word models and an encoder that
have not seen the hand that wrote it. Readers of different hands use their marks differently, so the correlation within
hands stands beside the one over all visits. What facts could reach at best is the correlation of a ridge regression
over the labels themselves, each hand by weights of the others.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn.linear_model import Ridge

from bench.statements.dialogues import Dialogue
from bench.statements.encoder.unseen import read_by_other_hands
from bench.statements.folds import FOLDS, visits_by_fold
from bench.statements.labelled import hand_of
from bench.statements.measure import analyse
from dayline.domain.analysis import PILLARS
from dayline.scoring.facts import statement_model
from dayline.scoring.rubric import RubricAnalyst

Numbers = NDArray[np.float64]
Places = NDArray[np.intp]
_BANDS = (0, 50, 60, 70, 80, 90, 101)
_DRAWS, _RIDGE = 1000, 100.0
_SCORES = ("overall", *PILLARS)


def scores_of(dialogue: Dialogue, error_rate: float) -> list[float]:
    """Return the overall score and the pillars, read by an encoder that has not seen the hand."""
    read_by_other_hands(dialogue.id, error_rate)
    analysis = analyse(RubricAnalyst(), dialogue, dialogue.transcript(error_rate))
    return [float(analysis[f"{name}_score"]) for name in _SCORES]


def scored_visits(models: Path, error_rate: float) -> tuple[list[Dialogue], Numbers]:
    """Return all whole visits with their scores, by models that have not seen the hand."""
    visits: list[Dialogue] = []
    rows: list[list[float]] = []
    for k, own in enumerate(visits_by_fold(FOLDS)):
        statement_model.SHIPPED = models / f"fold_{k}" / "statements.npz"
        statement_model.statement_model.cache_clear()
        visits += own
        rows += [scores_of(dialogue, error_rate) for dialogue in own]
    return visits, np.array(rows)


def labelled_facts(dialogue: Dialogue) -> list[float]:
    """Return the figures of the labels from which a reader could judge."""
    labels = dialogue.labels
    ends, answers = labels["outcome"], [value for _, value in labels.get("answered", [])]
    prices = [int(turn) for turn, _ in labels["offers"]]
    needs = [int(turn) for turn in labels.get("needs", [])]
    return [
        *(float(end in ends) / len(ends) for end in ("order", "appointment", "follow_up", "refused")),
        float(answers.count("no")),
        answers.count("yes") / len(answers) if answers else 0.8,
        float(len(labels["objections"])),
        float(min(3, len(labels["steps"]))),
        float(any(when for _, _, when in labels["steps"])),
        float(min(3, len(needs))),
        float(bool(needs) and min(needs) < min(prices, default=10**6)),
        float(min(3, len(labels["asks"]))),
        float(bool(prices)),
    ]


def by_other_hands(figures: Numbers, quality: Numbers, hands: Sequence[str]) -> Numbers:
    """Return the quality that a ridge regression learned from the other hands expects."""
    hand = np.array(hands)
    expected = np.zeros(len(quality))
    for own in sorted(set(hands)):
        seen = hand != own
        middle, spread = figures[seen].mean(axis=0), figures[seen].std(axis=0) + 1e-9
        model = Ridge(alpha=_RIDGE).fit((figures[seen] - middle) / spread, quality[seen])
        expected[~seen] = model.predict((figures[~seen] - middle) / spread)
    return expected


def correlations(values: Numbers, quality: Numbers, groups: Sequence[Places]) -> tuple[float, float]:
    """Return the rank correlation over all visits, and its mean over the hands."""
    within = [_rank(values[own], quality[own]) for own in groups]
    return _rank(values, quality), float(np.mean(within))


def _rank(values: Numbers, quality: Numbers) -> float:
    """Return the rank correlation, 0 where all values are alike."""
    if np.ptp(values) == 0 or np.ptp(quality) == 0:
        return 0.0
    return float(np.corrcoef(rankdata(values), rankdata(quality))[0, 1])


def line(name: str, values: Numbers, quality: Numbers, hands: Sequence[str]) -> str:
    """Return a line with both correlations and their 90 % intervals by drawing visits within each hand."""
    hand = np.array(hands)
    groups = [np.flatnonzero(hand == own) for own in sorted(set(hands))]
    dice = np.random.default_rng(0)
    drawn: list[tuple[float, float]] = []
    for _ in range(_DRAWS):
        picks = [dice.choice(own, len(own)) for own in groups]
        order = np.concatenate(picks)
        borders = np.cumsum([0, *map(len, picks)])
        places = [np.arange(a, b) for a, b in pairwise(borders)]
        drawn.append(correlations(values[order], quality[order], places))
    low, high = np.percentile(drawn, [5, 95], axis=0)
    everyone, within = correlations(values, quality, groups)
    return (
        f"{name:<22} all {everyone:.2f} ({low[0]:.2f} to {high[0]:.2f})   "
        f"within hands {within:.2f} ({low[1]:.2f} to {high[1]:.2f})"
    )


def bands(scores: Numbers, quality: Numbers) -> Iterable[str]:
    """Return a line per band of the overall score with the marks that people gave."""
    for low, high in pairwise(_BANDS):
        own = quality[(scores >= low) & (scores < high)]
        if own.size:
            yield f"score {low} to {high - 1}: {own.size} visits, people's marks {own.mean():.1f} of 10"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.statements.ranking", description=__doc__)
    parser.add_argument("--models", type=Path, required=True, help="folder of `bench.statements.folds`")
    parser.add_argument("--word-errors", type=float, nargs="+", default=[0.0, 0.1], choices=[0.0, 0.1])
    options = parser.parse_args()
    for rate in options.word_errors:
        visits, rows = scored_visits(options.models, rate)
        quality = np.array([float(v.labels["quality"]) for v in visits])
        hands = [hand_of(v) or v.split for v in visits]
        print(f"{len(visits)} whole visits of {len(set(hands))} hands, {rate:.0%} of the words wrong")
        for place, name in enumerate(_SCORES):
            print(line(name, rows[:, place], quality, hands))
        print("\n".join(bands(rows[:, 0], quality)))
        known = [i for i, v in enumerate(visits) if "answered" in v.labels]
        facts = np.array([labelled_facts(visits[i]) for i in known])
        own = [hands[i] for i in known]
        print(line(f"labels ({len(known)} visits)", by_other_hands(facts, quality[known], own), quality[known], own))


if __name__ == "__main__":
    main()
