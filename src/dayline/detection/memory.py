"""Memory of an organisation: counts of word stems in its customer conversations on earlier days.

Each recording contributes how often content stems were said in its visits and in its other talk. The contributions of
recordings are kept apart, so that each can be removed with its recording. Stems are kept as keyed hashes, never as
text; personal names are left out; a stem is used only when three people said it or it was said on three days.

The detector adds to a candidate the mean log ratio of its stems between earlier visits and earlier other talk (naive
Bayes with a saturating length; Maron 1961).
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
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

DOUBTFUL_CHANCE = 0.2
"""Minimum such probability at which a line outside the own visits is not counted as other talk either."""

LEAST_PEOPLE, LEAST_DAYS = 3, 3
LEAST_COUNT = 3.0
FULL_DAYS = 3.0
MOST_DAYS = 90
"""Maximum number of contributions used; older ones are ignored."""

NEUTRAL_RATIO = -0.48
"""Mean log ratio that is no evidence either way; below 0, because more stems of other talk are known."""

_RATIO_LIMIT, _PRIOR_STEMS, _PRIOR_WORDS = 3.0, 25.0, 400.0


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
        ratio: log ratio per hashed stem, within -3 and 3.
    """

    key: str
    days: float = 0.0
    ratio: Mapping[str, float] = field(default_factory=dict[str, float])

    @property
    def weight(self) -> float:
        """Return the share of the memory's full weight: 0 without any day, 1 from three days on."""
        return min(1.0, self.days / FULL_DAYS)


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


def recall(contributions: Iterable[Contribution], key: str) -> OrgMemory:
    """Sum contributions, newest first; those after the `MOST_DAYS` newest are not used.

    A day without a confident visit adds nothing: its other talk may contain visits that the detector missed.
    """
    visits: Counter[str] = Counter()
    other: Counter[str] = Counter()
    people: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    days = 0.0
    known = [c for c in contributions if c.visits or c.source != "own"]
    for c in known[:MOST_DAYS]:
        weight = SOURCE_WEIGHT[c.source]
        days += weight
        for name, n in c.visits.items():
            visits[name] += weight * n  # pyright: ignore[reportArgumentType] - weighted
        for name, n in c.other.items():
            other[name] += weight * n  # pyright: ignore[reportArgumentType] - weighted
        seen.update(c.people.keys())
        people.update(c.people)
    total_visits, total_other = sum(visits.values()), sum(other.values())
    if not total_visits or not total_other:
        return OrgMemory(key, 0.0)
    ratio: dict[str, float] = {}
    for name in seen:
        v, o = visits[name], other[name]
        if v + o < LEAST_COUNT or (people[name] < LEAST_PEOPLE and seen[name] < LEAST_DAYS):
            continue
        share = _PRIOR_WORDS * (v + o) / (total_visits + total_other)
        log = np.log((v + share) / (total_visits + _PRIOR_WORDS)) - np.log((o + share) / (total_other + _PRIOR_WORDS))
        ratio[name] = round(float(np.clip(log, -_RATIO_LIMIT, _RATIO_LIMIT)), 3)
    return OrgMemory(key, days, ratio)


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


def ratio(total: F, known: F, first: I, last: I) -> F:
    """Return the mean log ratio of the known stems of intervals [first, last), shape (m,).

    With few stems it is shrunk towards `NEUTRAL_RATIO`, a value between those of customer conversations and other talk.
    """
    a, b = (np.concatenate([[0.0], np.cumsum(v)]) for v in (total, known))
    return (a[last] - a[first] + NEUTRAL_RATIO * _PRIOR_STEMS) / (b[last] - b[first] + _PRIOR_STEMS)


def known_share(known: F, first: I, last: I) -> F:
    """Reliability of `ratio` for intervals [first, last) by their number of known stems: 0..1, shape (m,)."""
    b = np.concatenate([[0.0], np.cumsum(known)])
    n = b[last] - b[first]
    return n / (n + _PRIOR_STEMS)


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
