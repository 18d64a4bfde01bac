"""Check a model's statements of absence against the facts: a recognised fact refutes a statement that it is missing.

Statements of absence or of the unknown are removed, and an outcome that the facts contradict becomes unknown. What the
model found beyond the facts is kept, with its verified quotes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from dayline.domain.analysis import Assessment, PillarFeedback
from dayline.domain.transcript import Transcript
from dayline.scoring.conversation import Conversation
from dayline.scoring.facts import Facts, extract
from dayline.scoring.facts.stated import stated_offers, stated_steps
from dayline.scoring.rubric.wording import OUTCOMES

_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_LACKS = (
    r"(?:no|not|never|without|lacks?|lacking|missing|absent|absence of|failed to|fails to|did not|"
    r"didn[’']t|does not|doesn[’']t"
    r"|neglected to|forgot to|omitted|nor|wasn[’']t|was not|were not|isn[’']t|none)"
)
_NEVER_DONE = (
    r"\b(?:was|were|is|are|has been|have been)(?: never| not|n[’']t)(?: been)? "
    r"(?:named|mentioned|asked|set|given|discussed|offered|agreed|made|raised|fixed|stated|done)"
)
_Refutes: TypeAlias = Callable[[Conversation, Facts], bool]


def _next_steps(_talk: Conversation, facts: Facts) -> bool:
    return bool(facts.next_steps)


def _asks(_talk: Conversation, facts: Facts) -> bool:
    return bool(facts.asks.found)


def _objections(_talk: Conversation, facts: Facts) -> bool:
    return bool(facts.objections)


def _priced(_talk: Conversation, facts: Facts) -> bool:
    return bool(facts.offers)


def _introductions(_talk: Conversation, facts: Facts) -> bool:
    return bool(facts.signals.introductions)


def _thanks(_talk: Conversation, facts: Facts) -> bool:
    return bool(facts.signals.thanks)


def _recaps(_talk: Conversation, facts: Facts) -> bool:
    return bool(facts.signals.recaps)


def _questions(talk: Conversation, _facts: Facts) -> bool:
    return any(not q.is_courtesy for _, q in talk.questions)


def _proof(_talk: Conversation, facts: Facts) -> bool:
    return bool(facts.signals.may_prove)


_REFUTED_BY: tuple[tuple[str, _Refutes], ...] = (
    (
        r"next steps?|follow[- ]?ups?|appointment|meeting|callback|date|time (?:was |is )?(?:set|fixed|agreed)",
        _next_steps,
    ),
    (
        r"ask(?:ed|ing)? (?:for|the customer (?:for|to))|close\b|closing|request(?:ed)? (?:for )?(?:a "
        r")?(?:decision|commitment)"
        r"|call to action|ask for",
        _asks,
    ),
    (r"objections?|concerns? (?:was|were) raised|pushback", _objections),
    (r"price|pricing|cost|quote|offer", _priced),
    (r"introduc\w+|say who", _introductions),
    (r"thank\w*", _thanks),
    (r"recap\w*|summar\w+", _recaps),
    (r"questions?", _questions),
    (r"proof|guarantee|warranty|references?", _proof),
)
"""Words for things that may be stated as missing, and the fact that refutes it."""
_ABSENCES: tuple[tuple[re.Pattern[str], _Refutes], ...] = tuple(
    (
        re.compile(
            rf"\b{_LACKS}\b[^.!?]{{0,60}}\b(?:{words})|\b(?:{words})\b[^.!?]{{0,40}}{_NEVER_DONE}", re.IGNORECASE
        ),
        refuted,
    )
    for words, refuted in _REFUTED_BY
)


def check_against_facts(assessment: Assessment, transcript: Transcript, rep_label: str | None) -> Assessment:
    """Return the assessment without refuted absences; each sentence left out is counted in `dropped`."""
    language = (transcript.language or "en").lower()
    if not language.startswith("en"):
        return assessment
    talk = Conversation(transcript, rep_label)
    facts = extract(talk)
    checker = _Checker(talk, facts)
    feedback = {
        pillar: PillarFeedback(checker.kept(f.positive), checker.kept(f.negative))
        for pillar, f in assessment.feedback.items()
    }
    double_down = checker.kept(assessment.double_down)
    outcome = assessment.outcome
    evidence = assessment.evidence
    if facts.outcome.quote is not None and outcome != OUTCOMES[facts.outcome.kind]:
        # Where the model and the rules disagree, nobody knows: either may have misread the end of the talk.
        is_refuted = outcome != "unknown"
        checker.dropped += is_refuted
        outcome = "unknown" if is_refuted else OUTCOMES[facts.outcome.kind]
        evidence = tuple(e for e in evidence if e.about is None or e.about.kind != "outcome")
    return replace(
        assessment,
        feedback=feedback,
        evidence=evidence,
        summary=checker.kept(assessment.summary),
        double_down=double_down,
        double_down_implementation=checker.kept(assessment.double_down_implementation) if double_down else None,
        general_improvement=checker.kept(assessment.general_improvement),
        next_steps=assessment.next_steps or stated_steps(facts),
        offers=assessment.offers or stated_offers(facts),
        outcome=outcome,
        dropped=assessment.dropped + checker.dropped,
    )


class _Checker:
    def __init__(self, talk: Conversation, facts: Facts) -> None:
        self._refuted = [expression for expression, refutes in _ABSENCES if refutes(talk, facts)]
        self.dropped = 0

    def kept(self, text: str | None) -> str | None:
        """Return the sentences of a text that no fact refutes; None when nothing is left."""
        if not text:
            return text
        sentences = _SENTENCE.split(text)
        kept = [s for s in sentences if not any(e.search(s) for e in self._refuted)]
        self.dropped += len(sentences) - len(kept)
        return " ".join(kept) or None
