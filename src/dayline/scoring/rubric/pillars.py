"""The six pillars: what is counted, how many points it gives, and the quotes that show it.

A pillar is the sum of its components' points, scaled to 0..100. A component that cannot be measured here (no speaker
labels, nobody raised an objection) is left out and the others share its points; when nothing can be measured the
pillar is neutral and says so. Amounts of a thing give points by `saturating`: the first ones count most, and beyond a
target that grows with the length of the talk more of it gives nothing. `docs/analysis.md` lists every component.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dayline.domain.analysis import NEUTRAL_SCORE
from dayline.domain.quotes import Token
from dayline.scoring.metrics import fillers_in, monologues
from dayline.scoring.questions import Question
from dayline.scoring.rubric import phrases as cues
from dayline.scoring.rubric.keywords import content_words
from dayline.scoring.rubric.objections import Objection
from dayline.scoring.rubric.phrase_matching import Quote, Talk, quote_around, quote_for, spot
from dayline.scoring.turns import Turn

MIN_WORDS = 40
"""Fewer words than this are no ground for a score."""

_QUOTE_WORDS = 14


@dataclass(frozen=True, slots=True)
class Component:
    """One thing that was counted. `points` of at most `out_of`; `counted` in words a person can check."""

    key: str
    counted: str
    points: float
    out_of: float
    quotes: tuple[Quote, ...]

    @property
    def share(self) -> float:
        """Points reached, 0..1."""
        return self.points / self.out_of


@dataclass(frozen=True, slots=True)
class Pillar:
    """A score with its components; none of them means there was no occasion, and `note` says which."""

    score: int
    components: tuple[Component, ...]
    note: str = ""


def neutral(note: str) -> Pillar:
    """Return the pillar that says nothing for or against, with the reason."""
    return Pillar(NEUTRAL_SCORE, (), note)


def saturating(count: float, target: float) -> float:
    """Return 0..1: the square root of count over target, so that the first instances weigh most."""
    return math.sqrt(min(1.0, max(0.0, count) / target))


def falling(value: float, full: float, nothing: float) -> float:
    """Return 1 up to `full`, 0 from `nothing` on, straight between; works in either direction."""
    return max(0.0, min(1.0, (nothing - value) / (nothing - full)))


def total(components: Sequence[Component | None]) -> Pillar:
    """Add up the components that could be measured."""
    measured = tuple(c for c in components if c is not None)
    reach = sum(c.out_of for c in measured)
    if not measured or reach <= 0:
        return neutral("Nothing to judge was heard.")
    return Pillar(max(0, min(100, round(100 * sum(c.points for c in measured) / reach))), measured)


def _target(talk: Talk, per_words: int, least: float, most: float) -> float:
    """Return how many instances a talk of this length should hold for full points."""
    return max(least, min(most, talk.rep_words / per_words))


def _ending(talk: Talk) -> tuple[Quote, ...]:
    """Return the last words, which show that nothing more was said."""
    last = talk.turns[-1]
    return (quote_for(_trimmed(last)[-_QUOTE_WORDS:]),)


def _longest_speech(talk: Talk) -> tuple[Quote, ...]:
    """Return how the rep's longest turn begins: the place where what is missing could have stood."""
    turn = max((talk.turns[i] for i in talk.rep_turns), key=lambda t: len(t.tokens))
    return (quote_for(turn.tokens[:_QUOTE_WORDS]),)


def _trimmed(turn: Turn) -> tuple[Token, ...]:
    tokens = turn.tokens
    cut = max(0, len(tokens) - _QUOTE_WORDS)
    while cut > 0 and not tokens[cut].raw:
        cut -= 1
    return tokens[cut:]


def _cue(
    talk: Talk,
    key: str,
    words: str,
    phrases: cues.Phrases,
    out_of: float,
    target: float,
    turns: Sequence[int] | None = None,
) -> Component:
    hits = spot(talk, talk.rep_turns if turns is None else turns, phrases, negated=False)
    share = saturating(len(hits), target)
    quotes = tuple(hits.quotes[:3]) or _longest_speech(talk)
    return Component(key, f"{words}: {len(hits)}", out_of * share, out_of, quotes)


# Clarity ---------------------------------------------------------------------------------------------------------


def clarity(talk: Talk) -> Pillar:
    """Could the customer follow? Signposts, figures, checks of understanding, short turns, few hedges."""
    return total(
        (
            _cue(
                talk,
                "signposts",
                "words that show the way through the talk",
                cues.SIGNPOSTS,
                25,
                _target(talk, 150, 2, 8),
            ),
            _figures(talk),
            _cue(talk, "checks", "checks that the other understood", cues.CHECKS, 20, _target(talk, 300, 1, 4)),
            _short_turns(talk),
            _plain_words(talk),
        )
    )


def _figures(talk: Talk) -> Component:
    found: list[Quote] = []
    count = 0
    for i in talk.rep_turns:
        turn = talk.turns[i]
        last = -10
        for n, word in enumerate(turn.texts):
            after = turn.texts[n + 1] if n + 1 < len(turn.texts) else ""
            if not _is_figure(word, after):
                continue
            if n - last > 4:  # "twelve thousand five hundred dollars" is one figure
                count += 1
                if len(found) < 2:
                    found.append(quote_around(turn, n, 1))
            last = n
    share = saturating(count, _target(talk, 60, 2, 15))
    return Component("figures", f"concrete figures: {count}", 25 * share, 25, tuple(found) or _longest_speech(talk))


def _is_figure(word: str, after: str) -> bool:
    if word in cues.SMALL_NUMBERS:
        return after in cues.NUMBER_WORDS  # "two quotes" is talk, "two years" and "five hundred" are figures
    return word in cues.NUMBER_WORDS or any(c.isdigit() for c in word)


def _short_turns(talk: Talk) -> Component | None:
    if not talk.has_two_voices:
        return None
    lengths = sorted(len(talk.turns[i].tokens) for i in talk.rep_turns)
    # The turn in which the median word stands: many short "okay"s must not hide one endless speech.
    half, seen, typical = sum(lengths) / 2, 0, lengths[-1]
    for size in lengths:
        seen += size
        if seen >= half:
            typical = size
            break
    points = 15 * falling(typical, 50, 200)
    return Component("short_turns", f"words in a typical turn: {typical}", points, 15, _longest_speech(talk))


def _plain_words(talk: Talk) -> Component:
    hits = spot(talk, talk.rep_turns, cues.HEDGES)
    rate = 100 * len(hits) / max(1, talk.rep_words)
    quotes = tuple(hits.quotes[:2]) or _longest_speech(talk)
    return Component(
        "plain_words", f"hedging phrases per 100 words: {rate:.1f}", 15 * falling(rate, 0.4, 3.0), 15, quotes
    )


# Influence -------------------------------------------------------------------------------------------------------


def influence(talk: Talk) -> Pillar:
    """Did it matter to this customer? Benefits, proof, taking up what was said, signs of agreement."""
    agreement: Component | None = None
    if talk.has_two_voices:
        agreement = _cue(
            talk, "agreement", "signs of agreement by the customer", cues.AGREEMENT, 25, 4, turns=talk.customer_turns
        )
    return total(
        (
            _cue(talk, "benefits", "benefits said as the customer's own", cues.BENEFITS, 30, _target(talk, 90, 2, 10)),
            _cue(
                talk, "proof", "proof such as guarantees, references, results", cues.PROOF, 25, _target(talk, 130, 2, 7)
            ),
            _cue(talk, "empathy", "taking up what the customer said", cues.EMPATHY, 20, _target(talk, 200, 1, 5)),
            agreement,
        )
    )


# Objection -------------------------------------------------------------------------------------------------------


def objection(raised: Sequence[Objection]) -> Pillar:
    """Were doubts met? For each: taken seriously, looked into, answered with substance, not heard again."""
    if not raised:
        return neutral("No objection was heard, so there was nothing to handle.")
    parts: tuple[tuple[str, str, Callable[[Objection], bool]], ...] = (
        ("acknowledged", "objections taken seriously", lambda o: o.acknowledged),
        ("explored", "objections answered with a question", lambda o: o.explored),
        ("answered", "objections answered with proof, benefit or figure", lambda o: o.answered),
        ("settled", "objections not heard again or met with agreement", lambda o: o.settled),
    )
    components: list[Component] = []
    for key, words, is_met in parts:
        met = [o for o in raised if is_met(o)]
        shown = [o.response or o.quote for o in met[:2]] or [raised[0].quote]
        components.append(
            Component(key, f"{words}: {len(met)} of {len(raised)}", 25 * len(met) / len(raised), 25, tuple(shown))
        )
    return total(components)


# Discovery -------------------------------------------------------------------------------------------------------


def discovery(talk: Talk) -> Pillar:
    """Did the rep find out? Questions, open ones, questions about need, follow-ups, room for the answer."""
    asked = [(i, q) for i, q in talk.questions if not q.is_courtesy]
    opened = [(i, q) for i, q in asked if q.is_open]
    needs = [(i, q) for i, q in asked if cues.NEED_WORDS.intersection(t.text for t in q.tokens)]

    def part(key: str, words: str, found: list[tuple[int, Question]], out_of: float, target: float) -> Component:
        quotes = tuple(quote_for(q.tokens[:_QUOTE_WORDS]) for _, q in found[:3]) or _longest_speech(talk)
        return Component(key, f"{words}: {len(found)}", out_of * saturating(len(found), target), out_of, quotes)

    return total(
        (
            part("questions", "questions", asked, 30, _target(talk, 70, 3, 14)),
            part("open_questions", "open questions", opened, 25, _target(talk, 200, 2, 6)),
            part(
                "need_questions",
                "questions about need, trouble, money or decision",
                needs,
                20,
                _target(talk, 200, 2, 6),
            ),
            _follow_ups(talk),
            _room(talk),
        )
    )


def _follow_ups(talk: Talk) -> Component | None:
    if not talk.has_two_voices:
        return None
    found: list[Quote] = []
    for number, question in talk.questions:
        before = [i for i in range(max(0, number - 3), number) if not talk.is_rep(i)]
        said = set().union(*(content_words(talk.turns[i].texts) for i in before)) if before else set[str]()
        if said.intersection(content_words(tuple(t.text for t in question.tokens))):
            found.append(quote_for(question.tokens[:_QUOTE_WORDS]))
    points = 15 * saturating(len(found), 2)
    return Component(
        "follow_ups",
        f"questions that take up the customer's words: {len(found)}",
        points,
        15,
        tuple(found[:2]) or _longest_speech(talk),
    )


def _room(talk: Talk) -> Component | None:
    if not talk.has_two_voices:
        return None
    long_answers = [talk.turns[i] for i in talk.customer_turns if len(talk.turns[i].tokens) >= 12]
    quotes = tuple(quote_for(t.tokens[:_QUOTE_WORDS]) for t in long_answers[:2]) or _longest_speech(talk)
    points = 10 * saturating(len(long_answers), 4)
    return Component("room", f"longer answers by the customer: {len(long_answers)}", points, 10, quotes)


# Delivery --------------------------------------------------------------------------------------------------------


def delivery(talk: Talk) -> Pillar:
    """How did it sound? Pace, fillers, share of talk, monologue, exchange, courtesy."""
    m = talk.metrics
    pace = m.words_per_minute
    pace_share = falling(pace, 175, 240) if pace >= 120 else falling(pace, 120, 60)
    return total(
        (
            Component("pace", f"words per minute: {pace:.0f}", 25 * pace_share, 25, _longest_speech(talk)),
            _fillers(talk),
            _share_of_talk(talk),
            _monologue(talk),
            _exchange(talk),
            _cue(talk, "courtesy", "greetings, thanks and courtesies", cues.COURTESY, 10, 3),
        )
    )


def _fillers(talk: Talk) -> Component:
    quotes: list[Quote] = []
    for i in talk.rep_turns:
        turn = talk.turns[i]
        quotes.extend(quote_around(turn, n, 1) for n in fillers_in(turn.tokens)[:1])
    rate = 100 * talk.metrics.filler_word_count / max(1, talk.rep_words)
    shown = tuple(quotes[:2]) or _longest_speech(talk)
    return Component("fillers", f"filler words per 100 words: {rate:.1f}", 25 * falling(rate, 1.0, 7.0), 25, shown)


def _share_of_talk(talk: Talk) -> Component | None:
    ratio = talk.metrics.talk_ratio
    if ratio is None or not talk.has_two_voices:
        return None
    share = falling(ratio, 0.62, 0.9) if ratio >= 0.35 else falling(ratio, 0.35, 0.05)
    return Component("talk_share", f"share of talk by the rep: {ratio:.0%}", 20 * share, 20, _longest_speech(talk))


def _monologue(talk: Talk) -> Component | None:
    if not talk.has_two_voices or talk.rep is None:
        return None
    longest = max(monologues(talk.turns, talk.rep), key=lambda m: m[-1].end_seconds - m[0].start_seconds)
    seconds = longest[-1].end_seconds - longest[0].start_seconds
    quote = quote_for(longest[0].tokens[:_QUOTE_WORDS])
    return Component("monologue", f"longest monologue: {seconds:.0f} s", 12 * falling(seconds, 60, 180), 12, (quote,))


def _exchange(talk: Talk) -> Component | None:
    rate = talk.metrics.interactivity
    if rate is None or not talk.has_two_voices:
        return None
    return Component("exchange", f"changes of voice per minute: {rate:.1f}", 8 * saturating(rate, 6), 8, _ending(talk))


# Close -----------------------------------------------------------------------------------------------------------


def close(talk: Talk, next_steps: Sequence[dict[str, Any]], outcome: str) -> Pillar:
    """Did it lead somewhere? Asking for a decision, a step with a time, agreement at the end, a clean ending."""
    timed = [s for s in next_steps if s.get("when")]
    shown = tuple(Quote(s["quote"], s["start_seconds"], s["end_seconds"]) for s in (timed or next_steps)[:2])
    step_share = 1.0 if timed else 0.5 if next_steps else 0.0
    outcome_share = {"sale": 1.0, "follow_up": 0.65, "unknown": 0.2}.get(outcome, 0.0)
    asks = spot(talk, talk.rep_turns, cues.ASKS, from_seconds=talk.at_share(0.4))
    wraps = spot(talk, talk.rep_turns, cues.WRAP_UP, from_seconds=talk.at_share(0.75))
    return total(
        (
            Component(
                "asks",
                f"asking for a decision or a step: {len(asks)}",
                35 * saturating(len(asks), 2),
                35,
                tuple(asks.quotes[:3]) or _ending(talk),
            ),
            Component(
                "next_step",
                f"next steps: {len(next_steps)}, with a time: {len(timed)}",
                25 * step_share,
                25,
                shown or _ending(talk),
            ),
            Component(
                "commitment", f"how it ended: {outcome.replace('_', ' ')}", 25 * outcome_share, 25, _ending(talk)
            ),
            Component(
                "ending",
                f"thanks, recap or contact at the end: {len(wraps)}",
                15 * saturating(len(wraps), 2),
                15,
                tuple(wraps.quotes[:2]) or _ending(talk),
            ),
        )
    )
