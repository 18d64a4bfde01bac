"""What the analysis of one conversation says: metrics, scores, claims, and the quotes that carry them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

PILLARS = ("clarity", "influence", "objection", "discovery", "delivery", "close")

NEUTRAL_SCORE = 50
"""What a pillar gets when nothing was heard that speaks for or against."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A quote that carries a claim. Verified means that code found these words at these times."""

    claim: str
    quote: str
    start_seconds: float
    end_seconds: float


@dataclass(frozen=True, slots=True)
class TalkMetrics:
    """Facts counted from the transcript by code. Ratios are 0..1; None where speakers are unknown."""

    questions_asked: int
    filler_word_count: int
    words_per_minute: float
    talk_ratio: float | None
    longest_monologue_seconds: float | None
    interactivity: float | None
    patience_seconds: float | None


@dataclass(frozen=True, slots=True)
class PillarFeedback:
    """What was good and what to do better in one pillar."""

    positive: str
    negative: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """A team's own question to every conversation."""

    title: str
    content: str
    prompt_type: str = "other"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an analyst thinks, before its quotes are verified. Scores are 0..100 per pillar."""

    scores: dict[str, int]
    feedback: dict[str, PillarFeedback]
    evidence: tuple[Evidence, ...]
    title: str = ""
    prospect_name: str | None = None
    summary: str = ""
    double_down: str = ""
    double_down_implementation: str = ""
    general_improvement: str = ""
    quoted_principle: str = ""
    objections: tuple[dict[str, Any], ...] = ()
    next_steps: tuple[dict[str, Any], ...] = ()
    outcome: str = "unknown"
    prompt_summary: str = ""
    prompt_feedback: str = ""
    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class AnalystInfo:
    """Which engine judged, so that a score can be traced to what made it."""

    engine: str
    model: str
    version: str


@dataclass(frozen=True, slots=True)
class AnalysisTask:
    """All that an analyst may know about one conversation."""

    rep_label: str | None
    playbook: str = ""
    prompts: tuple[Prompt, ...] = ()
    language: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)
