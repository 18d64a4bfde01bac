"""Who asks for a service and who gives it.

In a customer conversation the other side asks for something and the rep finds out what is wanted. On an errand it is
the other way round: the rep orders, books or buys. The patterns are phrases of people who ask and of people who serve,
whatever is sold; they are English.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from dayline.detection.features.speaker_roles import SpeakerRoles
from dayline.detection.features.utterance_arrays import UtteranceArrays

F = NDArray[np.float64]
I = NDArray[np.int64]  # noqa: E741 - beside F, as the arrays of the detector are named

_UNKNOWN_SPEAKER = 0.5
"""Probability that a line without a label is the rep's."""

_PRIOR_WORDS = 60.0
"""Words added to the length of an interval, so that one phrase in a few words does not decide."""

_DEEDS = "help|find|book|get|call|make|reserve|look|search"
_ASKS = re.compile(
    r"\b(i'd like|i would like|i('d| would)? want|i need|i'm looking for|i am looking for|we need|we'd like|"
    rf"(can|could) you (please )?({_DEEDS})|please ({_DEEDS})|find me|help me|is there an?|are there any|"
    r"do you (have|carry|sell|take)|how much (is|are|do|would|for)|what do i owe)\b"
)
_SERVES = re.compile(
    r"\b(would you like|do you (want|prefer|need)|what (kind|type|sort|time|day|date|city|size|color)|"
    r"which (city|area|date|day|kind|type|one)|how many|how can i help|what can i (do|get)|"
    r"can i (help|get) you|i (have )?found|confirm|is that (correct|right|all)|anything else|shall i|should i|"
    r"your (name|number|address|order|ride|total|destination)|booked|booking|reservation)\b"
)


def measure(utterances: UtteranceArrays, roles: SpeakerRoles) -> F:
    """Return how much more often the rep asks and is served than the other way round, per line, shape (n,).

    Args:
        utterances: the lines.
        roles: who the rep is.
    """
    asks, serves = np.zeros(len(utterances)), np.zeros(len(utterances))
    for i, text in enumerate(utterances.texts):
        low = text.lower().replace("’", "'")
        asks[i] = sum(1 for _ in _ASKS.finditer(low))
        serves[i] = sum(1 for _ in _SERVES.finditer(low))
    rep = np.where(utterances.voice >= 0, roles.rep, _UNKNOWN_SPEAKER)
    return (2 * rep - 1) * (asks - serves)


def rate(lines: F, words: F, first: I, last: I) -> F:
    """Return the balance of `measure` per 100 words of the intervals [first, last), shape (m,).

    Args:
        lines: `measure` of the day.
        words: words of each interval, shape (m,).
        first, last: the intervals.
    """
    total = np.concatenate([[0.0], np.cumsum(lines)])
    return 100 * (total[last] - total[first]) / (words + _PRIOR_WORDS)
