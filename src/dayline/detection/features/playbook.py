"""Share of a candidate's words that occur in the playbook, relative to the share expected of everyday talk.

Every content word is weighted by its information, minus the log of its frequency over all trades (Shannon 1948; for
weighting terms: Spärck Jones 1972). The share of information found in the playbook is divided by the share expected of
everyday talk, so that a long playbook, or one of common words, starts from the same zero as a short one. Other talk
measures about -0.4 in every corpus, so a fixed level can be used.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from dayline.detection import gbdt
from dayline.detection.features.day_topic import carries_subject, stem
from dayline.detection.features.utterance_arrays import UtteranceArrays, tokenize
from dayline.domain.timeline import DayContext

F = NDArray[np.float64]
I = NDArray[np.int64]  # noqa: E741 - beside F, as the arrays of the detector are named

_MOST_INFORMATION, _PLAIN_SHARE = 6.0, 25.0
_PRIOR_INFORMATION = 60.0


@dataclass(frozen=True, slots=True)
class WordFrequencies:
    """Frequencies of everyday words.

    Attributes:
        information: nats per stem.
        count: how often each stem was said.
        norm: information of all words together.
    """

    information: Mapping[str, float]
    count: Mapping[str, int]
    norm: float

    def of(self, word: str) -> float:
        """Return the information of a stem in nats, at most 6; an unknown stem has the most."""
        return self.information.get(word, _MOST_INFORMATION)


@dataclass(frozen=True, slots=True)
class PlaybookUse:
    """Content words of a day that occur in the playbook, per line, shape (n,).

    Attributes:
        words: number of content words.
        hits: number of content words that occur in the playbook.
        information: information of the content words, in nats.
        told: information of the content words that occur in the playbook, in nats.
        usual: share of information that everyday talk has in common with this playbook; None without a playbook.
    """

    words: F
    hits: F
    information: F
    told: F
    usual: float | None


@cache
def everyday_words() -> WordFrequencies:
    """Return the package's table of everyday words."""
    return table(line.split() for line in gbdt.text("spoken.txt").splitlines())


def table(rows: Iterable[list[str]]) -> WordFrequencies:
    """Build a table from (stem, count) rows; the row of the stem "*" holds the total number of words."""
    count = {word: int(n) for word, n in rows}
    total = count.pop("*")
    information = {
        w: float(np.clip(np.log(total / (n + 1.0) / _PLAIN_SHARE), 0, _MOST_INFORMATION)) for w, n in count.items()
    }
    heard = sum(n * information[w] for w, n in count.items())
    return WordFrequencies(information, count, heard + _MOST_INFORMATION * (total - sum(count.values())))


def stems(context: DayContext | None) -> frozenset[str]:
    """Return the stems of the content words of the product description, the vocabulary and the playbook."""
    if context is None:
        return frozenset()
    text = " ".join([context.sells, *context.vocabulary, context.playbook])
    return frozenset(stem(w) for w in tokenize(text) if carries_subject(w))


def read(utterances: UtteranceArrays, context: DayContext | None, everyday: WordFrequencies) -> PlaybookUse:
    """Count the playbook's words in every line."""
    book = stems(context)
    n = len(utterances)
    words, hits, information, told = np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n)
    known: dict[str, tuple[float, bool]] = {}
    for i, tokens in enumerate(utterances.tokens):
        for w in tokens:
            if not carries_subject(w):
                continue
            if w not in known:
                s = stem(w)
                known[w] = everyday.of(s), s in book
            nats, hit = known[w]
            words[i] += 1
            information[i] += nats
            if hit:
                hits[i] += 1
                told[i] += nats
    # An exact sum: the order of a set differs between processes, and results must not.
    usual = math.fsum(everyday.count.get(s, 0) * everyday.of(s) for s in book) / everyday.norm if book else None
    return PlaybookUse(words, hits, information, told, usual)


def ratio(book: PlaybookUse, first: I, last: I) -> F:
    """Return the log ratio of the playbook's share in intervals [first, last) to its usual share, shape (m,).

    Requires a playbook.
    """
    usual = book.usual or 0.0
    told, of = (np.concatenate([[0.0], np.cumsum(v)]) for v in (book.told, book.information))
    a, b = told[last] - told[first], of[last] - of[first]
    return np.log(
        (a + _PRIOR_INFORMATION * usual + 1) / (b + _PRIOR_INFORMATION + 1) / (usual + 1 / _PRIOR_INFORMATION)
    )
