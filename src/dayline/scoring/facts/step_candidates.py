"""Sentences that may tell a next step, with what speaks for and against each.

A candidate has the form of a promise, a booking or an agreed day. `next_steps` keeps those that the trained model takes
for steps; what the rules hold against a candidate (a condition, a habit, a message for others) are its doubts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dayline.scoring.conversation import Conversation, Sentence
from dayline.scoring.facts import next_step_patterns as patterns
from dayline.scoring.facts.appointments import agreed_step, confirmed_step, invited_step
from dayline.scoring.facts.asks import Ask
from dayline.scoring.facts.clauses import clause_end
from dayline.scoring.facts.grammar import any_of
from dayline.scoring.facts.next_step import NextStep
from dayline.scoring.facts.next_step_context import (
    answers_case,
    is_among_others,
    is_at_another_place,
    is_at_once,
    is_denied,
    is_elsewhere,
    is_only_possible,
    is_reported,
    is_routine,
    is_turned_down,
    is_within_family,
    only_names_day,
)
from dayline.scoring.facts.sentence_features import SentenceFeatures, class_of
from dayline.scoring.facts.step_times import own_times, time_before, time_of
from dayline.scoring.facts.times import TimeMention, weekday_of


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may tell a next step.

    Attributes:
        step: the step, if it is one.
        form: the form of words by which it was found.
        doubts: what the rules hold against it.
        marks: features of the candidate for the trained model, beside those of its sentence.

    """

    step: NextStep
    form: str
    doubts: tuple[str, ...]
    marks: tuple[str, ...]


_FORMS: tuple[tuple[str, re.Pattern[str], bool], ...] = (
    ("commits", patterns.COMMITS, False),
    ("let_me", patterns.LET_ME, False),
    ("booked", patterns.BOOKED, True),
    ("others", patterns.OTHERS, False),
    ("present", patterns.PRESENT_STEP, True),
    ("you_get", patterns.YOU_GET, True),
    ("your_step", patterns.YOUR_STEP, True),
    ("plan", patterns.ANY_PLAN, True),
)
"""Name and words of each form, and whether it needs a day."""
_ANY_FORM = any_of(words for _, words, _ in _FORMS)
_WIDE_FORMS: tuple[tuple[str, re.Pattern[str], bool], ...] = (
    ("there", patterns.BE_THERE, True),
    ("asked", patterns.ASKED_OF_REP, True),
    ("action", patterns.ANY_ACTION, False),
)
"""Forms that are looked for where no other is found: only the model tells steps from other talk in them."""


def candidates_in(talk: Conversation, asks: Sequence[Ask], features: SentenceFeatures) -> list[Candidate]:
    """Return all candidates in order."""
    found: list[Candidate] = []
    agreed = {step.sentence.number: step for ask in asks if (step := agreed_step(talk, ask)) is not None}
    for sentence in talk.sentences:
        if sentence.number in agreed:
            found.append(_candidate(talk, agreed[sentence.number], "agreed", (), features))
        invited = invited_step(talk, sentence)
        if invited is not None:
            found.append(_candidate(talk, invited, "invited", (), features))
        promised = _promised(talk, sentence, features)
        sure = [c for c in promised if not c.doubts]
        confirmed = None if sure else confirmed_step(talk, sentence, asks)
        if confirmed is not None:
            found.append(_candidate(talk, confirmed, "confirmed", (), features))
        elif promised:
            found += promised
        elif sentence.number not in agreed and invited is None:
            found += _wide(talk, sentence, features)
    return found


def _promised(talk: Conversation, sentence: Sentence, features: SentenceFeatures) -> list[Candidate]:
    """Return the candidates in the form of a promise; one that rules speak against only where no other stands."""
    if not _ANY_FORM.search(sentence.text):
        return []
    matches = [(form, m, day) for form, words, day in _FORMS for m in words.finditer(sentence.text)]
    general = _doubts_of_sentence(talk, sentence)
    times = features.times_of(sentence)
    sure: list[Candidate] = []
    doubted: list[Candidate] = []
    taken = -1
    for form, match, needs_day in matches:
        if match.start("verb") < taken or any(abs(match.start() - s) < _SAME_PLACE for s in _starts(sure, sentence)):
            continue
        found = _step(talk, sentence, match, times, form, needs_day=needs_day)
        if found is None:
            continue
        step, doubts = found
        candidate = _candidate(talk, step, form, (*general, *doubts), features)
        if candidate.doubts:
            doubted.append(candidate)
            continue
        sure.append(candidate)
        taken = max(taken, match.end("verb") - 1)
    return sure or sorted(doubted, key=lambda c: len(c.doubts))[:1]


def _wide(talk: Conversation, sentence: Sentence, features: SentenceFeatures) -> list[Candidate]:
    """Return at most one candidate of a sentence without the form of a promise."""
    times = features.times_of(sentence)
    is_late = talk.share_at(sentence.start_seconds) >= _EARLY
    if not is_late and not any(t.has_day for t in times):
        return []  # early in the conversation only a day makes a candidate
    general = _doubts_of_sentence(talk, sentence)
    for form, words, needs_day in _WIDE_FORMS:
        match = words.match(sentence.text) if form == "asked" else words.search(sentence.text)
        if match is None or (form == "there" and is_elsewhere(sentence, match)):
            continue
        start = match.start("head") if match["head"] and form != "action" else match.start("verb")
        end = clause_end(sentence, match.start("verb"))
        own = own_times(sentence.text, times, start, end) or time_before(sentence.text, times, match.start())
        action = sentence.said(start, end).strip(" ,;:-–—").rstrip(".?!,")
        has_day = any(t.has_day for t in own)
        if len(action.split()) < _SHORTEST_ACTION or not (has_day or (is_late and not needs_day)):
            continue
        speaks, other = ("rep", "customer") if sentence.is_rep else ("customer", "rep")
        owner = None if sentence.is_rep is None else other if form == "asked" else speaks
        step = NextStep(owner, action[:1].upper() + action[1:], time_of(own), sentence, sentence.quote, False)
        doubts = ["wide", *general, *(["condition"] if _conditional(sentence.text, match.start(), end) else [])]
        doubts += ["no_step"] if patterns.NO_STEP.search(sentence.text[match.start() : end]) else []
        return [_candidate(talk, step, form, tuple(doubts), features)]
    days = [t for t in times if t.has_day and t.text not in _TODAY]
    is_short = len(sentence.words) <= _LONGEST_DAY and "forget" not in sentence.words
    if is_late and days and is_short and sentence.is_rep is not None and only_names_day(sentence.text, times[0].start):
        when = max(days, key=lambda t: len(t.text))
        step = NextStep("rep", f"Appointment: {when.text}", when.text, sentence, sentence.quote, True)
        return [_candidate(talk, step, "day", ("wide", *general), features)]
    return []


_SHORTEST_ACTION, _LONGEST_DAY = 2, 12
"""Words of an action, and of a sentence that only names a day."""
_SAME_PLACE = 12
"""Characters within which two forms begin that tell the same action."""


def _starts(found: Sequence[Candidate], sentence: Sentence) -> list[int]:
    return [sentence.text.find(re.sub(r"[^\w ]", "", c.step.action.lower())[:14]) for c in found]


def _candidate(
    talk: Conversation, step: NextStep, form: str, doubts: tuple[str, ...], features: SentenceFeatures
) -> Candidate:
    return Candidate(step, form, doubts, tuple(_marks(talk, step, form, doubts, features)))


def _marks(
    talk: Conversation, step: NextStep, form: str, doubts: tuple[str, ...], features: SentenceFeatures
) -> list[str]:
    """Return the features of a candidate: its form, owner, verb, time and doubts, and what is said around it."""
    time = _kind_of_time(step.when)
    verb = class_of(step.action.split()[0].lower()) if step.action else ""
    share = talk.share_at(step.sentence.start_seconds)
    place = "early" if share < _EARLY else "middle" if share < _LATE else "late"
    found = [f"s:{form}", f"s:{form}:{step.owner}", f"s:{form}:{time}", f"s:time:{time}", f"s:{time}:{place}"]
    found += [f"s:{step.owner}:{time}", f"s:verb:{verb}", f"s:{step.owner}:{verb}", f"s:{place}", f"s:{place}:{form}"]
    found += [f"s:no:{doubt}" for doubt in doubts]
    found.append(f"s:doubts:{min(2, len(doubts))}")
    reply = [s for s in talk.after(step.sentence, 1) if s.is_rep is not step.sentence.is_rep]
    if reply:
        accepts = patterns.ACCEPTS.search(reply[0].text) is not None
        declines = patterns.DECLINES.search(" ".join(reply[0].words[:6])) is not None
        found.append(f"s:reply:{accepts}:{declines}")
    else:
        found.append("s:reply:none")
    before = [s for s in talk.before(step.sentence, 1) if s.is_rep is not step.sentence.is_rep]
    same = talk.sentences_of_turn[step.sentence.turn]
    if step.sentence.number != same[0].number:
        found.append("s:goes_on")
    days = [{weekday_of(t.text) for s in said for t in features.times_of(s) if t.has_day} for said in (before, reply)]
    mine = weekday_of(step.when or "")
    for side, named in zip(("before", "after"), days, strict=True):
        if named:
            found += [f"s:day_{side}", *([f"s:same_day_{side}", f"s:same_day_{side}:{form}"] if mine in named else [])]
    if before and before[-1].is_marked_question:
        found += ["s:answers", f"s:answers:{form}"]
    return found


_EARLY, _LATE = 0.5, 0.8


def _kind_of_time(when: str | None) -> str:
    if when is None:
        return "none"
    if when.startswith("in "):
        return "span"
    if when.startswith("at "):
        return "clock"
    return "today" if when.startswith(("today", "tonight", "this ")) else "day"


def _doubts_of_sentence(talk: Conversation, sentence: Sentence) -> list[str]:
    text = sentence.text
    holds = {
        "question": sentence.is_marked_question
        or (patterns.QUESTION.match(text) is not None and not sentence.tokens[-1].raw.endswith(".")),
        "case": answers_case(talk, sentence),
        "turned_down": is_turned_down(talk, sentence),
        "family": is_within_family(talk, sentence),
    }
    return [name for name, is_so in holds.items() if is_so]


def _step(
    talk: Conversation,
    sentence: Sentence,
    match: re.Match[str],
    times: Sequence[TimeMention],
    form: str,
    *,
    needs_day: bool,
) -> tuple[NextStep, list[str]] | None:
    """Return the step that a form of words tells, with what speaks against it; None if it names no action."""
    text = sentence.text
    start = match.start("verb")
    end = clause_end(sentence, start)
    clause = text[match.start() : end]
    own = own_times(text, times, start, end) or time_before(text, times, match.start())
    has_day = any(t.has_day for t in own)
    owner = None if sentence.is_rep is None else "rep" if sentence.is_rep else "customer"
    if form == "your_step":
        owner = "customer" if sentence.is_rep else None
    action = sentence.said(match.start("head") if form in {"others", "you_get"} else start, end)
    action = action.strip(" ,;:-–—").rstrip(".?!,")
    if len(action.split()) < 2 and not re.match(r"(?:email|call|text|ring)$", action.lower()):
        return None
    verb = match["verb"]
    doubts = {
        "no_step": patterns.NO_STEP.search(clause) is not None or is_at_another_place(sentence, clause),
        "condition": _conditional(text, match.start(), end),
        "asked": _ASKS.search(text[: match.start()]) is not None,
        "denied": is_denied(text[:start]),
        "reported": is_reported(text, match.start(), match.end("verb")),
        "form": not _fits_form(sentence, match, form, own, needs_day=needs_day),
        "possible": not has_day and is_only_possible(talk, sentence, clause),
        "others": not has_day and is_among_others(sentence, clause),
        "at_once": not has_day and is_at_once(text),
        "not_later": not has_day and not _is_later(verb, clause, talk.share_at(sentence.start_seconds)),
        # said on the phone or to the family, or a farewell
        "aside": owner == "customer" and (patterns.ASIDE.search(text) is not None or verb == "see you"),
        "vague": owner == "customer" and form == "commits" and not has_day and verb.startswith(_VAGUE),
    }
    step = NextStep(owner, action[:1].upper() + action[1:], time_of(own), sentence, sentence.quote, False)
    return step, [name for name, holds in doubts.items() if holds]


_ASKS = re.compile(r"\b(?:could|can|shall|should|would|may|might|will|do|did) $")
"""The verb of a question, before its subject ("could I swing by")."""


def _fits_form(
    sentence: Sentence, match: re.Match[str], form: str, own: Sequence[TimeMention], *, needs_day: bool
) -> bool:
    """Return whether speaker and time are those that the form of a promise needs."""
    before = sentence.text[: match.start()]
    meanwhile = patterns.MEANWHILE.search(sentence.text[: match.end()]) is not None
    if needs_day and not (meanwhile or any(t.has_day for t in own)):
        return False
    if form in {"present", "you_get"}:
        # "so you have it on Sunday" says what another step is for.
        is_purpose = form == "you_get" and bool(before) and match["head"].startswith("so ")
        if sentence.is_rep is False or is_purpose or is_routine(before, match["head"]):
            return False
        return meanwhile or _follows_plan(before)
    if form == "plan":
        # "I'm going to Leeds on Friday": a place, not an action.
        is_place = (
            "going to" in match["head"]
            and " " not in match["verb"]
            and any(0 <= t.start - match.end() <= _PREPOSITION for t in own)
        )
        return sentence.is_rep is True and not is_place and any(t.text not in _TODAY for t in own)
    if form == "others":
        return sentence.is_rep is True
    if form == "your_step":
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
