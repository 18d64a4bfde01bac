"""The outcome that is stated: where single sentences and the whole conversation agree, or one of them is clear.

`outcome` reads how a conversation ended from single sentences. A linear model over the whole conversation (how likely
its sentences order, refuse or leave open, where they stand, what was asked and agreed) confirms or contradicts it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import log
from typing import NamedTuple

from dayline.scoring.conversation import Conversation, Sentence
from dayline.scoring.facts.asks import Ask
from dayline.scoring.facts.next_step import NextStep
from dayline.scoring.facts.outcome import (
    CONDITION,
    Outcome,
    OutcomeKind,
    Scores,
    Signs,
    has_refused,
    is_to_talk,
    may_have_ordered,
    outcome_of,
    signs_of,
)
from dayline.scoring.facts.outcome_patterns import CONFIRMS_ORDER, REP_GIVES_UP, WANTS, WORK
from dayline.scoring.facts.sentence_features import LONG_TALK_SENTENCES, SentenceFeatures
from dayline.scoring.facts.statement_model import ENDS, statement_model
from dayline.scoring.facts.withdrawals import is_sealed, withdrawal_after

_AHEAD = 1.0
"""By how much an end that the model states alone must be likelier than any other, in log-odds."""


class _Levels(NamedTuple):
    """What the model must say of an end, in log-odds.

    Attributes:
        agrees: from where it confirms an end that was read from the words.
        near: by how much another end may be likelier then.
        alone: from where it states an end by itself.
    """

    agrees: float
    near: float
    alone: float


_IN_SHORT_TALK, _IN_LONG_TALK = _Levels(-0.5, 1.0, 1.5), _Levels(1.5, 0.0, 2.5)
"""In a long talk more is said that sounds like an end and is none: of 8 outcomes stated on 24 new visits at the lower
levels 4 were right, of 3 at the higher ones all. By leaving whole parts out."""
_END_OF: dict[OutcomeKind, str] = {
    "order": "order",
    "refused": "refused",
    "appointment": "open",
    "follow_up": "open",
}
_LATE = 0.75
_BEARS = 0.0
"""Log-odds from which a sentence may be shown for an end that the model states alone."""


def decided_outcome(
    talk: Conversation, asks: Sequence[Ask], steps: Sequence[NextStep], features: SentenceFeatures | None = None
) -> Outcome:
    """Return how the conversation ended; `unknown` where the evidence does not agree."""
    if talk.rep is None:
        return Outcome("unknown", None)
    signs = signs_of(talk, asks, features or SentenceFeatures(talk))
    read = outcome_of(talk, asks, steps, signs)
    likely = statement_model().outcome.of(evidence(talk, asks, steps, signs, signs.endings.scores))
    top = max(ENDS, key=lambda end: likely[end])
    level = _IN_LONG_TALK if len(talk.sentences) >= LONG_TALK_SENTENCES else _IN_SHORT_TALK
    if read.kind != "unknown":
        own = likely[_END_OF[read.kind]]
        return read if own >= level.agrees and own >= likely[top] - level.near else Outcome("unknown", None)
    others = [score for end, score in likely.items() if end != top]
    taken_back = withdrawal_after(talk, signs.endings.last_accepted, signs.order or signs.paid)
    if likely[top] < level.alone or likely[top] - max(others) < _AHEAD or taken_back is not None:
        return read
    return _shown(top, steps, signs)


def _shown(end: str, steps: Sequence[NextStep], signs: Signs) -> Outcome:
    """Return an outcome with the words that show it best."""
    booked = [s for s in steps if s.is_appointment]
    if end == "open" and steps:
        kind: OutcomeKind = "appointment" if booked else "follow_up"
        return Outcome(kind, (booked or steps)[-1].quote)
    kinds: dict[str, OutcomeKind] = {"order": "order", "refused": "refused", "open": "follow_up"}
    best = max(signs.endings.scores, key=lambda pair: pair[1][ENDS.index(end)], default=None)
    if best is None or best[1][ENDS.index(end)] < _BEARS:
        return Outcome("unknown", None)  # no sentence shows it
    if end != "open" and CONDITION.search(best[0].text) is not None:
        return Outcome("unknown", None)  # "if my wife agrees": neither an order nor a refusal
    return Outcome(kinds[end], best[0].quote)


def evidence(
    talk: Conversation,
    asks: Sequence[Ask],
    steps: Sequence[NextStep],
    signs: Signs,
    scores: Sequence[tuple[Sentence, Scores]],
) -> list[float]:
    """Return the figures over a conversation that the model of the outcome reads.

    scores: log-odds of the customer's later sentences; in training those of models that have not seen the conversation.
    """
    found: list[float] = []
    best: list[float] = []
    last = len(talk.turns)
    for place in range(len(ENDS)):
        ranked = sorted(scores, key=lambda pair, place=place: pair[1][place], reverse=True)
        values = [pair[1][place] for pair in ranked]
        late = max((p[1][place] for p in scores if talk.share_at(p[0].start_seconds) >= _LATE), default=_LEAST)
        top = _clipped(values[0] if values else _LEAST)
        best.append(top)
        found += [top, _clipped(late), _clipped(values[1] if len(values) > 1 else _LEAST)]
        found.append(talk.share_at(ranked[0][0].start_seconds) if ranked else 0.0)
        found.append(min(last - ranked[0][0].turn, 12) / 6 if ranked else 2.0)
        found += [float(top > 1.5), float(top > 0)]
    found += [_clipped(best[0] - best[1]), _clipped(best[0] - best[2]), _clipped(best[1] - best[2])]
    for sign in (signs.order, signs.paid, signs.refusal):
        found += [float(sign is not None), talk.share_at(sign.start_seconds) if sign is not None else 0.0]
    found.append(float(withdrawal_after(talk, signs.order or signs.paid) is not None))
    found += [float(is_sealed(talk)), float(may_have_ordered(talk, asks)), float(has_refused(talk))]
    found += [min(3, sum(a.kind == "payment" for a in asks)), min(4, len(asks))]
    rep, customer = talk.rep_sentences, talk.customer_sentences
    for said, words, since, most in (
        (rep, CONFIRMS_ORDER, 0.5, 3),
        (customer, WANTS, 0.5, 3),
        (rep, REP_GIVES_UP, 0.7, 2),
        (rep, WORK, 0.6, 3),
    ):
        found.append(min(most, _count(talk, said, words, since)))
    for count in (
        sum(s.is_appointment for s in steps),
        sum(is_to_talk(s) for s in steps),
        len(steps),
        sum(bool(s.when) for s in steps),
        sum(WORK.search(s.sentence.text) is not None for s in steps),
        sum(s.owner == "customer" for s in steps),
    ):
        found.append(min(3, count))
    found.append(log(max(1, last)))
    return [float(value) for value in found]


_LEAST, _MOST = -9.0, 6.0


def _clipped(value: float) -> float:
    return max(-_MOST, min(_MOST, value))


def _count(talk: Conversation, said: Sequence[Sentence], words: re.Pattern[str], since: float) -> int:
    return sum(1 for s in said if talk.share_at(s.start_seconds) >= since and words.search(s.text) is not None)
