"""Outcome of a conversation: order, appointment, follow_up, refused or unknown. Later statements take precedence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from dayline.scoring.conversation import Conversation, Quote, Sentence
from dayline.scoring.facts.asks import Ask, kind_of_request
from dayline.scoring.facts.grammar import lines, pattern
from dayline.scoring.facts.next_steps import NextStep
from dayline.scoring.facts.outcome_patterns import CONFIRMS_ORDER, REP_GIVES_UP, WANTS, WORK
from dayline.scoring.facts.sentence_features import SentenceFeatures
from dayline.scoring.facts.withdrawals import is_sealed, withdrawal_after

OutcomeKind = Literal["order", "appointment", "follow_up", "refused", "unknown"]

_ACCEPTS_ORDER = pattern(
    *lines(
        """
        lets (?:do|go with|get|book|start|go ahead with) (?:it|that|this|them|the \\w+|both)(?: then| please)?|
        lets go ahead|(?:yes|okay|right|fine|go on|all right)(?: (?!i |we |will )\\w+){0,2} (?:do it|do that|
        put it in|put me down|put us down|order it|order them|sign me up)
        (?:i|we) will (?:take (?:(?:it|them|that)(?! (?:out|to|with|back|home|off|up|down|in|on|over|away))|one|
        two|three|four|five|six|the|both|a|\\d+)|go with (?:it|that|the|them)|have (?:it|that one|them|both|
        the \\w+$)(?! (?:in|by|ready|back|out|here|there|up|down|done))|buy (?:it|them|one|that)|
        order (?:it|them|one|that|the)|sign (?:it|now|today)|go for (?:it|that|the))
        ^(?:okay )*(?:deal|shaken|done deal|you are on)|(?:where|what) do (?:i|we) sign|
        do (?:i|we) sign (?:here|there|it)|(?:and|do) i need to sign|
        do you (?:take|accept) (?:the |a )?(?:debit|card|cards|check|cash|credit)|do it \\w+ do it|sign (?:me|us) up|
        put (?:me|us) down for|go on then(?: put| do| yes|$)|count (?:me|us) in|you (?:have|got|
        have got) (?:yourself )?a deal|(?:it is|that is|we have|we have got) a deal|(?:i am|we are) sold|
        you (?:have )?sold (?:me|us)|go ahead and (?:order|book|do|put|send) (?:it|them|that|me|us)|book (?:it|us|
        me)(?: in)?|send (?:me )?(?:the contract|the paperwork)|give me the pen|where is the pen|have you got a pen|
        order (?:them|it|me|us)
        """
    )
)
_REFUSES = pattern(
    *lines(
        """
        (?:am|are|really|just|still|is) not (?:really )?interested|no (?:thank you|thanks)(?: \\w+)?|(?:i|
        we) (?:do not|would not|really do not)(?: really)? (?:need|want) (?:(?:it|one|anything|any of it|
        that|a \\w+|your \\w+)$|to buy|to change|to switch)|(?:i am|we are|i will|we will) (?:going to )?(?:pass|
        leave it(?! (?:for now|then|with|till|until|on|in|at|as|to)))|not for (?:us|
        me)(?: thank you| thanks)?|please (?:leave|go|stop)|do not (?:call|come) (?:back|again|me|here)|stop calling|
        take me off|(?:still )?(?:at|a) no(?: for now)?$|leave nothing|not signing up|(?:it is|that is|the answer is|
        have to say|
        so) (?:a )?no(?:$| for)|decided (?:to go with|against)|going with (?:the other|them|somebody)|you can go now|
        get off my|(?:i am|we are) not (?:buying|doing it|going to do it|going to buy|signing)
        """
    )
)
# "I'll take the feet off" says what is done with a thing, not that it is bought.
_TAKES_AWAY = re.compile(r"\bwill take (?:the|a|both|one|\w+) (?:\w+ ){0,2}(?:off|out|down|away|back|home|over)\b")
_ORDER_TAIL = re.compile(r"^ (?:if|once|unless|as soon as) ")
_ORDER_LEAD = pattern("(?:if|unless|when|before|until|maybe|might|not|never|do not|or|think|no)")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a conversation ended, and the words that show it; no quote if unknown."""

    kind: OutcomeKind
    quote: Quote | None


EARLIEST_SHARE = 0.3
"""Place in the conversation from which a sentence may decide how it ended."""
_ACCEPTED, _DECLINED, _LEFT_OPEN = 1.5, 1.5, 1.0
"""Log-odds from which an order, a refusal and a decision left open are stated by the models alone."""
_OPEN_WITH_STEP, _NO_ORDER = -1.0, 0.5
"""Log-odds of a decision left open from which any next step shows a follow-up, and of an order from which even one to
talk again shows none. Both by cross-validation over trades."""


def rule_features(talk: Conversation, sentence: Sentence, kinds: dict[int, str | None] | None = None) -> list[str]:
    """Return what the rules say of a sentence of the customer, as features of the models of orders and refusals.

    kinds: requests of the rep's sentences that are known already, by their number; others are added.
    """
    known: dict[int, str | None] = {} if kinds is None else kinds

    def asked(said: Sequence[Sentence]) -> list[str]:
        for s in said:
            if s.is_rep and s.number not in known:
                known[s.number] = kind_of_request(s)
        return [kind for s in said if s.is_rep and (kind := known[s.number])]

    text = sentence.text
    marks = [name for name, expression in _ABOUT.items() if expression.search(text)]
    before, after = asked(talk.before(sentence, 1)), asked(talk.after(sentence, 1))
    found = [*marks, *(f"o:next:{kind}" for kind in after), f"o:at{int(talk.share_at(sentence.start_seconds) * 5)}"]
    if _SMALLER.search(" ".join(s.text for s in talk.before(sentence, 1) if s.is_rep)):
        found.append("o:smaller")
    for kind in before:
        found += [f"o:asked:{kind}", *(f"o:asked:{mark}" for mark in marks)]
    return found


Scores = tuple[float, float, float]
"""Log-odds that a sentence gives an order, refuses, and leaves the decision open."""


@dataclass(frozen=True, slots=True)
class _Ending:
    """The customer's sentence that a model takes most for an order or a refusal."""

    sentence: Sentence | None
    score: float


@dataclass(frozen=True, slots=True)
class _Endings:
    """The customer's most likely order, refusal, and sentence that leaves the decision open; and the last order."""

    accepted: _Ending
    declined: _Ending
    left_open: _Ending
    last_accepted: Sentence | None
    scores: tuple[tuple[Sentence, Scores], ...]


@dataclass(frozen=True, slots=True)
class Signs:
    """What was said that may show how a conversation ended: sentences by models, and by rules."""

    endings: _Endings
    order: Sentence | None
    paid: Sentence | None
    refusal: Sentence | None


def rule_signs_of(talk: Conversation, asks: Sequence[Ask]) -> Signs:
    """Return the signs that rules find, without scores of sentences."""
    none = _Ending(None, -99.0)
    return Signs(_Endings(none, none, none, None, ()), _order(talk, asks), _paid(talk, asks), _refusal(talk))


def signs_of(talk: Conversation, asks: Sequence[Ask], features: SentenceFeatures) -> Signs:
    """Return the signs of a conversation with distinguished voices."""
    return Signs(_endings(talk, features), _order(talk, asks), _paid(talk, asks), _refusal(talk))


def _endings(talk: Conversation, features: SentenceFeatures) -> _Endings:
    accepted = declined = left_open = _Ending(None, -99.0)
    last: Sentence | None = None
    all_scores: list[tuple[Sentence, Scores]] = []
    for sentence in talk.customer_sentences:
        if talk.share_at(sentence.start_seconds) < EARLIEST_SHARE:
            continue
        names = rule_features(talk, sentence, features.requests)
        refuses = _NO_REFUSAL if _ends_questions(talk, sentence) else features.score_of(sentence, "decline", names)
        scores = features.score_of(sentence, "accept", names), refuses, features.score_of(sentence, "left_open", names)
        all_scores.append((sentence, scores))
        is_whole = not (CONDITION.search(sentence.text) or "o:smaller" in names)
        if is_whole and scores[0] > accepted.score:
            accepted = _Ending(sentence, scores[0])
        if is_whole and scores[0] >= _ACCEPTED:
            last = sentence
        if scores[1] > declined.score:
            declined = _Ending(sentence, scores[1])
        if scores[2] > left_open.score:
            left_open = _Ending(sentence, scores[2])
    return _Endings(accepted, declined, left_open, last, tuple(all_scores))


_NO_REFUSAL = -9.0
"""Log-odds of a refusal where a sentence cannot be one."""
_MORE_QUESTIONS = pattern("(?:any|some)(?: other| more| further)? questions?|any ?thing (?:else|more)")


def _ends_questions(talk: Conversation, sentence: Sentence) -> bool:
    """Return whether a sentence answers whether there are more questions: "no, that is it for now" refuses nothing."""
    asked = talk.before(sentence, 1)[-1:]
    return any(s.is_rep and _MORE_QUESTIONS.search(s.text) for s in asked)


def outcome_of(talk: Conversation, asks: Sequence[Ask], steps: Sequence[NextStep], signs: Signs) -> Outcome:
    """Return how the conversation ended by single sentences; `unknown` if nothing unambiguous was said."""
    endings = signs.endings
    accepted, declined = endings.accepted, endings.declined
    order = signs.order or signs.paid
    if order is not None and _TAKES_AWAY.search(order.text):
        order = None
    withdrawn = withdrawal_after(talk, endings.last_accepted, order)
    if withdrawn is not None:
        return _after_withdrawal(withdrawn, steps)
    if accepted.sentence is not None and accepted.score >= max(_ACCEPTED, declined.score):
        return Outcome("order", accepted.sentence.quote)
    left_open = endings.left_open
    if declined.sentence is not None and declined.score >= max(_DECLINED, accepted.score, left_open.score):
        return Outcome("refused", declined.sentence.quote)
    refusal = signs.refusal
    if order is not None and (refusal is None or refusal.start_seconds < order.start_seconds):
        return Outcome("order", order.quote)
    booked = [s for s in steps if s.is_appointment]
    promised = [s for s in steps if talk.share_at(s.sentence.start_seconds) >= 0.35]
    last = max((s.sentence.start_seconds for s in [*booked, *promised]), default=None)
    if refusal is not None and (last is None or last < refusal.start_seconds):
        return Outcome("refused", refusal.quote)
    if not booked and has_refused(talk):
        return Outcome("unknown", None)  # a promise after a refusal may be a courtesy
    clearly_open = left_open.score >= max(_LEFT_OPEN, accepted.score, declined.score)
    if is_sealed(talk) or (not clearly_open and may_have_ordered(talk, asks)):
        return Outcome("unknown", None)  # the speakers talk as if it had been bought; whether it was is unknown
    return _left_open(endings, booked, promised)


def _after_withdrawal(withdrawn: Sentence, steps: Sequence[NextStep]) -> Outcome:
    """Return a follow-up where a step to talk again was agreed afterwards; no refusal is read from a withdrawal."""
    later = [s for s in steps if s.sentence.turn >= withdrawn.turn and (s.is_appointment or is_to_talk(s))]
    return Outcome("follow_up", later[-1].quote) if later else Outcome("unknown", None)


# What is done to talk again: work, a delivery or a date alone may as well follow an order.
_TO_TALK = pattern(
    "call|calls|ring|phone|telephone|email|mail|write|let (?:you|them|him|her|me|us) know|get back|follow up|"
    "find out|check|ask|talk|speak|come back|pop back|be back|meet|measure|quote|price|prices|estimate|survey|look|"
    "show|figures|numbers|spec|proposal|brochure|details|in touch|inspection|inspect|visit|demo|demonstration|"
    "assessment|viewing|consultation"
)


def _left_open(endings: _Endings, booked: Sequence[NextStep], promised: Sequence[NextStep]) -> Outcome:
    """Return an appointment or a follow-up where the decision was left open, `unknown` where that is not shown."""
    open_score, order_score = endings.left_open.score, endings.accepted.score
    is_open = open_score >= max(_OPEN_WITH_STEP, order_score)
    steps = [s for s in [*booked, *promised] if is_open or (order_score < _NO_ORDER and is_to_talk(s))]
    if any(s.is_appointment for s in steps):
        return Outcome("appointment", next(s for s in reversed(booked) if s in steps).quote)
    steps = [s for s in steps if s.owner != "customer" or s.when]
    if steps:
        dated = [s for s in steps if s.when and s.owner != "customer"] or [s for s in steps if s.when]
        return Outcome("follow_up", (dated or steps)[-1].quote)
    others = max(endings.accepted.score, endings.declined.score)
    if endings.left_open.sentence is not None and open_score >= max(_LEFT_OPEN, others):
        return Outcome("follow_up", endings.left_open.sentence.quote)
    return Outcome("unknown", None)


def is_to_talk(step: NextStep) -> bool:
    """Return whether a step is to talk, to look or to write, and not work or a delivery."""
    said = step.sentence.text if step.is_appointment else step.action.lower()
    return _TO_TALK.search(said) is not None


def _order(talk: Conversation, asks: Sequence[Ask]) -> Sentence | None:
    """Return the sentence in which an order was given.

    This is the customer's consent, confirmed by a request, a price or the rep.
    """
    confirmed = [
        s
        for s in talk.sentences
        if s.is_rep and talk.share_at(s.start_seconds) >= 0.4 and CONFIRMS_ORDER.search(s.text)
    ]
    decisions = {a.sentence.turn for a in asks if a.kind in {"decision", "payment"}}
    best: Sentence | None = None
    for sentence in talk.customer_sentences:
        if talk.share_at(sentence.start_seconds) < 0.35:
            continue
        match = _ACCEPTS_ORDER.search(sentence.text)
        if (
            match is None
            or _TAKES_AWAY.search(sentence.text)
            or _ORDER_LEAD.search(" ".join(sentence.text[: match.start()].split()[-6:]))
        ):
            continue
        if _SMALLER.search(" ".join(s.text for s in talk.before(sentence, 1) if s.is_rep)):
            continue  # "yes, do that" to the offer of an email or a sample
        if (sentence.is_marked_question and "sign" not in sentence.text) or _ORDER_TAIL.search(
            sentence.text[match.end() :]
        ):
            continue
        after_ask = any(t in decisions for t in (sentence.turn - 1, sentence.turn + 1, sentence.turn - 2))
        later = any(c.number > sentence.number for c in confirmed)
        booked = any(a.sentence.turn >= sentence.turn - 1 for a in asks) or talk.share_at(sentence.start_seconds) >= 0.6
        if after_ask or later or booked:
            best = sentence
    if best is None and confirmed:
        # A signature may be given without a word of the customer; thanks or a payment afterwards shows that it was.
        sign = [s for s in confirmed if talk.share_at(s.start_seconds) >= 0.6 and s.turn + 1 < len(talk.turns)]
        best = sign[0] if sign and any(a.kind == "payment" for a in asks) else None
    return best


_YES = pattern(
    "^(?:yes|okay|sure|here|there|card|cash|check|transfer|invoice|deposit|it is|fine|all right|right|go on|done|"
    "monthly|half|let me get|hang on|of course|please|where)(?: \\w+)*$"
)
# What the rep offers that is less than an order: a message, a look, a price, a sample. Consent to it orders nothing.
_SMALLER = pattern(
    "(?:shall|should|can|could|will|would) i (?:\\w+ ){0,8}(?:email|call|ring|text|message|find out|send you|drop you|"
    "write to|let you know)",
    "(?:shall|should|can|could|will|would|may|do you want me to|want me to|let me|i will|i can|i could)"
    "(?: i| we)?(?: \\w+){0,4} (?:quote|(?:price|measure) (?:it|that|up|them|the)|leave you (?:the|a|one|some)|taste|"
    "come back|pop back|keep one)",
)
CONDITION = pattern("if|unless|once|until|as long as|provided|maybe|perhaps|might|depends")
_YES_BUT = pattern("not|no|but|think|later|until|if|maybe|first|before|how|what|why|depends|ask")


def _paid(talk: Conversation, asks: Sequence[Ask]) -> Sentence | None:
    """Return the customer's clear consent to a request for payment or a signature."""
    for ask in reversed(asks):
        is_last_word = ask.kind == "payment" or _SIGNING.search(ask.sentence.text)
        if not is_last_word or talk.share_at(ask.sentence.start_seconds) < 0.4:
            continue
        replies = [s for s in talk.after(ask.sentence, 1) if s.is_rep is False]
        said = " ".join(s.text for s in replies)
        if replies and _YES.search(replies[0].text) and not _YES_BUT.search(said):
            return replies[0]
    return None


_SIGNING = pattern("(?:sign|initial|autograph) (?:it |right |just )?(?:here|there|for|at the bottom)|your signature")


def _refusal(talk: Conversation) -> Sentence | None:
    """Return the last refusal of the customer that was not withdrawn."""
    found: Sentence | None = None
    for sentence in talk.customer_sentences:
        match = _REFUSES.search(sentence.text)
        if match is None:
            continue
        if talk.share_at(sentence.start_seconds) < 0.15 and len(talk.sentences) > 30:
            continue
        asked = " ".join(s.text for s in talk.before(sentence, 1)[-2:])
        if _SMALL_OFFER.search(asked):
            continue
        found = sentence
    if found is None:
        return None
    # A refusal is the outcome only near the end: a conversation that continues long after it may end differently.
    after = [s for s in talk.sentences if s.turn > found.turn]
    given_up = any(REP_GIVES_UP.search(s.text) for s in after if s.is_rep)
    late = talk.share_at(found.start_seconds) >= 0.8 or len({s.turn for s in after}) <= _TURNS_AFTER_REFUSAL
    return found if late or given_up else None


_TURNS_AFTER_REFUSAL = 6


def may_have_ordered(talk: Conversation, asks: Sequence[Ask]) -> bool:
    """Return whether the speakers talk as if something had been bought, without an unambiguous order."""
    if any(a.kind == "payment" for a in asks) or _PAYS.search(" ".join(s.text for s in talk.customer_sentences)):
        return True
    late = [s for s in talk.sentences if talk.share_at(s.start_seconds) >= 0.4]
    wants = any(WANTS.search(s.text) for s in late if s.is_rep is False and not s.is_marked_question)
    works = any(WORK.search(s.text) for s in late if s.is_rep)
    confirmed = any(CONFIRMS_ORDER.search(s.text) for s in late if s.is_rep)
    return confirmed or wants or (works and any(a.kind == "decision" for a in asks))


_PAYS = pattern(
    "i will (?:pay|sign)|i (?:have|have got) <NUM> here|shake|i will take|okay okay <NUM>|put (?:one|"
    "it|them|sixty) on|do the (?:four|boot|job|one|two)|leave it in|i like that i will|(?:go on|okay) "
    "then put"
)
_PLAIN_NO = pattern(
    "(?:am|are|really|just|still) not (?:really )?interested|(?:i|we) do not want (?:it|one|a \\w+|your "
    "\\w+|that \\w+)|still at no"
    "|(?:going to |will )?do it (?:ourselves|myself)|leave nothing"
)


def has_refused(talk: Conversation) -> bool:
    """Return whether the customer clearly refused anywhere after the opening."""
    return any(_PLAIN_NO.search(s.text) for s in talk.customer_sentences if not _SMALL_OFFER.search(s.text))


_SMALL_OFFER = pattern(
    "anything else|any other|something else|(?:any|other|more) questions|coffee|tea|drink|card|receipt|"
    "bag|biscuit|shoes|water|cookie"
)
_ABOUT = {
    "o:accepts": _ACCEPTS_ORDER,
    "o:refuses": _REFUSES,
    "o:yes": _YES,
    "o:but": _YES_BUT,
    "o:wants": WANTS,
    "o:no": _PLAIN_NO,
}
