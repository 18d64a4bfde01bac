"""Enumerations of states, under the names of the contract."""

from __future__ import annotations

from enum import StrEnum


class SessionStatus(StrEnum):
    """State of an all-day session. It moves only forward, or to `failed`."""

    QUEUED = "queued"
    TRANSCRIBING = "transcribing"
    DETECTING = "detecting"
    ANALYZING = "analyzing"
    COMPLETED = "completed"
    FAILED = "failed"

    @property
    def is_terminal(self) -> bool:
        """Whether processing has ended."""
        return self in (SessionStatus.COMPLETED, SessionStatus.FAILED)


class SessionKind(StrEnum):
    """Purpose of a session.

    DAY: the recording of a whole day, submitted as an all-day session.
    CALL: one known conversation, submitted as an analysis of its own. Internal; it has the id of its analysis and is
        deleted when the analysis has ended.
    """

    DAY = "day"
    CALL = "call"


class ChunkStatus(StrEnum):
    """State of one chunk."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


class SegmentStatus(StrEnum):
    """State of one customer conversation."""

    DETECTED = "detected"
    BELOW_THRESHOLD = "below_threshold"
    ANALYZING = "analyzing"
    ANALYZED = "analyzed"
    FAILED = "failed"


class AnalysisStatus(StrEnum):
    """State of one analysis."""

    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


class EventType(StrEnum):
    """Types of events that webhooks carry."""

    SESSION_STARTED = "all_day_session.processing_started"
    SESSION_DETECTED = "all_day_session.detected"
    SESSION_COMPLETED = "all_day_session.completed"
    SESSION_FAILED = "all_day_session.failed"
    SESSION_CORRECTED = "all_day_session.corrected"
    ANALYSIS_COMPLETED = "analysis.completed"
    ANALYSIS_FAILED = "analysis.failed"
    WEBHOOK_TEST = "webhook.test"


class DeliveryStatus(StrEnum):
    """States of a delivery. It leaves PENDING once; the other three are final.

    PENDING: waits for its turn, for its next attempt, or for an answer.
    SUCCEEDED: the receiver answered 2xx.
    FAILED: every attempt was used up, or the receiver answered 410.
    CANCELLED: the endpoint was disabled or deleted.
    """

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
