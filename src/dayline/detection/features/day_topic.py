"""Words that the day's likely customer conversations share, learned inside the recording.

A first estimate says how likely each line belongs to a conversation; the words of all other regions then vote on a
region (self-training with the region itself left out).
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from dayline.detection.features import boundary_features
from dayline.detection.features.utterance_arrays import UtteranceArrays

F = NDArray[np.float64]
I = NDArray[np.int64]  # noqa: E741 - beside F, as the arrays of the detector are named

_PRIOR_WORDS = 400.0
_REGION_GAP_SECONDS = 45.0

# Words without a subject: articles, pronouns, auxiliaries, numbers, fillers.
_EMPTY = frozenset((resources.files("dayline.detection.features") / "empty_words.txt").read_text().split())


@dataclass(frozen=True, slots=True)
class WordVotes:
    """Votes of the other regions of the day on every line.

    Attributes:
        shared: log-odds per word, summed over each line, shape (n,).
        words: content words per line, shape (n,).
    """

    shared: F
    words: F


@dataclass(frozen=True, slots=True)
class Topic:
    """Content words of the day as a table.

    Attributes:
        line, word: line and vocabulary index of each word.
        vocabulary: number of different stems.
        words: content words per line, shape (n,).
        region: index of the region between long pauses, per line.
    """

    line: I
    word: I
    vocabulary: int
    words: F
    region: I


def stem(word: str) -> str:
    """Return a word without its most common endings. A crude stemmer, the same for day and playbook."""
    for end in ("ations", "ation", "ings", "ing", "ies", "ers", "ed", "es", "er", "s"):
        if word.endswith(end) and len(word) - len(end) >= 4:
            return word[: -len(end)]
    return word


def carries_subject(word: str) -> bool:
    """Whether a word can indicate the subject of a talk: at least three letters, no number, no function word."""
    return len(word) > 2 and word not in _EMPTY and not word.isdigit()


def function_words(utterances: UtteranceArrays) -> F:
    """Count the English function words and numbers per line, shape (n,)."""
    return np.array([float(sum(w in _EMPTY for w in tokens)) for tokens in utterances.tokens])


def read(utterances: UtteranceArrays) -> Topic:
    """Return the content words of a day as a table."""
    index: dict[str, int] = {}
    lines: list[int] = []
    words: list[int] = []
    n = len(utterances)
    total = np.zeros(n)
    known: dict[str, str] = {}
    for i, tokens in enumerate(utterances.tokens):
        for w in tokens:
            if not carries_subject(w):
                continue
            s = known.get(w)
            if s is None:
                s = known[w] = stem(w)
            lines.append(i)
            words.append(index.setdefault(s, len(index)))
            total[i] += 1
    gap = boundary_features.gaps(utterances)[:-1]
    region = np.cumsum((gap > _REGION_GAP_SECONDS).astype(np.int64))
    return Topic(
        np.array(lines, dtype=np.int64),
        np.array(words, dtype=np.int64),
        max(1, len(index)),
        total,
        region - region[0] if n else region,
    )


def word_votes(topic: Topic, chance: F, places: F) -> WordVotes:
    """Return the votes of the rest of the day on every line.

    Args:
        topic: content words of the day.
        chance: probability that each line belongs to a visit, shape (n,).
        places: probability of a boundary before each line, shape (n + 1,); regions also end where it is above 0.5.
    """
    n = len(topic.words)
    cut = (places[:n] > 0.5) | (np.diff(topic.region, prepend=topic.region[:1]) > 0)
    region = np.cumsum(cut.astype(np.int64))
    k = int(region.max()) + 1 if n else 1
    return WordVotes(_shared(topic, chance, region, k), topic.words)


def _shared(topic: Topic, chance: F, region: I, k: int) -> F:
    n = len(topic.words)
    if not len(topic.line):
        return np.zeros(n)
    cell = region[topic.line] * topic.vocabulary + topic.word
    used, back = np.unique(cell, return_inverse=True)
    all_of = np.bincount(back, minlength=len(used))
    yes = np.bincount(back, weights=chance[topic.line], minlength=len(used))
    soft = np.log1p(all_of) / all_of
    where, word = used // topic.vocabulary, used % topic.vocabulary
    c1, c0 = yes * soft, (all_of - yes) * soft
    t1, t0 = (np.bincount(word, weights=c, minlength=topic.vocabulary) for c in (c1, c0))
    w1, w0 = (np.bincount(where, weights=c, minlength=k) for c in (c1, c0))
    rest1, rest0 = t1[word] - c1, t0[word] - c0
    words1, words0 = w1.sum() - w1[where], w0.sum() - w0[where]
    share = (rest1 + rest0 + 0.5) / (words1 + words0 + 0.5 * topic.vocabulary)
    score = np.log((rest1 + _PRIOR_WORDS * share) / (words1 + _PRIOR_WORDS)) - np.log(
        (rest0 + _PRIOR_WORDS * share) / (words0 + _PRIOR_WORDS)
    )
    seen = rest1 + rest0 > 0.7
    word_votes = np.where(seen, np.clip(score, -2.5, 2.5), 0.0)[back]
    return np.bincount(topic.line, weights=word_votes, minlength=n).astype(np.float64)


def of_intervals(line_votes: F, words: F, first: I, last: I) -> F:
    """Return votes on intervals [first, last), shape (m,): mean vote per word times a saturating number of words."""
    v, w = (np.concatenate([[0.0], np.cumsum(x)]) for x in (line_votes, words))
    total, size = v[last] - v[first], w[last] - w[first]
    return total / np.maximum(size, 1.0) * 60.0 * size / (size + 60.0)
