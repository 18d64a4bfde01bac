"""Analyses as they are submitted and shown. Field names are the public contract's."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from dayline.domain.json_types import JsonObject
from dayline.domain.status import AnalysisStatus
from dayline.domain.stored_json import AnalysisOptions as StoredOptions
from dayline.domain.stored_json import StoredError
from dayline.http.schemas import (
    Address,
    DocumentedAs,
    FreeObject,
    Id,
    Language,
    PromptOverrides,
    RequestModel,
    Timestamp,
    Uuid,
)

Status = Literal["queued", "processing", "completed", "failed"]
Score = Annotated[int, Field(ge=0, le=100)]
_SOURCES = ("recording_url", "file_key", "transcript_url")


class AnalysisOptions(RequestModel):
    """Options of an analysis."""

    playbook_content: Annotated[str, Field(min_length=1, max_length=500_000)] | None = Field(
        default=None, description="The text of a playbook; goes before every stored one."
    )
    playbook_id: Uuid | None = Field(default=None, description="One of the org's playbooks.")
    language: Language | None = Field(default=None, description="BCP 47 tag, a hint for the transcriber.")
    skip_diarization: bool = Field(default=False, description="No speaker labels: voices are not measured.")
    prompt_overrides: PromptOverrides = Field(default=[], description="As in all-day sessions.")


class AnalysisRequest(RequestModel):
    """One conversation: exactly one of recording_url, file_key and transcript_url."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {
                    "required": [given],
                    "properties": {
                        name: {"type": "string"} if name == given else {"type": "null"} for name in _SOURCES
                    },
                }
                for given in _SOURCES
            ],
            "examples": [
                {
                    "org_id": "acme-roofing",
                    "rep_id": "rep-17",
                    "recording_url": "https://recordings.example.com/calls/4711.mp3",
                }
            ],
        }
    )

    org_id: Id = Field(description="Your id of the org. It is created when it does not exist.")
    rep_id: Id = Field(description="Your id of the rep.")
    recording_url: Address | None = Field(
        default=None, description="Publicly reachable HTTPS URL of 10 seconds to 60 minutes of audio."
    )
    file_key: Annotated[str, Field(min_length=1, max_length=512)] | None = Field(
        default=None, description="Key of an upload of yours."
    )
    transcript_url: Address | None = Field(
        default=None, description="HTTPS URL of a finished transcript in this API's own form; nothing is transcribed."
    )
    callback_url: Address | None = Field(default=None, description="HTTPS URL that gets this analysis' event.")
    options: AnalysisOptions = Field(default_factory=AnalysisOptions)
    metadata: FreeObject = Field(default={}, description="Anything of yours, up to 16 KiB; returned as given.")

    @model_validator(mode="after")
    def _exactly_one_source(self) -> AnalysisRequest:
        if sum(getattr(self, name) is not None for name in _SOURCES) != 1:
            raise PydanticCustomError("one_source", "give exactly one of recording_url, file_key and transcript_url")
        return self


class RescoreRequest(RequestModel):
    """Playbook or prompts for scoring again."""

    playbook_id: Uuid | None = Field(default=None, description="One of the org's playbooks.")
    prompt_overrides: PromptOverrides | None = Field(default=None, description="As in all-day sessions.")


class AnalysisAccepted(TypedDict):
    """An analysis that was accepted."""

    id: Uuid
    status: AnalysisStatus
    created_at: Timestamp


class UtteranceOf(TypedDict):
    """Continuous speech of one voice."""

    start: float
    end: float
    speaker: str | None
    transcript: str
    text: str


class WordOf(TypedDict):
    """One word."""

    word: str
    start: float
    end: float
    confidence: float | None
    speaker: str | None


class TranscriptOf(TypedDict):
    """A transcript. Times of a session's child are on the clock of the whole day."""

    text: str
    utterances: list[UtteranceOf]
    words: list[WordOf]
    word_count: Annotated[int, Field(ge=0)]
    duration_seconds: Annotated[float, Field(ge=0)]
    overall_sentiment: Annotated[str | None, Field(description="Always null: sentiment is not measured.")]
    sentiment_score: Annotated[float | None, Field(description="Always null: sentiment is not measured.")]


class Feedback(TypedDict):
    """Strength and improvement; null where nothing is known."""

    positive: str | None
    negative: str | None


class FeedbackOfPillars(TypedDict):
    """Feedback per pillar."""

    clarity: Feedback
    influence: Feedback
    objection: Feedback
    discovery: Feedback
    delivery: Feedback
    close: Feedback


class ActionPlan(TypedDict):
    """What to do next time."""

    double_down_implementation: str | None
    general_communication_improvement: str | None
    quoted_principle: str | None


class Quote(TypedDict):
    """A quote that supports a claim, found in the transcript by code."""

    claim: str
    quote: str
    start_seconds: float
    end_seconds: float
    about: Annotated[
        dict[str, str | float | None] | None,
        Field(
            description="Subject: one of pillar, playbook, outcome, objection, next_step, offer and prompt, "
            "with its name; for a pillar also component and points (of 100)."
        ),
    ]


class Objection(TypedDict):
    """An objection of the customer, and the rep's answer."""

    kind: str
    quote: str
    start_seconds: float
    end_seconds: float
    response: str | None
    response_start_seconds: float | None
    handled: Annotated[
        bool | None,
        Field(
            description="True when the customer agreed afterwards, false when the customer came back to it, else null."
        ),
    ]


class NextStep(TypedDict):
    """An action agreed for after the conversation."""

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
    """A line of the playbook."""

    text: str
    covered: Literal["yes", "no", "unclear"]
    quote: str | None
    start_seconds: float | None
    end_seconds: float | None


class PromptAnswer(TypedDict):
    """The answer to a prompt; null with answerable false where the analyst cannot answer it."""

    title: str
    answer: str | None
    answerable: bool
    evidence: list[Quote]


class ResultOf(TypedDict):
    """The analysis, flat. `overall_score` is the rounded mean of the six pillars, computed by the server.

    A field without a statement is null. A score of 50 means that nothing is known for or against.
    """

    prospect_name: str | None
    recording_title: str
    ai_summary: str | None
    ai_summary_v5: str | None
    double_down: str | None
    questions_asked: Annotated[int, Field(ge=0)]
    filler_word_count: Annotated[int, Field(ge=0)]
    words_per_minute: Annotated[float, Field(ge=0)]
    overall_score: Score
    clarity_score: Score
    influence_score: Score
    objection_score: Score
    discovery_score: Score
    delivery_score: Score
    close_score: Score
    feedback_v5: FeedbackOfPillars
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
    unverified_claims: Annotated[int, Field(ge=0)]
    method: Literal["language_model", "rubric"]
    limits: Annotated[str | None, Field(description="One sentence that a reader of the analysis must know.")]
    analyst: JsonObject
    usage: JsonObject


class AnalysisSummary(TypedDict):
    """An analysis without its transcript and result, as lists show it."""

    id: Uuid
    status: AnalysisStatus
    org_id: str
    rep_id: str
    parent_session_id: Uuid | None
    segment_id: Uuid | None
    recording_url: str | None
    file_key: str | None
    transcript_url: str | None
    callback_url: str | None
    options: Annotated[StoredOptions, DocumentedAs(JsonObject)]
    metadata: JsonObject
    start_seconds: float | None
    end_seconds: float | None
    duration_seconds: float | None
    playbook_id: Uuid | None
    playbook_version: int | None
    overall_score: Score | None
    created_at: Timestamp
    started_at: Timestamp | None
    completed_at: Timestamp | None
    error: StoredError | None
    archived_at: Annotated[Timestamp | None, Field(description="When it was archived.")]


class AnalysisShown(AnalysisSummary):
    """An analysis."""

    transcript: TranscriptOf | None
    analysis: ResultOf | None


class AnalysisPage(TypedDict):
    """Analyses, newest first."""

    data: list[AnalysisSummary]
    next_cursor: str | None
