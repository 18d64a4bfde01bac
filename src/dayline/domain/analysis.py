"""Analysis of one conversation: metrics, scores, statements, and their quotes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PILLARS = ("clarity", "influence", "objection", "discovery", "delivery", "close")

NEUTRAL_SCORE = 50
"""Score of a pillar without evidence for or against."""

Method = Literal["language_model", "rubric"]
Covered = Literal["yes", "no", "unclear"]
Owner = Literal["rep", "customer"]
AboutKind = Literal["pillar", "playbook", "outcome", "objection", "next_step", "offer", "prompt"]


@dataclass(frozen=True, slots=True)
class About:
    """Subject of a piece of evidence.

    Attributes:
        kind: the kind of statement.
        name: which one: the pillar, the playbook line, the outcome, the kind of objection, the action, the prompt's
            title.
        component: the component of a pillar.
        points: points that the component gives of those that it can give, 0..100 within the pillar.
    """

    kind: AboutKind
    name: str
    component: str | None = None
    points: float | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A quote that supports a claim. A verified quote was found in the transcript at these times."""

    claim: str
    quote: str
    start_seconds: float
    end_seconds: float
    about: About | None = None


@dataclass(frozen=True, slots=True)
class StatedObjection:
    """An objection of the customer and what the rep said next.

    Attributes:
        kind: price, timing, authority, need, trust, competition, delay, terms or other.
        quote: the customer's words.
        start_seconds: when they begin.
        end_seconds: when they end.
        response: the rep's words in answer, None where there were none.
        response_start_seconds: when the answer begins.
        handled: True when the customer agreed afterwards, False when the customer came back to it or refused, None when
            neither is known.

    """

    kind: str
    quote: str
    start_seconds: float
    end_seconds: float
    response: str | None = None
    response_start_seconds: float | None = None
    handled: bool | None = None


@dataclass(frozen=True, slots=True)
class StatedStep:
    """An action agreed for after the conversation. `owner` and `when` are None where they are not known."""

    action: str
    owner: str | None
    when: str | None
    quote: str
    start_seconds: float
    end_seconds: float


@dataclass(frozen=True, slots=True)
class StatedOffer:
    """A price named by the rep. `what` and `currency` are None where the words do not say; `period` is None for a
    sum.
    """

    what: str | None
    amount: float
    currency: str | None
    period: str | None
    quote: str
    start_seconds: float
    end_seconds: float


@dataclass(frozen=True, slots=True)
class PlaybookPoint:
    """A line of the playbook, whether it was covered, and the whole sentence that shows it."""

    text: str
    covered: Covered
    quote: str | None = None
    start_seconds: float | None = None
    end_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class PromptAnswer:
    """The answer to one of a team's own prompts. `answer` is None where the analyst cannot answer it."""

    title: str
    answer: str | None
    answerable: bool
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class TalkMetrics:
    """Figures counted from the transcript by code. Ratios are 0..1; None where speakers are unknown."""

    questions_asked: int
    filler_word_count: int
    words_per_minute: float
    talk_ratio: float | None
    longest_monologue_seconds: float | None
    interactivity: float | None
    patience_seconds: float | None


@dataclass(frozen=True, slots=True)
class PillarFeedback:
    """Strength and improvement in one pillar; None where nothing is known."""

    positive: str | None
    negative: str | None


@dataclass(frozen=True, slots=True)
class Prompt:
    """A team's own question to every conversation."""

    title: str
    content: str
    prompt_type: str = "other"


@dataclass(frozen=True, slots=True)
class Assessment:
    """Answer of an analyst about a conversation, before its quotes are verified.

    Attributes:
        scores: 0..100 per pillar; NEUTRAL_SCORE where nothing is known.
        counted: pillars whose score rests on figures counted over the whole conversation and needs no quote.
        outcome: sale, follow_up, no_sale or unknown.
        method: whether a language model or the rubric judged.
        limits: one sentence that a reader of the analysis must know.
        dropped: statements that the analyst dropped because the transcript does not support them.

    """

    scores: dict[str, int]
    feedback: dict[str, PillarFeedback]
    evidence: tuple[Evidence, ...]
    counted: frozenset[str] = frozenset()
    title: str = ""
    prospect_name: str | None = None
    summary: str | None = None
    double_down: str | None = None
    double_down_implementation: str | None = None
    general_improvement: str | None = None
    quoted_principle: str | None = None
    objections: tuple[StatedObjection, ...] = ()
    next_steps: tuple[StatedStep, ...] = ()
    offers: tuple[StatedOffer, ...] = ()
    outcome: str = "unknown"
    playbook_points: tuple[PlaybookPoint, ...] = ()
    prompt_answers: tuple[PromptAnswer, ...] = ()
    prompt_summary: str | None = None
    prompt_feedback: str | None = None
    method: Method = "rubric"
    limits: str | None = None
    dropped: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = None


@dataclass(frozen=True, slots=True)
class AnalystInfo:
    """Engine, model and version that made an analysis."""

    engine: str
    model: str
    version: str


@dataclass(frozen=True, slots=True)
class AnalysisTask:
    """Input of an analyst beside the transcript."""

    rep_label: str | None
    playbook: str = ""
    prompts: tuple[Prompt, ...] = ()
    language: str | None = None
    vocabulary: tuple[str, ...] = ()
    """Words of the trade, which a title prefers."""
