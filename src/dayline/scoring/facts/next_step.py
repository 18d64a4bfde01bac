"""A next step, and what makes two of them the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from dayline.scoring.conversation import Quote, Sentence


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


def without_repeats(found: Sequence[NextStep]) -> tuple[NextStep, ...]:
    """Return the steps in order; of those that are the same, the more informative one stays."""
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
    is_same_day = day_a == day_b or day_a.startswith(f"{day_b} the ") or day_b.startswith(f"{day_a} the ")
    return is_same_day and (not clock_a or not clock_b or plain[0] == plain[1])


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


def day_of(when: str) -> str:
    """Return the day of a time without its hour and the words before it."""
    day = when.split(" at ")[0].removeprefix("the ").removeprefix("next ").removeprefix("this ").lower()
    words = day.split(" ")
    return " ".join(words[:2]) if words[0] in {"twenty", "thirty"} else words[0]
