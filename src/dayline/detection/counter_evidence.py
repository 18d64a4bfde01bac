"""Evidence against a customer conversation on a level that is the same on every day.

`day_evidence` weighs a source by how well it separates the conversations of one day from the rest of that day. On a day
without any conversation it separates the most similar talk from the rest. Two rules do not depend on the day: customers
and reps say prices, sizes, amounts and times, so talk of some length with hardly any number is private talk or a
broadcast; and the words of the playbook count for a conversation only where voices, roles and wording do not speak
against it, since a rep who is a customer elsewhere uses them too.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dayline.detection.features import candidates

F = NDArray[np.float64]

NUMBERS_WEIGHT = 4.0
"""Log-odds against long talk without any number."""

FEW_NUMBERS = (0.5, 1.5)
"""Numbers per 100 words: at the first the weight is full, from the second on it is zero.

In corpora of two sources 95 % of the customer conversations that were found have .97 and 1.8 or more.
"""

HALF_WEIGHT_WORDS = 300.0
"""Length at which the absence of numbers has half of its weight."""

PLAYBOOK_FROM = (1.0, 1.5)
"""Log-odds of the kind by voices, roles and wording between which the support of the playbook rises from 0 to all."""


def few_numbers(rows: F, words: F) -> F:
    """Return the log-odds that hardly a number is said, <= 0, shape (m,).

    Args:
        rows: `candidates.measure`, shape (m, features).
        words: words of each candidate, shape (m,).
    """
    least, enough = FEW_NUMBERS
    rate = rows[:, candidates.NAMES.index("rate_number")]
    missing = np.clip((enough - rate) / (enough - least), 0.0, 1.0)
    return -NUMBERS_WEIGHT * missing * words / (words + HALF_WEIGHT_WORDS)


def supported(playbook: F, kind: F) -> F:
    """Return the log-odds of the playbook as far as the kind by voices, roles and wording lets them count, shape (m,).

    Log-odds below zero count in full.
    """
    low, high = PLAYBOOK_FROM
    return np.where(playbook > 0, playbook * np.clip((kind - low) / (high - low), 0.0, 1.0), playbook)
