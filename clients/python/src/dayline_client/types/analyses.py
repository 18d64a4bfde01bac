"""Analyses of single conversations: what is submitted and shown."""

from __future__ import annotations

from typing import Any, Literal, Required, TypedDict

from dayline_client.types.sessions import JobStatus, Problem, PromptOverride, Transcript


class AnalysisOptions(TypedDict, total=False):
    """Options of the analysis of one conversation."""

    playbook_content: str | None
    playbook_id: str | None
    language: str | None
    skip_diarization: bool | None
    prompt_overrides: list[PromptOverride] | None


class AnalysisRequest(TypedDict, total=False):
    """One conversation: exactly one of recording_url, file_key and transcript_url."""

    org_id: Required[str]
    rep_id: Required[str]
    recording_url: str | None
    file_key: str | None
    transcript_url: str | None
    callback_url: str | None
    options: AnalysisOptions | None
    metadata: dict[str, Any] | None


class RescoreRequest(TypedDict, total=False):
    """Options of a new scoring that replace those of the analysis."""

    playbook_id: str | None
    prompt_overrides: list[PromptOverride] | None


class AnalysisAccepted(TypedDict):
    """An accepted analysis."""

    id: str
    status: JobStatus
    created_at: str


class Feedback(TypedDict):
    """Strengths and improvements."""

    positive: str | None
    negative: str | None


class PillarFeedback(TypedDict):
    """Feedback per pillar."""

    clarity: Feedback
    influence: Feedback
    objection: Feedback
    discovery: Feedback
    delivery: Feedback
    close: Feedback


class ActionPlan(TypedDict):
    """Advice for the next conversation."""

    double_down_implementation: str | None
    general_communication_improvement: str | None
    quoted_principle: str | None


class Quote(TypedDict):
    """A quote that supports a claim, found in the transcript."""

    claim: str
    quote: str
    start_seconds: float
    end_seconds: float
    about: dict[str, str | float | None] | None


class Objection(TypedDict):
    """An objection of the customer, and the rep's response."""

    kind: str
    quote: str
    start_seconds: float
    end_seconds: float
    response: str | None
    response_start_seconds: float | None
    handled: bool | None


class NextStep(TypedDict):
    """An action to be done after the conversation."""

    action: str
    owner: str | None
    when: str | None
    quote: str
    start_seconds: float
    end_seconds: float


class Offer(TypedDict):
    """A price that the rep named."""

    what: str | None
    amount: float
    currency: str | None
    period: str | None
    quote: str
    start_seconds: float
    end_seconds: float


class PlaybookPoint(TypedDict):
    """A line of the playbook and whether it was covered."""

    text: str
    covered: Literal["yes", "no", "unclear"]
    quote: str | None
    start_seconds: float | None
    end_seconds: float | None


class PromptAnswer(TypedDict):
    """The answer to a prompt; None with `answerable` False if the analyst cannot answer it."""

    title: str
    answer: str | None
    answerable: bool
    evidence: list[Quote]


class Result(TypedDict):
    """The analysis, flat. Scores are 0 to 100; a field without a statement is None."""

    prospect_name: str | None
    recording_title: str
    ai_summary: str | None
    ai_summary_v5: str | None
    double_down: str | None
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
    organization_prompt_summary: str | None
    organization_feedback: str | None
    talk_ratio: float | None
    longest_monologue_seconds: float | None
    interactivity: float | None
    patience_seconds: float | None
    objections: list[Objection]
    next_steps: list[NextStep]
    offers: list[Offer]
    outcome: str
    playbook_points: list[PlaybookPoint]
    prompt_answers: list[PromptAnswer]
    evidence: list[Quote]
    unverified_claims: int
    method: Literal["language_model", "rubric"]
    limits: str | None
    analyst: dict[str, Any]
    usage: dict[str, Any]


class AnalysisSummary(TypedDict):
    """An analysis in a list."""

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
    archived_at: str | None


class AnalysisTranscript(Transcript):
    """Transcript of one conversation. The sentiment fields are always None."""

    overall_sentiment: str | None
    sentiment_score: float | None


class Analysis(AnalysisSummary):
    """An analysis with transcript and result, which are None until it has completed."""

    transcript: AnalysisTranscript | None
    analysis: Result | None
