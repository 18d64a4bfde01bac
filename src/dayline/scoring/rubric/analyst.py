"""Offline analyst: facts by rules, scores from facts. Deterministic; needs no network and no language model."""

from __future__ import annotations

from collections.abc import Sequence

from dayline.domain.analysis import (
    PILLARS,
    About,
    AnalysisTask,
    AnalystInfo,
    Assessment,
    Evidence,
    PillarFeedback,
    PlaybookPoint,
    PromptAnswer,
)
from dayline.domain.quotes import normalise
from dayline.domain.transcript import Transcript
from dayline.scoring.conversation import Conversation, Quote
from dayline.scoring.facts import Facts, extract
from dayline.scoring.facts.stated import stated_objections, stated_offers, stated_steps
from dayline.scoring.rubric.advice import advice_for
from dayline.scoring.rubric.components import MIN_WORDS, UNKNOWN, Pillar, delivery, pillars_of
from dayline.scoring.rubric.keywords import content_words
from dayline.scoring.rubric.playbook import coverage, vocabulary_of
from dayline.scoring.rubric.prompts import CANNOT, answer_all
from dayline.scoring.rubric.wording import OUTCOMES, feedback_for, summary_for, title_for

RUBRIC_VERSION = "33"
"""Changed whenever the same words would get a different score or statement."""

_LIMITS = (
    "Found by rules and a small trained model without a language model: what was said in other words "
    "than they know is missing, and a missing "
    "fact does not mean that it was not said."
)
_NO_VOICES = (
    " Voices were not told apart: requests and objections are not looked for, nothing is said about who said what, and "
    "questions, pace and filler words are those of everybody."
)
_NO_REP = (
    " Which voice is the rep's is not known: requests and objections are not looked for, and questions, pace and "
    "filler words are those of everybody."
)
_ONE_VOICE = " Only the rep's voice was told apart, so nothing is said about what the customer said."
_TOO_SHORT = "Too little was said to score it."
_ESTIMATES = "The scores also count what is estimated over all turns and not stated singly:"
_NO_ENGLISH = "The rules know English only; of other languages only pace and share of talk are scored."


class RubricAnalyst:
    """Analyse a conversation by facts. Implements the `Analyst` port; never fails and never waits."""

    @property
    def info(self) -> AnalystInfo:
        """Engine, model and version, kept with every analysis."""
        return AnalystInfo("rubric", "dayline-rubric", RUBRIC_VERSION)

    def analyze(self, transcript: Transcript, task: AnalysisTask) -> Assessment:
        """Score the six pillars from facts, with quotes. Deterministic.

        task.vocabulary: words of the trade that the title should prefer.
        """
        talk = Conversation(transcript, task.rep_label)
        is_english = (task.language or transcript.language or "en").lower().startswith("en")
        facts = extract(talk if is_english else Conversation(_silent(transcript), None), _trade_words(task))
        pillars = self._pillars(talk, facts, is_english)
        points = coverage(talk, facts, task.playbook) if is_english else ()
        answers = answer_all(task.prompts)
        advice = advice_for(talk, facts, points)
        return Assessment(
            scores={name: p.score for name, p in pillars.items()},
            feedback={
                name: feedback_for(name, p, talk, facts) if p.components else PillarFeedback(None, None)
                for name, p in pillars.items()
            },
            evidence=_evidence(pillars, facts, points),
            counted=frozenset(name for name, p in pillars.items() if p.is_counted),
            title=title_for(talk, facts),
            prospect_name=facts.people.prospect,
            summary=summary_for(talk, facts),
            double_down=advice.keep,
            double_down_implementation=advice.keep_how,
            general_improvement=advice.change,
            quoted_principle=advice.principle,
            objections=stated_objections(facts),
            next_steps=stated_steps(facts),
            offers=stated_offers(facts),
            outcome=OUTCOMES[facts.outcome.kind],
            playbook_points=points,
            prompt_answers=answers,
            prompt_summary=_prompt_summary(points, answers),
            prompt_feedback=_prompt_feedback(points, answers),
            method="rubric",
            limits=_limits(talk, facts, is_english),
        )

    def _pillars(self, talk: Conversation, facts: Facts, is_english: bool) -> dict[str, Pillar]:
        if len(talk.tokens) < MIN_WORDS or not talk.rep_sentences:
            return dict.fromkeys(PILLARS, UNKNOWN)
        if not is_english:
            return {name: delivery(talk) if name == "delivery" else UNKNOWN for name in PILLARS}
        return pillars_of(talk, facts)


def _silent(transcript: Transcript) -> Transcript:
    """Return the transcript without its words: the rules for English find nothing in another language."""
    return Transcript((), transcript.duration_seconds, transcript.start_seconds)


def _trade_words(task: AnalysisTask) -> frozenset[str]:
    return vocabulary_of(task.playbook) | content_words(w for v in task.vocabulary for w in normalise(v))


def _limits(talk: Conversation, facts: Facts, is_english: bool) -> str:
    if not is_english:
        return _NO_ENGLISH
    lead = f"{_TOO_SHORT} " if len(talk.tokens) < MIN_WORDS else ""
    voices = "" if talk.has_two_voices or len(talk.tokens) < MIN_WORDS else _voices(talk)
    estimates = f" {_ESTIMATES} {facts.handling.in_words()}." if facts.handling else ""
    return lead + _LIMITS + voices + estimates


def _voices(talk: Conversation) -> str:
    if talk.rep is not None:
        return _ONE_VOICE
    return _NO_REP if any(t.speaker is not None for t in talk.turns) else _NO_VOICES


def _evidence(pillars: dict[str, Pillar], facts: Facts, points: Sequence[PlaybookPoint]) -> tuple[Evidence, ...]:
    found: list[Evidence] = []
    for name, pillar in pillars.items():
        for component in pillar.components:
            about = About("pillar", name, component.key, round(component.share * component.weight, 1))
            found += [_said(f"{name}: {component.counted}", quote, about) for quote in component.quotes]
    if facts.outcome.quote is not None:
        kind = OUTCOMES[facts.outcome.kind]
        found.append(_said(f"outcome: {kind.replace('_', ' ')}", facts.outcome.quote, About("outcome", kind)))
    for point in points:
        if point.quote is not None and point.start_seconds is not None and point.end_seconds is not None:
            quote = Quote(point.quote, point.start_seconds, point.end_seconds)
            found.append(_said(f"playbook: {point.text}", quote, About("playbook", point.text)))
    return tuple(found)


def _said(claim: str, quote: Quote, about: About) -> Evidence:
    return Evidence(claim, quote.text, quote.start_seconds, quote.end_seconds, about)


def _prompt_summary(points: Sequence[PlaybookPoint], answers: Sequence[PromptAnswer]) -> str | None:
    parts: list[str] = []
    if points:
        covered = sum(1 for p in points if p.covered == "yes")
        missed = sum(1 for p in points if p.covered == "no")
        parts.append(
            f"Playbook: {covered} of {len(points)} points covered, {missed} not heard, "
            f"{len(points) - covered - missed} unclear."
        )
    if answers:
        parts.append(f"Prompts: {len(answers)} {CANNOT}.")
    return " ".join(parts) or None


def _prompt_feedback(points: Sequence[PlaybookPoint], answers: Sequence[PromptAnswer]) -> str | None:
    lines: list[str] = []
    for point in points:
        if point.covered == "yes":
            lines.append(f"Covered: {point.text} (“{point.quote}”)")
        elif point.covered == "no":
            lines.append(f"Not heard: {point.text}")
        else:
            lines.append(f"Unclear: {point.text}")
    lines += [f"{a.title}: {CANNOT}." for a in answers]
    return "\n".join(lines) or None
