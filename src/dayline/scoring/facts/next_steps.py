"""Next steps: actions that a speaker announced for after the conversation, and accepted appointments.

A step has a sentence, an owner if voices are distinguished, an action and, if one was said, a time. Actions done at
once ("I'll get the ladder"), descriptions of the service and conditions ("if it leaks we come back") are not next
steps.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from dayline.scoring.conversation import Conversation, Sentence
from dayline.scoring.facts import next_step_patterns as patterns
from dayline.scoring.facts.appointments import agreed_step, confirmed_step, invited_step, settled
from dayline.scoring.facts.asks import Ask
from dayline.scoring.facts.clauses import clause_end
from dayline.scoring.facts.next_step import NextStep, without_repeats
from dayline.scoring.facts.next_step_context import (
    answers_case,
    is_among_others,
    is_at_once,
    is_only_possible,
    is_reported,
    is_routine,
    is_turned_down,
    is_within_family,
)
from dayline.scoring.facts.times import TimeMention, times_in


def next_steps_in(talk: Conversation, asks: Sequence[Ask]) -> tuple[NextStep, ...]:
    """Return the next steps in the order in which they were said; a repetition with the same time is dropped."""
    found: list[NextStep] = []
    agreed = {step.sentence.number: step for ask in asks if (step := agreed_step(talk, ask)) is not None}
    for sentence in talk.sentences:
        if sentence.number in agreed:
            found.append(agreed[sentence.number])
        invited = invited_step(talk, sentence)
        if invited is not None:
            found.append(invited)
        promised = _promised(talk, sentence)
        confirmed = None if promised else confirmed_step(talk, sentence, asks)
        found += promised if confirmed is None else [confirmed]
    return without_repeats([_as_task(settled(talk, step)) for step in without_repeats(found)])


def _as_task(step: NextStep) -> NextStep:
    """Return a promise phrased from the customer's side ("You will get it today") as a task of the rep who made it."""
    promised = _CUSTOMER_GETS.match(step.action)
    if step.owner != "rep" or promised is None:
        return step
    return replace(step, action=f"See that you {step.action[promised.start('verb') :]}")


def _promised(talk: Conversation, sentence: Sentence) -> list[NextStep]:
    text = sentence.text
    if sentence.is_marked_question or (patterns.QUESTION.match(text) and not sentence.tokens[-1].raw.endswith(".")):
        return []
    if answers_case(talk, sentence) or is_turned_down(talk, sentence) or is_within_family(talk, sentence):
        return []
    times = times_in(sentence)
    owner = None if sentence.is_rep is None else "rep" if sentence.is_rep else "customer"
    found: list[NextStep] = []
    taken = -1
    for expression, needs_day in (
        (patterns.COMMITS, False),
        (patterns.LET_ME, False),
        (patterns.BOOKED, True),
        (patterns.OTHERS, False),
        (patterns.PRESENT_STEP, True),
        (patterns.YOU_GET, True),
        (patterns.YOUR_STEP, True),
        (patterns.ANY_PLAN, True),
    ):
        for match in expression.finditer(text):
            if match.start("verb") < taken or any(abs(match.start() - s) < 12 for s in _starts(found, text)):
                continue
            step = _step(talk, sentence, match, times, owner, needs_day, expression)
            if step is not None:
                found.append(step)
                taken = max(taken, match.end("verb") - 1)
    return found


def _starts(found: Sequence[NextStep], text: str) -> list[int]:
    return [text.find(_plain(step.action)) for step in found]


def _plain(action: str) -> str:
    return re.sub(r"[^\w ]", "", action.lower())[:14]


def _step(
    talk: Conversation,
    sentence: Sentence,
    match: re.Match[str],
    times: Sequence[TimeMention],
    owner: str | None,
    needs_day: bool,
    expression: re.Pattern[str],
) -> NextStep | None:
    text = sentence.text
    start = match.start("verb")
    end = clause_end(sentence, start)
    clause = text[match.start() : end]
    if patterns.NO_STEP.search(clause) or _conditional(text, match.start(), end):
        return None
    if is_reported(text, match.start(), match.end("verb")):
        return None
    own = [t for t in times if start <= t.start < end] or _time_before(text, times, match.start())
    has_day = any(t.has_day for t in own)
    if not _fits_form(sentence, match, expression, own, needs_day=needs_day):
        return None
    if expression is patterns.YOUR_STEP:
        owner = "customer" if sentence.is_rep else None
    verb = match["verb"]
    if not has_day and (is_only_possible(talk, sentence, clause) or is_among_others(sentence, clause)):
        return None
    if not has_day and (is_at_once(text) or not _is_later(verb, clause, talk.share_at(sentence.start_seconds))):
        return None
    if owner == "customer" and (patterns.ASIDE.search(text) or verb == "see you"):
        return None  # said on the phone or to the family, or a farewell
    if owner == "customer" and expression is patterns.COMMITS and not has_day and verb.startswith(_VAGUE):
        return None
    whole = expression in {patterns.OTHERS, patterns.YOU_GET}
    action = sentence.said(match.start("head") if whole else start, end).strip(" ,;:-–—")
    action = action.rstrip(".?!,")
    if len(action.split()) < 2 and not re.match(r"(?:email|call|text|ring)$", action.lower()):
        return None
    when = _when(own)
    return NextStep(owner, action[:1].upper() + action[1:], when, sentence, sentence.quote, False)


def _fits_form(
    sentence: Sentence,
    match: re.Match[str],
    expression: re.Pattern[str],
    own: Sequence[TimeMention],
    *,
    needs_day: bool,
) -> bool:
    """Return whether speaker and time are those that the form of a promise needs."""
    before = sentence.text[: match.start()]
    meanwhile = patterns.MEANWHILE.search(sentence.text[: match.end()]) is not None
    if needs_day and not (meanwhile or any(t.has_day for t in own)):
        return False
    if expression in {patterns.PRESENT_STEP, patterns.YOU_GET}:
        # "so you have it on Sunday" says what another step is for.
        is_purpose = expression is patterns.YOU_GET and bool(before) and match["head"].startswith("so ")
        if sentence.is_rep is False or is_purpose or is_routine(before, match["head"]):
            return False
        return meanwhile or _follows_plan(before)
    if expression is patterns.ANY_PLAN:
        # "I'm going to Leeds on Friday": a place, not an action.
        is_place = (
            "going to" in match["head"]
            and " " not in match["verb"]
            and any(0 <= t.start - match.end() <= _PREPOSITION for t in own)
        )
        return sentence.is_rep is True and not is_place and any(t.text not in _TODAY for t in own)
    if expression is patterns.OTHERS:
        return sentence.is_rep is True
    if expression is patterns.YOUR_STEP:
        # "in a week you ask for any file": what happens, not what the customer is to do.
        is_told = match["head"] == "you" and all(t.text.startswith("in ") for t in own)
        return sentence.is_rep is not False and not is_told
    # "a letter, so we can ask them": what something is for.
    return not (" can " in match.group() and before.endswith("so "))


_PREPOSITION = 4
"""Characters between a verb and the time that follows it at once ("on Friday")."""


def _is_later(verb: str, clause: str, share: float) -> bool:
    """Return whether an action without a day takes place after the conversation."""
    if re.match(
        r"(?:send|email|mail|text|refund|drop you|come back|be back|follow up|get back|check with|find out|"
        r"let \w+ know|draw "
        r"up|be in touch|pass|credit|order|chase|look into|write up|drop|pop back|bring)",
        verb,
    ):
        return not re.search(r"\bsend (?:you )?(?:to|up|down)\b", clause)
    if re.match(
        r"(?:call|ring|phone|give \w+ a|ask|tell|talk to|speak|put together|book|put you|put (?:in|an|the)|quote|"
        r"price|confirm|hold|have|think|see (?:what|if)|get|take)",
        verb,
    ):
        return share >= 0.4
    return False


_VAGUE = ("do", "start", "see what", "come", "give", "let you know", "be ", "have")
"""What a customer says without a day that is no step yet: a favour, or leave to wait."""
_TODAY = ("today", "tonight")
_CUSTOMER_GETS = re.compile(r"(?:(?:then|and|so) )?you(?:['’]ll| will)? (?P<verb>(?:have|get|hear)\b)", re.IGNORECASE)
_NO_PLAN_BEFORE = frozenset(
    ("when", "if", "that", "because", "till", "until", "how", "what", "where", "who", "as", "than", "before")
)


def _follows_plan(before: str) -> bool:
    last = before.split()[-1:]
    return not last or last[0] not in _NO_PLAN_BEFORE


def _conditional(text: str, start: int, end: int) -> bool:
    before = text[:start]
    condition = patterns.CONDITION.search(f" {before}")
    if (
        condition
        and not patterns.NEVER_MIND_IF.search(before)
        and len(before.split()) - len(before[: condition.start()].split()) <= 12
    ):
        return (
            not re.search(r"\b(?:and|so|but|okay|then) (?:i|we|please)?$", before.strip())
            or "if" in before.split()[-8:]
        )
    return bool(re.match(r"(?:i|we) (?:would|could|might)\b", text[start:end]))


def _time_before(text: str, times: Sequence[TimeMention], start: int) -> list[TimeMention]:
    """Return a time directly before the clause ("and tomorrow I'll call")."""
    near = [t for t in times if 0 <= start - t.end <= 12]
    opens = {"and", "so", "then", "but", "okay", "great", "well", ""}
    return [t for t in near[-1:] if (text[: t.start].split() or [""])[-1] in opens]


def _when(own: Sequence[TimeMention]) -> str | None:
    dated = [t for t in own if t.has_day]
    if dated:
        exact = [t for t in dated if t.has_clock]
        best = exact[0] if exact else dated[-1] if dated[0].text.startswith("in ") else dated[0]
        if best is not dated[0] and dated[0].text in {"today", "tonight"}:
            return dated[0].text
        if not best.has_clock:
            clock = next((t for t in own if t.has_clock and not t.has_day), None)
            if clock is not None and abs(clock.start - best.end) < 30:
                return f"{best.text} {clock.text}" if clock.text.startswith("at ") else f"{best.text} at {clock.text}"
        return best.text
    clocks = [t for t in own if t.has_clock]
    return clocks[0].text if clocks else None
