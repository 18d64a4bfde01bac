"""Facts that the words themselves state: what was agreed for later, how it ended, and who the customer is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dayline.scoring.rubric import phrases as cues
from dayline.scoring.rubric.keywords import is_content
from dayline.scoring.rubric.objections import declines_offer
from dayline.scoring.rubric.phrase_matching import Hit, Talk, quote_around, spot
from dayline.scoring.turns import Turn

MOST_NEXT_STEPS = 6
_STEP_SPAN_WORDS = 14
_SAME_STEP_SECONDS = 20.0


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TITLES = _words("mr mrs ms miss mister missus misses doctor dr")
_MEETING = (("nice", "to", "meet", "you"), ("good", "to", "meet", "you"), ("pleased", "to", "meet", "you"))
_GREETINGS = _words("hi hey hello morning afternoon evening")
_NAMING = (("my", "name", "is"), ("my", "names"), ("name", "is"), ("this", "is"))
# Words that follow "this is" or "doctor" and are no name, beyond the small change.
_NO_NAMES = _words(
    """
    house home place property roof busy recorded expensive amazing terrible ridiculous awful beautiful exciting
    family appointment office husband wife unit machine product system brochure paper contract quote price estimate
    sales manager calling speaking with from and the for service department actual
    """
)


_WHO = _words("i ill we well the our installer technician")


def next_steps_in(talk: Talk) -> tuple[dict[str, Any], ...]:
    """Return what somebody said they would do: {action, owner, when, quote, start_seconds, end_seconds}.

    owner is "rep" or "customer" where voices are told apart, else None; when is the time as said, or None. A step
    counts when it is named with a time, or in the last 40 % of the talk.
    """
    late_from = talk.at_share(0.6)
    found: list[dict[str, Any]] = []
    everyone = range(len(talk.turns))
    promised = [(h, False) for h in spot(talk, everyone, cues.COMMITMENTS, negated=False).items]
    confirmed = [(h, True) for h in spot(talk, everyone, cues.CONFIRMATIONS, negated=False).items]
    for hit, needs_time in sorted(promised + confirmed, key=lambda h: (h[0].turn, h[0].first)):
        when = _when(talk.turns[hit.turn], hit)
        if when is None and (needs_time or hit.quote.start_seconds < late_from):
            continue
        step = _step(talk, hit, when)
        before = found[-1] if found else None
        near = before is not None and step["start_seconds"] - before["start_seconds"] < _SAME_STEP_SECONDS
        if before is None or not near or (step["owner"] != before["owner"] and not needs_time):
            found.append(step)
        elif when and not before["when"]:
            found[-1] = step
    found.sort(key=lambda s: (s["when"] is None, -s["start_seconds"]))
    return tuple(sorted(found[:MOST_NEXT_STEPS], key=lambda s: s["start_seconds"]))


def _step(talk: Talk, hit: Hit, when: str | None) -> dict[str, Any]:
    turn = talk.turns[hit.turn]
    names_who = turn.texts[hit.first] in _WHO
    quote = quote_around(turn, hit.first, hit.size, before=0 if names_who else 6, after=_STEP_SPAN_WORDS)
    owner = None
    if talk.has_two_voices:
        owner = "rep" if talk.is_rep(hit.turn) else "customer"
    return {
        "action": quote.text,
        "owner": owner,
        "when": when,
        "quote": quote.text,
        "start_seconds": quote.start_seconds,
        "end_seconds": quote.end_seconds,
    }


def _when(turn: Turn, hit: Hit) -> str | None:
    """Return the time named near a commitment, as said: "tuesday at ten", "next week". What follows it goes first."""
    end = hit.first + hit.size
    after = _time_in(turn.texts[hit.first : end + _STEP_SPAN_WORDS])
    return after or _time_in(turn.texts[max(0, hit.first - 6) : hit.first])


def _time_in(texts: Sequence[str]) -> str | None:
    for i, word in enumerate(texts):
        phrase = next((len(p) for p in cues.WHEN_PHRASES if tuple(texts[i : i + len(p)]) == p), 0)
        size = 1 if word in cues.DAYS else phrase
        if not size and word == "at" and i + 1 < len(texts) and _is_clock(texts[i + 1]):
            size = 1
        if not size:
            continue
        end = i + size
        if end < len(texts) and texts[end] in {"morning", "afternoon", "evening", "night"}:
            end += 1
        if end < len(texts) and texts[end] in {"at", "around", "by"}:
            end += 1
        while end < len(texts) and end < i + size + 5 and _is_clock(texts[end]):
            end += 1
        if texts[end - 1] in {"at", "around", "by"}:
            end -= 1
        return " ".join(texts[i:end]) or None
    return None


def _is_clock(word: str) -> bool:
    return word in cues.CLOCK_WORDS or word.isdigit()


def outcome_of(talk: Talk, next_steps: Sequence[dict[str, Any]], has_delay: bool) -> tuple[str, Hit | None]:
    """Return sale, follow_up, no_sale or unknown, and the words that say so.

    Only the second half counts, and the later word wins: people say no before they say yes, and the other way round.
    """
    half, late = talk.at_share(0.4), talk.at_share(0.6)
    bought = [
        *spot(talk, talk.customer_turns, cues.SALE_BY_CUSTOMER, negated=False, from_seconds=half).items,
        *spot(talk, talk.rep_turns, cues.SALE_BY_REP, negated=False, from_seconds=half).items,
    ]
    refused = [
        h for h in spot(talk, talk.customer_turns, cues.REFUSAL, from_seconds=late).items if not declines_offer(talk, h)
    ]
    last_sale = max(bought, key=lambda h: h.quote.start_seconds, default=None)
    last_refusal = max(refused, key=lambda h: h.quote.start_seconds, default=None)
    if last_sale and (last_refusal is None or last_sale.quote.start_seconds > last_refusal.quote.start_seconds):
        return "sale", last_sale
    timed = [s for s in next_steps if s["when"]]
    if last_refusal and not any(s["start_seconds"] > last_refusal.quote.start_seconds for s in timed or next_steps):
        return "no_sale", last_refusal
    if next_steps or has_delay:
        return "follow_up", None
    return "unknown", None


def prospect_name_in(talk: Talk) -> str | None:
    """Return the customer's name where it is said: by themselves, or by the rep with a title. None when in doubt."""
    for i in talk.customer_turns if talk.has_two_voices else ():
        name = _own_name(talk, i)
        if name:
            return name
    for i in talk.rep_turns:
        texts = talk.turns[i].texts
        at = talk.turns[i].start_seconds
        # People are addressed at the beginning and the end; between, a title mostly belongs to somebody else.
        addressed = at <= talk.at_share(0.25) or at >= talk.at_share(0.9)
        for n, word in enumerate(texts[:-1]):
            if addressed and word in _TITLES and _is_name(texts[n + 1]):
                return f"{_title(word)} {_cased(texts[n + 1])}"
            if addressed and word in _GREETINGS and _is_written_as_name(talk.turns[i], n + 1):
                return _cased(texts[n + 1])
            if texts[n - 3 : n + 1] in _MEETING and _is_name(texts[n + 1]):
                return _cased(texts[n + 1])
    return None


def _own_name(talk: Talk, number: int) -> str | None:
    turn = talk.turns[number]
    texts = turn.texts
    for n, word in enumerate(texts):
        if word == "im" and n + 1 < len(texts) and _is_written_as_name(turn, n + 1):
            return _cased(texts[n + 1])
        for opening in _NAMING:
            end = n + len(opening)
            if texts[n:end] != opening or end >= len(texts) or not _is_name(texts[end]):
                continue
            if opening == ("this", "is") and n > 3:
                continue
            if opening == ("name", "is") and n > 0:
                continue
            return _cased(texts[end])
    asked = " ".join(talk.turns[number - 1].texts[-6:]) if number else ""
    answers = asked.endswith(("your name", "your name again", "i call you")) and 0 < len(texts) <= 4
    last = texts[len(texts) - 1]
    return _cased(last) if answers and _is_name(last) else None


def _is_written_as_name(turn: Turn, n: int) -> bool:
    # "I'm Linda" and "I'm busy" differ only in the capital, so it must be there, and not begin a sentence.
    return turn.tokens[n].raw[:1].isupper() and _is_name(turn.texts[n])


def _is_name(word: str) -> bool:
    return is_content(word) and word not in _NO_NAMES and word.isalpha()


def _cased(word: str) -> str:
    return word[:1].upper() + word[1:]


def _title(word: str) -> str:
    return {"mister": "Mr", "missus": "Mrs", "misses": "Mrs", "doctor": "Dr"}.get(word, _cased(word))
