"""Next steps: actions that a speaker announced for after the conversation, and accepted appointments.

A step has a sentence, an owner if voices are distinguished, an action and, if one was said, a time. Actions done at
once ("I'll get the ladder"), descriptions of the service and conditions ("if it leaks we come back") are not next
steps. Of the candidates, those are kept that the trained model takes for steps.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from dayline.scoring.conversation import Conversation
from dayline.scoring.facts.appointments import settled
from dayline.scoring.facts.asks import Ask
from dayline.scoring.facts.cancelled_days import without_cancelled
from dayline.scoring.facts.next_step import NextStep, without_repeats
from dayline.scoring.facts.sentence_features import LONG_TALK_SENTENCES, SentenceFeatures
from dayline.scoring.facts.statement_model import statement_model
from dayline.scoring.facts.step_candidates import Candidate, candidates_in
from dayline.scoring.facts.step_times import with_day
from dayline.scoring.facts.turn_context import JOINTS, has_many_turns
from dayline.scoring.facts.turn_encoder import Read

_SURE, _LIKELY_IN_LONG_TALK, _SURE_IN_LONG_TALK, _WIDE, _DOUBTED = -2.0, 0.5, 2.0, 1.0, 2.0
"""Log-odds from which a candidate is a step: in the form of a promise (in a long talk fewer of them are steps; the
lower level there bears on the outcome only), in a wider form, and against a rule."""
_JOINED = 1.25
"""Log-odds from which a candidate is stated in a conversation that the encoder reads, of the joined models
(`turn_context.JOINTS`). Of 383 visits whose hand no model had seen 96 % are right; from 2.0 on 97 %, with a
sixth less."""
_OUTWEIGHED = frozenset(("wide", "form", "not_later", "vague", "possible"))
"""Doubts that the words of a sentence may outweigh; a question, a condition or a refusal is none of them."""


def stated_and_likely(
    talk: Conversation, asks: Sequence[Ask], features: SentenceFeatures, read: Read | None = None
) -> tuple[tuple[NextStep, ...], tuple[NextStep, ...]]:
    """Return the next steps that are stated, and those by which the outcome is read: in a long talk some more.

    Both in the order in which they were said; a repetition with the same time is dropped.
    """
    candidates = candidates_in(talk, asks, features)
    if len(talk.sentences) < LONG_TALK_SENTENCES and not has_many_turns(talk):
        steps = _chosen(talk, candidates, features, _SURE)
        return steps, steps
    likely = _chosen(talk, candidates, features, _LIKELY_IN_LONG_TALK)
    if read is None:
        return _chosen(talk, candidates, features, _SURE_IN_LONG_TALK), likely
    return _settled(talk, [c.step for c in candidates if _is_read(c, features, read)], features), likely


def _chosen(
    talk: Conversation, candidates: Sequence[Candidate], features: SentenceFeatures, sure: float
) -> tuple[NextStep, ...]:
    return _settled(talk, [c.step for c in candidates if _is_kept(c, features, sure)], features)


def _settled(talk: Conversation, found: list[NextStep], features: SentenceFeatures) -> tuple[NextStep, ...]:
    kept = [
        step for step in without_cancelled(talk, found, features) if step.when or not _SAYS_NOTHING.match(step.action)
    ]
    return without_repeats([_as_task(settled(talk, with_day(talk, step, features))) for step in without_repeats(kept)])


_SAYS_NOTHING = re.compile(
    r"(?:(?:do|make|have) (?:it|that|this)|be (?:here|there|with \w+)|have an answer)$", re.IGNORECASE
)
"""An action that says nothing without a time or the words before it."""


def _is_read(candidate: Candidate, features: SentenceFeatures, read: Read) -> bool:
    if set(candidate.doubts) - _OUTWEIGHED or _SIGNS_NOW.match(candidate.step.action):
        return False
    sentence = candidate.step.sentence
    odds = statement_model().step.of([*features.of(sentence), *candidate.marks])
    return JOINTS["step"].of(odds, read, sentence.turn, "step") >= _JOINED


def _is_kept(candidate: Candidate, features: SentenceFeatures, sure: float) -> bool:
    doubts = set(candidate.doubts)
    if doubts - _OUTWEIGHED or _SIGNS_NOW.match(candidate.step.action):
        return False
    needed = _DOUBTED if doubts - {"wide"} else _WIDE if doubts else sure
    return statement_model().step.of([*features.of(candidate.step.sentence), *candidate.marks]) >= needed


_SIGNS_NOW = re.compile(r"sign\b(?: \w+){0,3} (?:now|today|here)\b", re.IGNORECASE)
"""A signature that is given in the conversation."""


def _as_task(step: NextStep) -> NextStep:
    """Return a promise phrased from the customer's side ("You will get it today") as a task of the rep who made it."""
    promised = _CUSTOMER_GETS.match(step.action)
    if step.owner != "rep" or promised is None:
        return step
    return replace(step, action=f"See that you {step.action[promised.start('verb') :]}")


_CUSTOMER_GETS = re.compile(r"(?:(?:then|and|so) )?you(?:['’]ll| will)? (?P<verb>(?:have|get|hear)\b)", re.IGNORECASE)
