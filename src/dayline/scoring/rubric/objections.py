"""Objections: what the customer held against buying, and what the rep made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dayline.scoring.questions import questions_in
from dayline.scoring.rubric import phrases as cues
from dayline.scoring.rubric.phrase_matching import Hit, Quote, Talk, quote_for, spot

SAME_OBJECTION_SECONDS = 45.0
"""The same doubt said again within this time is one objection."""

_ANSWER_TURNS = 4
_ANSWER_SECONDS = 90.0
_SETTLED_SECONDS = 120.0
_RESPONSE_WORDS = 20

# Doubts that others than the customer voice all the time ("maybe you were all set") need the customer's own turn.
_CONCESSIONS = (("im", "good"), ("were", "good"), ("were", "fine"), ("already", "have"), ("what", "if"), ("cheaper",))
_POLITE_NO = (
    ("no", "thanks"),
    ("no", "thank", "you"),
    ("im", "good"),
    ("im", "all", "set"),
    ("were", "good"),
    ("dont", "need"),
)
_OFFERS = (("anything", "else"), ("any", "other"), ("something", "else"), ("else", "i", "can"), ("help", "you", "with"))
_ANSWERS_HOW_ARE_YOU = (("im", "good"), ("were", "good"), ("were", "fine"), ("im", "fine"))


@dataclass(frozen=True, slots=True)
class Objection:
    """A doubt with what followed it. `response` is what the rep said next, None when nothing was said."""

    kind: str
    quote: Quote
    response: Quote | None
    acknowledged: bool
    explored: bool
    answered: bool
    settled: bool

    @property
    def handled(self) -> bool:
        """True when the rep met it with a question or substance."""
        return self.explored or self.answered

    def as_dict(self) -> dict[str, Any]:
        """Return the objection as the analysis shows it."""
        return {
            "kind": self.kind,
            "quote": self.quote.text,
            "start_seconds": self.quote.start_seconds,
            "end_seconds": self.quote.end_seconds,
            "response": self.response.text if self.response else None,
            "response_start_seconds": self.response.start_seconds if self.response else None,
            "handled": self.handled,
            "settled": self.settled,
        }


def objections_in(talk: Talk) -> tuple[Objection, ...]:
    """Find objections in the customer's words (everybody's, where voices are not told apart), in order."""
    hits: list[tuple[str, Hit]] = []
    for kind, phrases in cues.OBJECTIONS.items():
        hits.extend((kind, h) for h in spot(talk, talk.customer_turns, phrases).items if _is_meant(talk, h))
    hits.sort(key=lambda h: (h[1].quote.start_seconds, h[0]))
    kept: list[tuple[str, Hit]] = []
    for kind, hit in hits:
        again = [
            h
            for k, h in kept
            if (k == kind and hit.quote.start_seconds - h.quote.start_seconds < SAME_OBJECTION_SECONDS)
            or (h.turn == hit.turn and abs(h.first - hit.first) <= 6)
        ]
        if not again:
            kept.append((kind, hit))
    return tuple(_judged(talk, kind, hit, [h for k, h in hits if k == kind]) for kind, hit in kept)


def _is_meant(talk: Talk, hit: Hit) -> bool:
    turn = talk.turns[hit.turn]
    phrase = turn.texts[hit.first : hit.first + hit.size]
    if phrase in _CONCESSIONS and not talk.has_two_voices:
        return False
    if phrase in _ANSWERS_HOW_ARE_YOU:
        # As a refusal it stands nearly alone, and nobody has just asked how they are.
        asked = hit.turn > 0 and any(q.is_courtesy for q in questions_in(talk.turns[hit.turn - 1].tokens))
        if asked or len(turn.tokens) > 12:
            return False
    if declines_offer(talk, hit):
        return False
    before = turn.texts[max(0, hit.first - 2) : hit.first]
    # "it's not too expensive", "that isn't a problem in the budget": the doubt is denied.
    return not (
        phrase[0] in {"too", "so", "cheaper", "scam", "expensive", "pricey"}
        and {"not", "isnt", "wasnt", "never", "how"}.intersection(before)
    )


def declines_offer(talk: Talk, hit: Hit) -> bool:
    """True for "no thanks" after "anything else?": politeness at the end of a talk, and no refusal."""
    phrase = talk.turns[hit.turn].texts[hit.first : hit.first + hit.size]
    if phrase not in _POLITE_NO:
        return False
    rest = talk.turns[hit.turn].texts[hit.first + hit.size :]
    if len(spot(talk, [hit.turn], cues.AGREEMENT, negated=False)):
        return True  # "That sounds perfect, I'm all set."
    offered = spot(talk, range(max(0, hit.turn - 2), hit.turn), _OFFERS)
    return (
        bool(len(offered))
        or rest[:2] == ("so", "much")
        or rest[:3] == ("that", "is", "all")
        or rest[:2] == ("thats", "all")
    )


def _judged(talk: Talk, kind: str, hit: Hit, same_kind: Sequence[Hit]) -> Objection:
    said_at = hit.quote.start_seconds
    answers = _answers(talk, hit)
    if not answers:
        return Objection(kind, hit.quote, None, acknowledged=False, explored=False, answered=False, settled=False)
    first = talk.turns[answers[0]]
    answered_until = talk.turns[answers[-1]].end_seconds
    again = any(said_at + SAME_OBJECTION_SECONDS <= h.quote.start_seconds for h in same_kind)
    refused = _within(
        spot(talk, talk.customer_turns, cues.REFUSAL, from_seconds=first.end_seconds).quotes, answered_until
    )
    agreed = _within(
        spot(talk, talk.customer_turns, cues.AGREEMENT, negated=False, from_seconds=first.start_seconds).quotes,
        answered_until,
    )
    substance = sum(len(spot(talk, answers, p)) for p in (cues.PROOF, cues.BENEFITS, cues.SIGNPOSTS))
    figures = any(w in cues.NUMBER_WORDS or w.isdigit() for i in answers for w in talk.turns[i].texts)
    spoken = sum(len(talk.turns[i].tokens) for i in answers)
    return Objection(
        kind=kind,
        quote=hit.quote,
        response=quote_for(first.tokens[:_RESPONSE_WORDS]),
        acknowledged=bool(len(spot(talk, answers[:2], cues.EMPATHY))),
        explored=any(not q.is_courtesy for i in answers for q in questions_in(talk.turns[i].tokens)),
        answered=(substance >= 1 or figures) and spoken >= 12,
        settled=(agreed or not again) and not refused and spoken >= 5,
    )


def _answers(talk: Talk, hit: Hit) -> list[int]:
    """Return the rep's turns that can be an answer: the next few within a minute and a half."""
    end = talk.turns[hit.turn].end_seconds
    later = range(hit.turn + 1, min(len(talk.turns), hit.turn + 1 + 2 * _ANSWER_TURNS))
    close_by = [i for i in later if talk.turns[i].start_seconds - end <= _ANSWER_SECONDS]
    return [i for i in close_by if not talk.has_two_voices or talk.is_rep(i)][:_ANSWER_TURNS]


def _within(quotes: Sequence[Quote], start_seconds: float) -> bool:
    return any(q.start_seconds <= start_seconds + _SETTLED_SECONDS for q in quotes)
