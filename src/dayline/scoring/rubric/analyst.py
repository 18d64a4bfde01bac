"""The offline judge: needs no network and no model, and can show for every point where it came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dayline.domain.analysis import PILLARS, AnalysisTask, AnalystInfo, Evidence, Judgement
from dayline.domain.quotes import normalise
from dayline.domain.transcript import Transcript
from dayline.scoring.rubric import pillars as judge
from dayline.scoring.rubric.advice import ADVICE
from dayline.scoring.rubric.facts import next_steps_in, outcome_of, prospect_name_in
from dayline.scoring.rubric.keywords import content_words, main_terms
from dayline.scoring.rubric.objections import objections_in
from dayline.scoring.rubric.phrase_matching import Quote, Talk
from dayline.scoring.rubric.pillars import MIN_WORDS, Component, Pillar, neutral
from dayline.scoring.rubric.playbook import coverage, principle_for, vocabulary_of
from dayline.scoring.rubric.prompts import answer_all
from dayline.scoring.rubric.templates import (
    Facts,
    feedback_for,
    prompt_texts,
    strongest,
    summary_for,
    title_for,
    weakest,
)

RUBRIC_VERSION = "1"
"""Changes whenever the same words would get another score."""

_QUOTES_PER_COMPONENT = 2


class RubricAnalyst:
    """Scores a conversation by counting. Satisfies the `Analyst` port; never fails and never waits."""

    @property
    def info(self) -> AnalystInfo:
        """Engine, model and version, kept with every analysis."""
        return AnalystInfo("rubric", "dayline-rubric", RUBRIC_VERSION)

    def judge(self, transcript: Transcript, task: AnalysisTask) -> Judgement:
        """Score the six pillars from what was said and quote the places. Deterministic.

        task.extra["vocabulary"] may hold words of the trade that the title should prefer.
        """
        talk = Talk(transcript, task.rep_label)
        objections = objections_in(talk)
        steps = next_steps_in(talk)
        outcome, outcome_hit = outcome_of(talk, steps, any(o.kind == "delay" for o in objections))
        facts = Facts(_terms(talk, task), prospect_name_in(talk), objections, steps, outcome)
        scored = self.pillars(talk, task, facts)
        points = coverage(talk, task.playbook) if task.playbook else ()
        answers = answer_all(talk, task.prompts)
        prompt_summary, prompt_feedback = prompt_texts(points, answers)
        keep, improve = strongest(scored), weakest(scored)
        extra: list[tuple[str, Quote]] = [(f"playbook: {p.text}", p.quote) for p in points if p.quote]
        extra += [(f"prompt: {a.title}", a.quote) for a in answers if a.quote]
        if outcome_hit:
            extra.append((f"outcome: {outcome.replace('_', ' ')}", outcome_hit.quote))
        return Judgement(
            scores={name: p.score for name, p in scored.items()},
            feedback={name: feedback_for(p) for name, p in scored.items()},
            evidence=_evidence(scored, extra),
            title=title_for(talk, facts),
            prospect_name=facts.prospect_name,
            summary=summary_for(talk, facts),
            double_down=f"{ADVICE[keep.key].strong} ({keep.counted})." if keep else "",
            double_down_implementation=f"Keep doing it: {_lower(ADVICE[keep.key].how)}." if keep else "",
            general_improvement=f"{ADVICE[improve.key].how}. ({_upper(improve.counted)}.)" if improve else "",
            quoted_principle=principle_for(task.playbook, ADVICE[improve.key].about.split()) if improve else "",
            objections=tuple(o.as_dict() for o in objections),
            next_steps=steps,
            outcome=outcome,
            prompt_summary=prompt_summary,
            prompt_feedback=prompt_feedback,
        )

    def pillars(self, talk: Talk, task: AnalysisTask, facts: Facts) -> dict[str, Pillar]:
        """Return the six pillars with their components."""
        if len(talk.tokens) < MIN_WORDS or talk.rep_words == 0:
            note = f"Too little was said to score it ({len(talk.tokens)} words)."
            return {name: neutral(note) for name in PILLARS}
        language = (task.language or talk.transcript.language or "en").lower()
        if not language.startswith("en"):
            note = "Not scored: the offline rubric listens for English phrases only."
            return {name: judge.delivery(talk) if name == "delivery" else neutral(note) for name in PILLARS}
        return {
            "clarity": judge.clarity(talk),
            "influence": judge.influence(talk),
            "objection": judge.objection(facts.objections),
            "discovery": judge.discovery(talk),
            "delivery": judge.delivery(talk),
            "close": judge.close(talk, facts.next_steps, facts.outcome),
        }


def _terms(talk: Talk, task: AnalysisTask) -> tuple[str, ...]:
    vocabulary = task.extra.get("vocabulary") or ()
    favoured = vocabulary_of(task.playbook) | content_words(w for v in vocabulary for w in normalise(str(v)))
    return main_terms([t.texts for t in talk.turns], favoured)


def _evidence(scored: Mapping[str, Pillar], extra: Sequence[tuple[str, Quote]]) -> tuple[Evidence, ...]:
    found: list[Evidence] = []
    for name, pillar in scored.items():
        for component in pillar.components:
            found.extend(_of(f"{name}: {component.counted}", q) for q in _shown(component))
    found.extend(_of(claim, quote) for claim, quote in extra)
    return tuple(found)


def _shown(component: Component) -> Sequence[Quote]:
    return component.quotes[:_QUOTES_PER_COMPONENT]


def _of(claim: str, quote: Quote) -> Evidence:
    return Evidence(claim, quote.text, quote.start_seconds, quote.end_seconds)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
