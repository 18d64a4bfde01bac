"""Requests and responses of orgs, reps and voice prints. Field names are the public contract's."""

from __future__ import annotations

from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from dayline.domain.json_types import JsonObject
from dayline.domain.stored_json import PiiPolicy as StoredPolicy
from dayline.http.schemas import WHOLE, DocumentedAs, Email, FreeObject, Id, Moment, RequestModel, Timestamp

Name = Annotated[str, Field(max_length=200)]
Word = Annotated[str, Field(max_length=200)]
RedactField = Literal["email", "phone", "card", "iban", "ssn"]
Days = Annotated[int, Field(ge=0, le=36_500), WHOLE]


CHOICES = {
    "detector_memory": ("on", "off"),
    "language_model": ("off", "customers_only", "whole_day"),
    "voice_features": ("on", "off"),
    "share_links": ("on", "off"),
}
"""Settings of an org that have an effect, and their values; the first is not always the default."""


def _known_settings(value: JsonObject) -> JsonObject:
    for name, choices in CHOICES.items():
        if value.get(name) is not None and value[name] not in choices:
            raise PydanticCustomError(
                "enum",
                "must be one of {expected}",
                {"member": name, "expected": " or ".join(repr(c) for c in choices)},
            )
    return value


OrgSettings = Annotated[FreeObject, AfterValidator(_known_settings)]


def _known_time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise PydanticCustomError(
            "time_zone", "must be a name of the IANA time zone database, such as Europe/Berlin"
        ) from error
    return name


TimeZone = Annotated[str, Field(max_length=64), AfterValidator(_known_time_zone)]


class PiiPolicy(RequestModel):
    """Privacy rules of an org. Other rules are refused."""

    retain_transcript_days: Days | None = Field(
        default=None, description="Days after the end of a session or analysis for which its transcript is kept."
    )
    retain_analysis_days: Days | None = Field(
        default=None, description="Days after the end of an analysis for which its result is kept."
    )
    redact_fields: Annotated[list[RedactField], Field(max_length=100)] = Field(
        default=[], description="What is replaced in transcripts of recordings that are submitted from then on."
    )


class OrgRequest(RequestModel):
    """An org to create or change: fields that are not sent stay unchanged."""

    org_id: Id = Field(description="Your own id of the org. It never changes.")
    name: Name | None = None
    timezone: TimeZone | None = Field(default=None, description="Name of the IANA database, such as Europe/Berlin.")
    industry: Word | None = None
    default_environment: Word | None = None
    default_sales_motion: Word | None = None
    default_recording_type: Word | None = None
    pii_policy: PiiPolicy | None = Field(
        default=None, description="Takes the place of the policy that is there: name every rule that is to hold."
    )
    settings: OrgSettings = Field(
        default_factory=dict,
        description="Yours to keep. Settings that are not named stay as they are; null removes one. "
        "Carried out are `detector_memory` (on, off: whether the detector may remember "
        "what this org's conversations are about), `language_model` (off, customers_only, whole_day: what of a day "
        "may be sent to a language model, where one is set; with off its conversations are scored by the rubric), "
        "`share_links` (on, off: whether conversations may be "
        "shared by link; off unless it is set, and off closes links that are there) and `voice_features` (on, off: "
        "whether voices may be measured; off means no speaker labels, no enrolment, and a detector that knows no "
        "voices).",
    )


class OrgShown(TypedDict):
    """An org."""

    org_id: str
    name: str | None
    timezone: str | None
    industry: str | None
    default_environment: str | None
    default_sales_motion: str | None
    default_recording_type: str | None
    pii_policy: Annotated[StoredPolicy | None, DocumentedAs(PiiPolicy | None)]
    settings: FreeObject
    archived_at: Timestamp | None
    created_at: Timestamp
    updated_at: Timestamp


class OrgPage(TypedDict):
    """Orgs, newest first."""

    data: list[OrgShown]
    next_cursor: str | None


class RepRequest(RequestModel):
    """A rep to create or change: fields that are not sent stay unchanged."""

    rep_id: Id = Field(description="Your own id of the rep. It never changes.")
    name: Name | None = None
    email: Email | None = Field(default=None, description="Unique within the org.")
    metadata: FreeObject = Field(default_factory=dict)


class RepShown(TypedDict):
    """A rep."""

    org_id: str
    rep_id: str
    name: str | None
    email: str | None
    metadata: FreeObject
    archived_at: Timestamp | None
    has_voice: Annotated[bool, Field(description="A voice print is enrolled, by which the rep is recognised in a day.")]
    created_at: Timestamp
    updated_at: Timestamp


class RepPage(TypedDict):
    """Reps, newest first."""

    data: list[RepShown]
    next_cursor: str | None


class Consent(RequestModel):
    """Consent to keep the voice: by whom, when, and its text."""

    given_by: Annotated[str, Field(min_length=1, max_length=200)]
    given_at: Moment
    text: Annotated[str, Field(min_length=1, max_length=5000)]


class ConsentShown(TypedDict):
    """The consent that was recorded."""

    given_by: str
    given_at: Timestamp
    text: str


class VoiceRequest(RequestModel):
    """A recording of the rep alone, and the rep's consent."""

    file_key: Annotated[str, Field(min_length=1, max_length=512)]
    consent: Consent


class VoiceShown(TypedDict):
    """An enrolled voice, without the voice print."""

    org_id: str
    rep_id: str
    embedder: str
    speech_seconds: float
    consent: ConsentShown
    created_at: Timestamp


class DetectorMemoryShown(TypedDict):
    """What the detector remembers of an org."""

    days: Annotated[int, Field(description="Earlier sessions that are counted.")]
    stems: Annotated[int, Field(description="Word stems in memory.")]
    updated_at: Timestamp | None


class DetectorMemoryReceipt(TypedDict):
    """What was deleted of the detector's memory."""

    org_id: str
    deleted_at: Timestamp
    days: int
    session_ids: list[str]


class OrgReceipt(TypedDict):
    """Everything that the deletion of an org or of a rep removed."""

    org_id: str
    rep_id: str | None
    deleted_at: Timestamp
    sessions: int
    analyses: int
    rows: dict[str, int]
    objects: list[str]
    engine_records: int
