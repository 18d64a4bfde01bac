"""Next steps: actions that a speaker announced for after the conversation, and accepted appointments.

A step has a sentence, an owner if voices are distinguished, an action and, if one was said, a time. Actions done at
once ("I'll get the ladder"), descriptions of the service and conditions ("if it leaks we come back") are not next
steps.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from dayline.scoring.conversation import Conversation, Quote, Sentence
from dayline.scoring.facts import next_step_patterns as patterns
from dayline.scoring.facts.asks import Ask
from dayline.scoring.facts.grammar import words
from dayline.scoring.facts.next_step_context import answers_case, is_turned_down
from dayline.scoring.facts.times import TimeMention, times_in


@dataclass(frozen=True, slots=True)
class NextStep:
    """An action to be done after the conversation.

    Attributes:
        owner: "rep", "customer", or None if voices are not distinguished.
        action: the speaker's own words from the verb to the end of the clause; "See that you ..." where the rep said
            what the customer will get.
        when: the time in normalised form, None if none was said.
        sentence: where it was said.
        quote: the whole sentence.
        is_appointment: whether both sides agreed to speak or meet at that time.

    """

    owner: str | None
    action: str
    when: str | None
    sentence: Sentence
    quote: Quote
    is_appointment: bool


def next_steps_in(talk: Conversation, asks: Sequence[Ask]) -> tuple[NextStep, ...]:
    """Return the next steps in the order in which they were said; a repetition with the same time is dropped."""
    found: list[NextStep] = []
    agreed = {step.sentence.number: step for ask in asks if (step := _agreed(talk, ask)) is not None}
    for sentence in talk.sentences:
        if sentence.number in agreed:
            found.append(agreed[sentence.number])
        invited = _invited(talk, sentence)
        if invited is not None:
            found.append(invited)
        found.extend(_promised(talk, sentence))
    return tuple(_as_task(step) for step in _without_repeats(found))


def _as_task(step: NextStep) -> NextStep:
    """Return a promise phrased from the customer's side ("You will get it today") as a task of the rep who made it."""
    promised = _CUSTOMER_GETS.match(step.action)
    if step.owner != "rep" or promised is None:
        return step
    return replace(step, action=f"See that you {step.action[promised.start('verb') :]}")


def _agreed(talk: Conversation, ask: Ask) -> NextStep | None:
    """Return the appointment of a request with a time, if the customer accepted it in the next turn."""
    times = [t for t in ask.times if t.has_day and t.text not in {"today", "tonight"}]
    if not times or talk.rep is None:
        return None
    reply = [s for s in talk.after(ask.sentence, 1) if s.is_rep is False]
    if not reply:
        return None
    # A day that is only asked about ("Saturday? In the morning?") has not been chosen.
    told = [s for s in reply if not s.is_marked_question]
    said = [t for s in told for t in times_in(s) if t.has_day and t.text not in {"today", "tonight"}]
    if not (patterns.ACCEPTS.search(reply[0].text) or said) or _declined(reply):
        return None
    offered = {t.text: t for t in times}
    if len(times) > 1 and not said:
        return None
    when = next((offered[t.text] for t in said if t.text in offered), None)
    if when is None and said:
        same_day = [t for t in times if t.text.split(" at ")[0] == said[0].text.split(" at ")[0]]
        if not same_day:
            return None
        when = same_day[0]
    when = when or times[0]
    return NextStep("rep", _agreed_action(ask, when), when.text, ask.sentence, ask.sentence.quote, True)


def _invited(talk: Conversation, sentence: Sentence) -> NextStep | None:
    """Return the appointment that the customer offers and the rep accepts ("come Thursday at two")."""
    if sentence.is_rep is not False or not patterns.INVITES.search(sentence.text):
        return None
    times = [t for t in times_in(sentence) if t.has_day and t.text not in {"today", "tonight"}]
    reply = [s for s in talk.after(sentence, 1) if s.is_rep]
    if not times or not reply or patterns.CONDITION.search(f" {sentence.text}"):
        return None
    repeated = [t for s in reply for t in times_in(s) if t.has_day and t.text.split(" at ")[0] in times[0].text]
    if not repeated and not patterns.ACCEPTS.search(reply[0].text):
        return None
    when = max([times[0], *repeated], key=lambda t: len(t.text))
    source = sentence if when is times[0] else next(s for s in reply if when in times_in(s))
    return NextStep("rep", f"Appointment: {when.text}", when.text, source, source.quote, True)


def _agreed_action(ask: Ask, when: TimeMention) -> str:
    """Return what was agreed: the rep's own offer ("come back on Friday"), or an appointment at that time."""
    sentence = ask.sentence
    match = patterns.OFFERED.search(sentence.text)
    if match and match.start("verb") < when.start:
        end = _clause_end(sentence, match.start("verb"))
        action = sentence.said(match.start("verb"), end).strip(" ,;:-–—").rstrip(".?!,")
        return action[:1].upper() + action[1:]
    return f"Appointment: {when.text}"


def _declined(reply: Sequence[Sentence]) -> bool:
    first = reply[0].text.split()[:6]
    if patterns.ACCEPTS.search(reply[0].text) and first[0] not in {"no", "not", "nope"}:
        return " not good" in reply[0].text or "can not" in reply[0].text
    return bool(patterns.DECLINES.search(" ".join(first)))


def _promised(talk: Conversation, sentence: Sentence) -> list[NextStep]:
    text = sentence.text
    if sentence.is_marked_question or (patterns.QUESTION.match(text) and not sentence.tokens[-1].raw.endswith(".")):
        return []
    if answers_case(talk, sentence) or is_turned_down(talk, sentence):
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
    end = _clause_end(sentence, start)
    clause = text[match.start() : end]
    if patterns.NO_STEP.search(clause) or _conditional(text, match.start(), end):
        return None
    own = [t for t in times if start <= t.start < end] or _time_before(text, times, match.start())
    has_day = any(t.has_day for t in own)
    meanwhile = patterns.MEANWHILE.search(text[: match.end()]) is not None
    if needs_day and not (has_day or meanwhile):
        return None
    if expression in {patterns.PRESENT_STEP, patterns.YOU_GET} and (
        sentence.is_rep is False or not (meanwhile or _follows_plan(text, match.start()))
    ):
        return None
    if expression is patterns.ANY_PLAN and (sentence.is_rep is not True or all(t.text in _TODAY for t in own)):
        return None
    if expression is patterns.YOUR_STEP:
        if sentence.is_rep is False:
            return None
        owner = "customer" if sentence.is_rep else None
    share = talk.share_at(sentence.start_seconds)
    verb = match["verb"]
    if expression is patterns.OTHERS and sentence.is_rep is not True:
        return None
    if not has_day and not _is_later(verb, clause, share):
        return None
    if owner == "customer" and (patterns.ASIDE.search(text) or verb == "see you"):
        return None  # said on the phone or to the family, or a farewell
    if (
        owner == "customer"
        and expression is patterns.COMMITS
        and not has_day
        and verb.startswith(("do", "start", "see what", "come"))
    ):
        return None
    whole = expression in {patterns.OTHERS, patterns.YOU_GET}
    action = sentence.said(match.start("head") if whole else start, end).strip(" ,;:-–—")
    action = action.rstrip(".?!,")
    if len(action.split()) < 2 and not re.match(r"(?:email|call|text|ring)$", action.lower()):
        return None
    when = _when(own)
    return NextStep(owner, action[:1].upper() + action[1:], when, sentence, sentence.quote, False)


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


_TODAY = ("today", "tonight")
_CUSTOMER_GETS = re.compile(r"(?:(?:then|and|so) )?you(?:['’]ll| will)? (?P<verb>(?:have|get|hear)\b)", re.IGNORECASE)
_NO_PLAN_BEFORE = frozenset(
    ("when", "if", "that", "because", "till", "until", "how", "what", "where", "who", "as", "than", "before")
)


def _follows_plan(text: str, start: int) -> bool:
    before = text[:start].split()[-1:]
    return not before or before[0] not in _NO_PLAN_BEFORE


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


_NEW_CLAUSE = re.compile(
    r" (?:and|but|so|then|because) (?:then )?(?:i|we|you|he|she|they|it|our|the \w+ will|please|if|here "
    r"is|here are)\b(?! know)"
)


_FAREWELL = re.compile(
    r" (?:have a (?:good|nice|great|lovely)|(?:good ?)?bye|take care|see you (?:then|soon|later|around)|"
    r"thank you|thanks)\b"
)


def _clause_end(sentence: Sentence, start: int) -> int:
    """Return the end offset of the clause that begins at `start`: before the next clause with a subject."""
    ends = [
        m.start() for m in [_NEW_CLAUSE.search(sentence.text, start + 4), _FAREWELL.search(sentence.text, start)] if m
    ]
    if not sentence.tokens[-1].raw.endswith((".", "!", "?")):
        # Without punctuation a clause ends where a new subject and verb begin, unless a conjunction continues it.
        for match in _NEW_SUBJECT.finditer(sentence.text, start + 4):
            before = sentence.text[: match.start()].split()[-1:]
            if not before or before[0] not in _CARRIES_ON:
                ends.append(match.start())
                break
    return min(ends, default=len(sentence.text))


_NEW_SUBJECT = re.compile(
    r" (?:(?:i|we|you|he|she|they|it|that|there|this|what) (?:am|is|are|was|were|have|has|had|will|would|"
    r"can|could|do|does|did|just|got"
    r"|want|need|know|think|reckon|go|say|tell|take|put|see|give|look|make|get|said|pay)|(?:okay|all "
    r"right|bye|yes|no|well|so|believe|sorry|"
    r"thanks|thank you|what|how|are you|do you|is it|is that|can you|have you|where|why|not|cause|because|"
    r"either way|just you)) "
)
_CARRIES_ON = words("""
    what how who that when where if because so as which whatever than while before after until till once cause
    whether why and everything anything all time day the
    """)


def _without_repeats(found: Sequence[NextStep]) -> tuple[NextStep, ...]:
    kept: list[NextStep] = []
    for step in found:
        same = next((k for k in kept if _is_same(k, step)), None)
        if same is None:
            kept.append(step)
        else:
            kept[kept.index(same)] = _merged(same, step)
    return tuple(kept)


def _is_same(a: NextStep, b: NextStep) -> bool:
    if a.sentence.number == b.sentence.number and a.action == b.action:
        return True
    if a.when and b.when and _same_time(a.when, b.when):
        booked = a.is_appointment or b.is_appointment
        verb_a, verb_b = (step.action.split()[0].lower().rstrip(":") for step in (a, b))
        meeting = {
            "see",
            "talk",
            "speak",
            "put",
            "got",
            "have",
            "come",
            "appointment",
            "meet",
            "be",
            "booked",
            "call",
            "ring",
        }
        if {verb_a, verb_b} & {"see", "talk", "speak"} and verb_a in meeting and verb_b in meeting:
            return True
        return (booked and verb_a in meeting and verb_b in meeting) or (verb_a == verb_b and a.owner == b.owner)
    verbs = [step.action.split()[0].lower() for step in (a, b)]
    return a.owner == b.owner and verbs[0] == verbs[1] and not (a.when and b.when) and _shares_object(a, b)


def _shares_object(a: NextStep, b: NextStep) -> bool:
    """Return whether two actions with the same verb have the same object."""
    found = [set(re.findall(r"[a-z]{4,}", s.action.lower())) for s in (a, b)]
    return bool(found[0] & found[1]) or not found[0] or not found[1]


def _same_time(a: str, b: str) -> bool:
    if a == b:
        return True
    day_a, _, clock_a = a.partition(" at ")
    day_b, _, clock_b = b.partition(" at ")
    plain = re.sub(r" (?:am|pm)$", "", clock_a), re.sub(r" (?:am|pm)$", "", clock_b)
    return day_a == day_b and (not clock_a or not clock_b or plain[0] == plain[1])


def _merged(a: NextStep, b: NextStep) -> NextStep:
    """Return the more informative step: the agreed one, with the more exact time of both."""
    exact = max((a, b), key=lambda s: len(s.when or ""))
    best = a if a.is_appointment or not b.is_appointment else b
    if a.is_appointment == b.is_appointment:
        best = exact
    if exact.when == best.when:
        return best
    if not best.action.startswith("Appointment:"):
        return exact if not exact.action.lower().startswith(("see you", "talk to", "speak to")) else best
    # The quote must contain the time, so the sentence with the exact time is shown.
    return replace(exact, action=f"Appointment: {exact.when}", is_appointment=True)
