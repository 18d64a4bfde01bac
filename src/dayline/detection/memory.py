"""Memory of an organisation: counts of word stems in its customer conversations on earlier days.

Each recording contributes how often content stems were said in its visits and in its other talk. The contributions of
recordings are kept apart, so that each can be removed with its recording. Stems are kept as keyed hashes, never as
text; personal names are left out; a stem is used only when three people said it or it was said on three days.

The detector compares the mean log ratio of a candidate's stems between earlier visits and earlier other talk (naive
Bayes with a saturating length; Maron 1961) with the ratios that each earlier recording has under the others. Own
reports alone only speak against a candidate: what they report wrongly would otherwise return as evidence.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dayline.detection import gbdt
from dayline.detection.features.day_topic import carries_subject, stem
from dayline.detection.features.utterance_arrays import UtteranceArrays

F = NDArray[np.float64]
I = NDArray[np.int64]  # noqa: E741 - beside F, as the arrays of the detector are named

Source = Literal["own", "read", "confirmed"]
"""Who found the visits of a contribution: the detector alone, the verified reader, or a person."""

SOURCE_WEIGHT: Mapping[str, float] = {"own": 1.0, "read": 2.0, "confirmed": 3.0}
"""Weight of one day of each source."""

OWN_CHANCE = 0.75
"""Minimum probability, computed without memory, at which an own report counts as a visit."""

UNCERTAIN_CHANCE = 0.2
"""Minimum such probability at which a line outside the own visits is not counted as other talk either."""

LEAST_PEOPLE, LEAST_DAYS = 3, 3
LEAST_COUNT = 3.0
FULL_DAYS = 3.0
MOST_DAYS = 90
"""Maximum number of contributions used; older ones are ignored."""

USUAL_LEVELS, USUAL_RECORDINGS = (-0.3, -0.65), 2.0
"""Mean log ratios of visits and of other talk on a day that is not counted itself, and the recordings they are worth.

Both are below 0, because more stems of other talk are known.
"""

LEAST_DISTANCE, MIDDLE = 0.3, 0.7
"""Minimum distance of the two levels, and the point of no evidence as a share of the way from other talk to visits."""

SLOPE, AGAINST_LIMIT, FOR_LIMIT = 3.0, 3.0, 3.0
"""Log-odds per distance of the levels, and their limits. The upper limit holds when every day was read or confirmed."""

_RATIO_LIMIT, _PRIOR_STEMS, _PRIOR_WORDS = 3.0, 25.0, 400.0
_LEVEL_RECORDINGS, _LEVEL_STEMS = 12, 20


@dataclass(frozen=True, slots=True)
class Contribution:
    """Counts of one recording.

    Attributes:
        source: who found the visits.
        visits: times said in visits, by hashed stem.
        other: times said in other talk, by hashed stem.
        people: number of different speakers who said it, by hashed stem.
    """

    source: Source
    visits: Mapping[str, int]
    other: Mapping[str, int]
    people: Mapping[str, int]


NOTHING = Contribution("own", {}, {}, {})
"""Contribution of a recording without a confident report."""


@dataclass(frozen=True, slots=True)
class OrgMemory:
    """Log ratios of hashed stems between the visits and the other talk of earlier days.

    Attributes:
        key: key of the hashes.
        days: recordings known, weighted by their source.
        recordings: recordings known.
        checked: share of `days` that a reader read or a person confirmed, 0..1.
        levels: mean log ratio of the visits and of the other talk of a recording by what the other recordings say.
        ratio: log ratio per hashed stem, within -3 and 3.
    """

    key: str
    days: float = 0.0
    recordings: int = 0
    checked: float = 0.0
    levels: tuple[float, float] = USUAL_LEVELS
    ratio: Mapping[str, float] = field(default_factory=dict[str, float])

    @property
    def weight(self) -> float:
        """Return the share of the memory's full weight: 0 without any recording, 1 from three on."""
        return min(1.0, self.recordings / FULL_DAYS)


@cache
def _names() -> frozenset[str]:
    """Return common given and family names, as stems."""
    return frozenset(stem(w) for w in gbdt.text("personal_names.txt").split())


@lru_cache(maxsize=200_000)
def hashed(word_stem: str, key: str) -> str:
    """Return the keyed hash of a stem, 12 hexadecimal digits."""
    return hashlib.blake2b(word_stem.encode(), key=key.encode()[:64], digest_size=6).hexdigest()


_CAPITAL = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]+")


def contribute(
    utterances: UtteranceArrays,
    visits: Sequence[tuple[float, float]],
    left_out: Sequence[tuple[float, float]],
    source: Source,
    key: str,
) -> Contribution:
    """Count the stems of a recording.

    Args:
        utterances: lines of the recording.
        visits: start and end of the customer conversations, in seconds.
        left_out: start and end of talk that counts as neither: uncertain reports.
        source: who found the visits.
        key: key of the hashes of this organisation.
    """
    middle = (utterances.start + utterances.end) / 2
    inside = _within(middle, visits)
    skipped = _within(middle, left_out) & ~inside
    names = _names() | _capitalised(utterances.texts)
    counts: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    speakers: dict[str, set[int]] = {}
    for i, tokens in enumerate(utterances.tokens):
        if skipped[i]:
            continue
        for w in tokens:
            if not carries_subject(w) or w in names:
                continue
            s = stem(w)
            if s in names:
                continue
            k = hashed(s, key)
            counts[0 if inside[i] else 1][k] += 1
            speakers.setdefault(k, set()).add(int(utterances.voice[i]))
    people = {k: len(v - {-1}) for k, v in speakers.items()}
    return Contribution(source, counts[0], counts[1], people)


@dataclass(frozen=True, slots=True)
class _Counts:
    """Weighted counts of several recordings by hashed stem: visits, other talk, speakers and recordings."""

    visits: Mapping[str, float]
    other: Mapping[str, float]
    people: Counter[str]
    seen: Counter[str]

    def totals(self, left_out: Contribution | None = None) -> tuple[float, float]:
        """Return the sums of the visits and of the other talk, without one recording."""
        visits, other = sum(self.visits.values()), sum(self.other.values())
        if left_out is None:
            return visits, other
        weight = SOURCE_WEIGHT[left_out.source]
        return visits - weight * sum(left_out.visits.values()), other - weight * sum(left_out.other.values())

    def ratio(self, name: str, totals: tuple[float, float], left_out: Contribution | None = None) -> float | None:
        """Return the log ratio of a stem; None when too few people or days know it.

        Args:
            name: the hashed stem.
            totals: what `totals` returns for `left_out`.
            left_out: recording that is not counted.
        """
        v, o = self.visits.get(name, 0.0), self.other.get(name, 0.0)
        people, seen = self.people[name], self.seen[name]
        total_v, total_o = totals
        if left_out is not None:
            weight = SOURCE_WEIGHT[left_out.source]
            v -= weight * left_out.visits.get(name, 0)
            o -= weight * left_out.other.get(name, 0)
            people -= left_out.people.get(name, 0)
            seen -= name in left_out.people
        if v + o < LEAST_COUNT or (people < LEAST_PEOPLE and seen < LEAST_DAYS):
            return None
        share = _PRIOR_WORDS * (v + o) / (total_v + total_o)
        log = math.log((v + share) / (total_v + _PRIOR_WORDS)) - math.log((o + share) / (total_o + _PRIOR_WORDS))
        return round(min(_RATIO_LIMIT, max(-_RATIO_LIMIT, log)), 3)


def recall(contributions: Iterable[Contribution], key: str) -> OrgMemory:
    """Sum contributions, newest first; those after the `MOST_DAYS` newest are not used.

    A day without a confident visit adds nothing: its other talk may contain visits that the detector missed.
    """
    known = [c for c in contributions if c.visits or c.source != "own"][:MOST_DAYS]
    visits, other = defaultdict[str, float](float), defaultdict[str, float](float)
    counts = _Counts(visits, other, Counter(), Counter())
    days = checked = 0.0
    for c in known:
        weight = SOURCE_WEIGHT[c.source]
        days += weight
        checked += weight * (c.source != "own")
        for name, n in c.visits.items():
            visits[name] += weight * n
        for name, n in c.other.items():
            other[name] += weight * n
        counts.seen.update(c.people.keys())
        counts.people.update(c.people)
    totals = counts.totals()
    if not all(totals):
        return OrgMemory(key, 0.0)
    found = ((name, counts.ratio(name, totals)) for name in counts.seen)
    ratio = {name: value for name, value in found if value is not None}
    return OrgMemory(key, days, len(known), checked / days, _levels(known, counts), ratio)


def _levels(known: Sequence[Contribution], counts: _Counts) -> tuple[float, float]:
    """Return the levels of visits and of other talk: each of the newest recordings scored by all the others."""
    found: tuple[list[float], list[float]] = ([], [])
    for c in known[:_LEVEL_RECORDINGS] if len(known) > 1 else ():
        totals = counts.totals(c)
        if totals[0] <= 0:
            continue
        for said, level in zip((c.visits, c.other), found, strict=True):
            ratios = ((n, counts.ratio(name, totals, c)) for name, n in said.items())
            scored = [(n, r) for n, r in ratios if r is not None]
            stems = sum(n for n, _ in scored)
            if stems >= _LEVEL_STEMS:
                level.append(sum(n * r for n, r in scored) / stems)
    visits, other = (
        (usual * USUAL_RECORDINGS + sum(level)) / (USUAL_RECORDINGS + len(level))
        for usual, level in zip(USUAL_LEVELS, found, strict=True)
    )
    return visits, other


def line_scores(utterances: UtteranceArrays, memory: OrgMemory) -> tuple[F, F]:
    """Return the sum of the log ratios and the number of known stems per line, shape (n,) each."""
    total, known = np.zeros(len(utterances)), np.zeros(len(utterances))
    cache: dict[str, float | None] = {}
    for i, tokens in enumerate(utterances.tokens):
        for w in tokens:
            if w not in cache:
                cache[w] = memory.ratio.get(hashed(stem(w), memory.key)) if carries_subject(w) else None
            value = cache[w]
            if value is not None:
                total[i] += value
                known[i] += 1
    return total, known


def log_odds(lines: tuple[F, F], memory: OrgMemory, first: I, last: I) -> F:
    """Return the log-odds by the memory that lines [first, last) are a customer conversation, shape (m,).

    Args:
        lines: `line_scores` of the day.
        memory: what is known of earlier days.
        first, last: the intervals; with few known stems they are drawn to the point of no evidence.
    """
    visits, other = memory.levels
    distance = max(LEAST_DISTANCE, visits - other)
    middle = other + MIDDLE * distance
    total, known = (np.concatenate([[0.0], np.cumsum(v)]) for v in lines)
    mean = (total[last] - total[first] + middle * _PRIOR_STEMS) / (known[last] - known[first] + _PRIOR_STEMS)
    odds = np.clip(SLOPE * (mean - middle) / distance, -AGAINST_LIMIT, FOR_LIMIT * memory.checked)
    return memory.weight * odds


def _within(at: F, spans: Sequence[tuple[float, float]]) -> NDArray[np.bool_]:
    out = np.zeros(len(at), dtype=bool)
    for a, b in spans:
        out |= (at >= a) & (at <= b)
    return out


def _capitalised(texts: Sequence[str]) -> frozenset[str]:
    """Return the words that the transcript capitalises inside sentences every time, in lower case."""
    big: set[str] = set()
    small: set[str] = set()
    for text in texts:
        big.update(w.lower() for w in _CAPITAL.findall(text))
        small.update(w for w in re.findall(r"[A-Za-z]+", text) if w.islower())
    return frozenset(big - small)
