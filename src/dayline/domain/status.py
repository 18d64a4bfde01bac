"""The closed sets of states, as the contract names them."""

from __future__ import annotations

from enum import StrEnum


class SessionStatus(StrEnum):
    """Where an all-day session stands. Moves only forward, or to `failed`."""

    QUEUED = "queued"
    TRANSCRIBING = "transcribing"
    DETECTING = "detecting"
    ANALYZING = "analyzing"
    COMPLETED = "completed"
    FAILED = "failed"

    @property
    def is_terminal(self) -> bool:
        """True when nothing more will happen by itself."""
        return self in (SessionStatus.COMPLETED, SessionStatus.FAILED)


class SessionKind(StrEnum):
    """What a session was made for.

    DAY: the recording of a whole day, submitted as an all-day session.
    CALL: one known conversation, submitted as an analysis of its own. Internal; it has the id of its analysis and is
        deleted when the analysis has ended.
    """

    DAY = "day"
    CALL = "call"


class ChunkStatus(StrEnum):
    """Where one chunk of speech stands."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


class SegmentStatus(StrEnum):
    """Where one customer conversation of a session stands."""

    DETECTED = "detected"
    BELOW_THRESHOLD = "below_threshold"
    ANALYZING = "analyzing"
    ANALYZED = "analyzed"
    FAILED = "failed"


class AnalysisStatus(StrEnum):
    """Where one analysis stands."""

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

    PENDING: waits for its turn, for its next attempt, or for the answer to one.
    SUCCEEDED: the receiver took it.
    FAILED: every attempt was used up, or the receiver answered 410.
    CANCELLED: the endpoint was disabled or deleted.
    """

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
