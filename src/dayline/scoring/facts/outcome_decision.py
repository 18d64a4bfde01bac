"""The outcome that is stated: where single sentences and the whole conversation agree, or one of them is clear.

`outcome` reads how a conversation ended from single sentences. A linear model over the whole conversation (how likely
its sentences order, refuse or leave open, where they stand, what was asked and agreed) confirms or contradicts it. In a
conversation of many turns it decides together with a second one over all words of its second half and with the text
encoder (`turn_encoder`); the sentences then only show what they say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import repeat
from math import log
from typing import NamedTuple

from dayline.scoring.conversation import Conversation, Quote, Sentence, quote_for
from dayline.scoring.facts.asks import Ask
from dayline.scoring.facts.next_step import NextStep
from dayline.scoring.facts.ngrams import Run
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
from dayline.scoring.facts.sentence_features import SentenceFeatures
from dayline.scoring.facts.statement_model import ENDS, statement_model
from dayline.scoring.facts.turn_encoder import TASKS, Read
from dayline.scoring.facts.withdrawals import is_sealed, withdrawal_after


class _Levels(NamedTuple):
    """What the model must say of an end in a conversation of few turns, in log-odds.

    Attributes:
        agrees: from where it confirms an end that was read from the words.
        near: by how much another end may be likelier then.
        alone: from where it states an end by itself.
        ahead: by how much it must be likelier than any other then.
    """

    agrees: float
    near: float
    alone: float
    ahead: float


_IN_SHORT_TALK = _Levels(agrees=-0.5, near=1.0, alone=1.5, ahead=1.0)


class _Joint(NamedTuple):
    """How an end is judged in a conversation of many turns: weights of three log-odds, and what their sum must be.

    Attributes:
        bias: what is added.
        figures, told, read: weights of the models over figures and over words, and of the encoder.
        level: log-odds from which the end is stated.
    """

    bias: float
    figures: float
    told: float
    read: float
    level: float


_JOINED = {
    "order": _Joint(2.74, 0.46, 1.00, 0.55, level=1.5),
    "refused": _Joint(1.46, 0.48, 0.68, 0.43, level=1.0),
    "open": _Joint(-0.93, 0.06, 0.49, 0.60, level=0.75),
}
"""Logistic regressions over 138 whole visits of hands that none of the three had seen (`bench/statements/LOG.md`)."""
_END_OF: dict[OutcomeKind, str] = {
    "order": "order",
    "refused": "refused",
    "appointment": "open",
    "follow_up": "open",
}
_KINDS: dict[str, OutcomeKind] = {"order": "order", "refused": "refused", "open": "follow_up"}
_LATE = 0.75
_BEARS = 0.0
"""Log-odds from which a sentence may be shown for an end that the model states alone."""
_SURELY, _BEARS_LITTLE = 1.0, -1.0
"""By how much an end must be likelier than its level, for a turn to be shown that is less clearly an order or a refusal
by itself ("He likes you. A half and twelve."), and the log-odds from which it is."""
_FEW_WORDS = 2
"""A sentence of so few words shows nothing alone: the rest of its turn is shown with it."""


def decided_outcome(
    talk: Conversation,
    asks: Sequence[Ask],
    steps: Sequence[NextStep],
    features: SentenceFeatures | None = None,
    read: Read | None = None,
) -> Outcome:
    """Return how the conversation ended; `unknown` where the evidence does not agree.

    read: what the encoder reads in a conversation of many turns.
    """
    if talk.rep is None:
        return Outcome("unknown", None)
    known = features or SentenceFeatures(talk)
    signs = signs_of(talk, asks, known)
    heard = outcome_of(talk, asks, steps, signs)
    model = statement_model()
    likely = model.outcome.of(evidence(talk, asks, steps, signs, signs.endings.scores))
    taken_back = withdrawal_after(talk, signs.endings.last_accepted, signs.order or signs.paid) is not None
    if read is None:
        return _in_short_talk(talk, heard, likely, steps, signs, taken_back)
    told = model.told.of(told_features(talk, known))
    for place, end in enumerate(ENDS):
        joint = _JOINED[end]
        likely[end] = joint.bias + joint.figures * likely[end] + joint.told * float(told[place])
        likely[end] += joint.read * float(read.ends[place])
    top = max(ENDS, key=lambda end: likely[end])
    if likely[top] < _JOINED[top].level or (taken_back and top == "order"):
        return Outcome("unknown", None)
    if _END_OF.get(heard.kind) == top:
        return heard
    shown = _shown(talk, top, steps, signs, _clearest_turn(talk, top, read))
    return shown if shown.kind != "unknown" else _shown_by_turn(talk, top, read, likely[top])


def _in_short_talk(
    talk: Conversation,
    heard: Outcome,
    likely: Mapping[str, float],
    steps: Sequence[NextStep],
    signs: Signs,
    taken_back: bool,
) -> Outcome:
    """Return the end that was read from the words if the model confirms it, or one of which the model is sure."""
    level = _IN_SHORT_TALK
    top = max(ENDS, key=lambda end: likely[end])
    own = _END_OF.get(heard.kind)
    others = max(score for end, score in likely.items() if end != (own or top))
    if own is not None:
        is_confirmed = likely[own] >= level.agrees and likely[own] >= others - level.near
        return heard if is_confirmed else Outcome("unknown", None)
    if likely[top] < level.alone or likely[top] - others < level.ahead or taken_back:
        return Outcome("unknown", None)
    return _shown(talk, top, steps, signs, None)


def _clearest_turn(talk: Conversation, end: str, read: Read, least: float = _BEARS) -> int | None:
    """Return the customer's turn in which the encoder reads an order or a refusal most clearly, if it reads one."""
    if end == "open":
        return None
    column = TASKS.index("accepted" if end == "order" else "declined")
    theirs = [turn for turn, said in enumerate(talk.turns) if said.speaker != talk.rep]
    return _clearest_of(theirs, read, column, least)


def _clearest_of(turns: Sequence[int], read: Read, column: int, least: float) -> int | None:
    best = max(turns, key=lambda turn: (float(read.turns[turn, column]), -turn), default=None)
    return best if best is not None and read.turns[best, column] >= least else None


def _shown_by_turn(talk: Conversation, end: str, read: Read, likely: float) -> Outcome:
    """Return an outcome that is sure, with the whole turn that shows it: an order, a refusal, or what is done next."""
    if likely < _JOINED[end].level + _SURELY:
        return Outcome("unknown", None)
    if end == "open":
        late = [t for t in range(len(talk.turns)) if t >= len(talk.turns) * _SECOND_HALF]
        turn = _clearest_of(late, read, TASKS.index("step"), _BEARS)
    else:
        turn = _clearest_turn(talk, end, read, _BEARS_LITTLE)
    if turn is None or any(CONDITION.search(s.text) for s in talk.sentences_of_turn[turn]):
        return Outcome("unknown", None)
    quote = quote_for([token for s in talk.sentences_of_turn[turn] for token in s.tokens])
    return Outcome(_KINDS[end], quote)


def told_features(talk: Conversation, features: SentenceFeatures) -> list[Run]:
    """Return the distinct features of the second half of a conversation: words of each side and their order."""
    found: dict[Run, None] = {}
    for sentence in talk.sentences:
        if talk.share_at(sentence.start_seconds) < _SECOND_HALF:
            continue
        side = repeat("r" if sentence.is_rep else "c")
        words = features.classed_words_of(sentence)
        second, third = words[1:], words[2:]
        found |= dict.fromkeys(zip(side, words, strict=False))
        found |= dict.fromkeys(zip(side, words, second, strict=False))
        found |= dict.fromkeys(zip(side, words, second, third, strict=False))
    return list(found)


_SECOND_HALF = 0.5


def _shown(talk: Conversation, end: str, steps: Sequence[NextStep], signs: Signs, turn: int | None) -> Outcome:
    """Return an outcome with the words that show it best: of this turn, or of any turn where none is named."""
    booked = [s for s in steps if s.is_appointment]
    if end == "open" and steps:
        kind: OutcomeKind = "appointment" if booked else "follow_up"
        return Outcome(kind, (booked or steps)[-1].quote)
    place = ENDS.index(end)
    known = [pair for pair in signs.endings.scores if turn is None or pair[0].turn == turn]
    best = max(known, key=lambda pair: pair[1][place], default=None)
    if best is None or (turn is None and best[1][place] < _BEARS):
        return Outcome("unknown", None)  # no sentence shows it
    if end != "open" and CONDITION.search(best[0].text) is not None:
        return Outcome("unknown", None)  # "if my wife agrees": neither an order nor a refusal
    return Outcome(_KINDS[end], _whole(talk, best[0]))


def _whole(talk: Conversation, sentence: Sentence) -> Quote:
    """Return a sentence, with the rest of its turn where it has too few words to show anything ("Three.")."""
    if len(sentence.words) > _FEW_WORDS:
        return sentence.quote
    return quote_for([token for s in talk.sentences_of_turn[sentence.turn] for token in s.tokens])


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
