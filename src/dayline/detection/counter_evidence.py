"""Evidence on a level that is the same on every day, most of it against a customer conversation.

`day_evidence` weighs a source by how well it separates the conversations of one day from the rest of that day. On a day
without any conversation it separates the most similar talk from the rest, and on a day with a clear conversation it
speaks against the others. Four rules do not depend on the day: customers and reps say prices, sizes, amounts and
times, so talk of some length with hardly any number is private talk or a broadcast; the share of the playbook's words
is compared with that of everyday talk, and this comparison counts more than the one within the day; the words of the
playbook count for a conversation only where voices, roles and wording do not speak against it, since a rep who is a
customer elsewhere uses them too; and where the rep asks for a service and the other side gives it, the rep is the
customer. All rules know English only and say nothing of talk in another language: its number words, its wording and
its everyday words are not known here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dayline.detection.features import candidates, day_topic
from dayline.detection.features.utterance_arrays import UtteranceArrays

F = NDArray[np.float64]
I = NDArray[np.int64]  # noqa: E741 - beside F, as the arrays of the detector are named
B = NDArray[np.bool_]

NUMBERS_WEIGHT, NUMBERS_WEIGHT_WITHOUT_LABELS = 4.0, 8.0
"""Log-odds against long talk without any number, with speaker labels and without."""

FEW_NUMBERS = (0.5, 1.5)
"""Numbers per 100 words: at the first the weight is full, from the second on it is zero.

In corpora of two sources 95 % of the customer conversations that were found have .97 and 1.8 or more.
"""

HALF_WEIGHT_WORDS = 300.0
"""Length at which the absence of numbers has half of its weight."""


@dataclass(frozen=True, slots=True)
class PlaybookScale:
    """How the log ratio of the playbook's words to everyday talk becomes log-odds.

    Attributes:
        slope: log-odds per unit of the log ratio.
        middle: log ratio of no evidence.
        against, in_favour: limits of the log-odds below and above zero.
    """

    slope: float
    middle: float
    against: float
    in_favour: float


PLAYBOOK = PlaybookScale(8.0, 0.15, 3.0, 3.0)
PLAYBOOK_IN_SHORT = PlaybookScale(3.0, 0.1, 2.0, 2.0)
PLAYBOOK_WITHOUT_LABELS = PlaybookScale(8.0, 0.15, 4.0, 4.0)
PLAYBOOK_WITHOUT_LABELS_IN_SHORT = PlaybookScale(4.8, 0.1, 1.5, 3.2)
"""Scales of labelled recordings and of recordings in which no voices are told apart, and of those under half an hour.

The ratio of other talk lies near -.4 in corpora of several sources, that of customer conversations at .3 and more. A
short recording has too few words for so steep a scale, and most of its talk is a conversation, so that words outside
the playbook say little.
"""

PLAYBOOK_FROM, PLAYBOOK_FROM_WHERE_UNKNOWN = (-0.5, 0.5), (1.0, 3.0)
"""Log-odds of the kind by voices, roles and wording between which the support of the playbook rises from 0 to all.

The second pair holds on days of whose talk the network of lines says nothing (`line_evidence.trust`): there colleagues
who speak of the own trade have only voices and roles against them. In recordings under half an hour the playbook needs
no support.
"""

OFFICE_IN_SHORT = 3.0
"""Factor of the cues of calls with the office in labelled recordings under half an hour.

The level of a cue is fitted within the day, and such a recording has hardly any other talk to fit it to.
"""

PLAYBOOK_DAY_SHARE = 0.3
"""Weight of the playbook's log-odds as fitted within the day, beside those on a fixed level."""

SERVED_WEIGHT, SERVED_FROM = 4.0, (0.3, 1.5)
"""Log-odds against talk in which the rep is served, and the balances per 100 words between which they rise from zero.

On errands of businesses left out of training the balance is 1 to 4, in customer conversations mostly below zero. Not
used in recordings under half an hour, where it hid a short refusal at the door.
"""

ENGLISH_FROM = 0.35
"""Least share of English function words by which talk is taken for English.

On the example days talk has .56 to .74 (radio .56); German, French, Spanish and Dutch sales talk has .03 to .09.
"""


def language_of(u: UtteranceArrays, first: I, last: I) -> tuple[F, B]:
    """Return the number of words of lines [first, last) and whether they are English, shape (m,) each."""
    words, english = (
        sums[last] - sums[first]
        for sums in (np.concatenate([[0.0], np.cumsum(v)]) for v in (u.words, day_topic.function_words(u)))
    )
    return words, english >= ENGLISH_FROM * words


def few_numbers(rows: F, words: F, is_english: B, *, has_voices: bool = True) -> F:
    """Return the log-odds that hardly a number is said, <= 0, shape (m,).

    Args:
        rows: `candidates.measure`, shape (m, features).
        words: words of each candidate, shape (m,).
        is_english: whether each candidate is English talk, shape (m,).
        has_voices: whether the day has speaker labels.
    """
    weight = NUMBERS_WEIGHT if has_voices else NUMBERS_WEIGHT_WITHOUT_LABELS
    least, enough = FEW_NUMBERS
    rate = rows[:, candidates.NAMES.index("rate_number")]
    missing = np.clip((enough - rate) / (enough - least), 0.0, 1.0)
    return np.where(is_english, -weight * missing * words / (words + HALF_WEIGHT_WORDS), 0.0)


def rep_is_served(rate: F) -> F:
    """Return the log-odds that the rep is the customer, <= 0, shape of rate. rate: `service_direction.rate`."""
    low, high = SERVED_FROM
    return -SERVED_WEIGHT * np.clip((rate - low) / (high - low), 0.0, 1.0)


def playbook_level(ratio: F, scale: PlaybookScale = PLAYBOOK) -> F:
    """Return the log-odds of the playbook's share on a fixed level, shape of ratio.

    Args:
        ratio: `playbook.ratio`.
        scale: that of the recording.
    """
    return np.clip(scale.slope * (ratio - scale.middle), -scale.against, scale.in_favour)


def supported(playbook: F, kind: F, is_english: B, trust: float = 1.0) -> F:
    """Return the log-odds of the playbook as far as the kind by voices, roles and wording lets them count, shape (m,).

    Log-odds below zero, and those of talk in another language, count in full.

    Args:
        playbook: log-odds of the playbook, shape (m,).
        kind: log-odds of the kind, shape (m,).
        is_english: whether each candidate is English talk, shape (m,).
        trust: how much the network of lines knows the day's talk, 0..1.
    """
    low, high = (
        trust * known + (1.0 - trust) * unknown
        for known, unknown in zip(PLAYBOOK_FROM, PLAYBOOK_FROM_WHERE_UNKNOWN, strict=True)
    )
    return np.where(is_english & (playbook > 0), playbook * np.clip((kind - low) / (high - low), 0.0, 1.0), playbook)
