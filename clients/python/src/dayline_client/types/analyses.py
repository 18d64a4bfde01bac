"""Analyses of single conversations: what is submitted and shown."""

from __future__ import annotations

from typing import Any, Required, TypedDict

from dayline_client.types.sessions import JobStatus, Problem, PromptOverride, Transcript


class AnalysisOptions(TypedDict, total=False):
    """How one conversation is to be analysed."""

    playbook_content: str | None
    playbook_id: str | None
    language: str | None
    skip_diarization: bool
    prompt_overrides: list[PromptOverride]


class AnalysisRequest(TypedDict, total=False):
    """One conversation: exactly one of recording_url, file_key and transcript_url."""

    org_id: Required[str]
    rep_id: Required[str]
    recording_url: str | None
    file_key: str | None
    transcript_url: str | None
    callback_url: str | None
    options: AnalysisOptions
    metadata: dict[str, Any]


class AnalysisAccepted(TypedDict):
    """An analysis that has been taken."""

    id: str
    status: JobStatus
    created_at: str


class Feedback(TypedDict):
    """What was good and what to do better."""

    positive: str
    negative: str


class PillarFeedback(TypedDict):
    """Feedback per pillar."""

    clarity: Feedback
    influence: Feedback
    objection: Feedback
    discovery: Feedback
    delivery: Feedback
    close: Feedback


class ActionPlan(TypedDict):
    """What to do next time."""

    double_down_implementation: str
    general_communication_improvement: str
    quoted_principle: str


class Quote(TypedDict):
    """A quote that carries a claim, found in the transcript."""

    claim: str
    quote: str
    start_seconds: float
    end_seconds: float


class Result(TypedDict):
    """The analysis, flat. Scores are 0 to 100."""

    prospect_name: str
    recording_title: str
    ai_summary: str
    ai_summary_v5: str
    double_down: str
    questions_asked: int
    filler_word_count: int
    words_per_minute: float
    overall_score: int
    clarity_score: int
    influence_score: int
    objection_score: int
    discovery_score: int
    delivery_score: int
    close_score: int
    feedback_v5: PillarFeedback
    action_plan_v5: ActionPlan
    organization_prompt_summary: str
    organization_feedback: str
    talk_ratio: float | None
    longest_monologue_seconds: float | None
    interactivity: float | None
    patience_seconds: float | None
    objections: list[dict[str, Any]]
    next_steps: list[dict[str, Any]]
    outcome: str
    evidence: list[Quote]
    unverified_claims: int
    analyst: dict[str, Any]
    usage: dict[str, Any]


class AnalysisSummary(TypedDict):
    """An analysis as lists show it."""

    id: str
    status: JobStatus
    org_id: str
    rep_id: str
    parent_session_id: str | None
    segment_id: str | None
    recording_url: str | None
    file_key: str | None
    transcript_url: str | None
    callback_url: str | None
    options: dict[str, Any]
    metadata: dict[str, Any]
    start_seconds: float | None
    end_seconds: float | None
    duration_seconds: float | None
    playbook_id: str | None
    playbook_version: int | None
    overall_score: int | None
    created_at: str
    started_at: str | None
    completed_at: str | None
    error: Problem | None


class Analysis(AnalysisSummary):
    """An analysis with transcript and result, which are None until it has completed."""

    transcript: Transcript | None
    analysis: Result | None
