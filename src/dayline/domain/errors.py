"""Every failure a partner can see, with its stable code and HTTP status.

DaylineError
├── Unauthenticated (401)   authentication_required, invalid_api_key, key_revoked
├── Forbidden (403)         scope_required, key_environment_mismatch
├── InvalidRequest (400)    invalid_request, missing_field, invalid_enum, invalid_url
├── InvalidRecording (422)  invalid_recording_url, recording_too_long, recording_too_short, unsupported_codec
├── NotFound (404)          <noun>_not_found
├── Conflict (409)          idempotency_conflict, idempotency_in_progress, invalid_state
├── RequestTooLarge (413)   request_too_large
├── RateLimited (429)       rate_limited
├── Cancelled               cancelled (in a session's error, never as a response)
└── Unavailable (503)       unavailable
    └── DatabaseUnavailable     unavailable, with details.part = "database"
        └── TransactionConflict
"""

from __future__ import annotations

from typing import Any, ClassVar


class DaylineError(Exception):
    """A failure with a stable `code`, a message that says what to do, and safe `details`."""

    status: ClassVar[int] = 500
    default_code: ClassVar[str] = "internal_error"

    def __init__(self, message: str, *, code: str | None = None, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.details = details


class Unauthenticated(DaylineError):
    """No key, or not a valid one."""

    status = 401
    default_code = "authentication_required"


class Forbidden(DaylineError):
    """The key is valid, but lacks the permission."""

    status = 403
    default_code = "scope_required"


class InvalidRequest(DaylineError):
    """The request does not have the form of the contract."""

    status = 400
    default_code = "invalid_request"


class InvalidRecording(DaylineError):
    """The recording cannot be used. The codes match what the public API answers."""

    status = 422
    default_code = "invalid_recording_url"


class NotFound(DaylineError):
    """The object does not exist, or belongs to another partner."""

    status = 404
    default_code = "not_found"

    @classmethod
    def of(cls, noun: str, id: str) -> NotFound:
        """Return the error for a missing `noun`, e.g. `NotFound.of("session", id)`."""
        return cls(f"There is no {noun} {id!r} here. Check the id and the key it belongs to.", code=f"{noun}_not_found")


class Conflict(DaylineError):
    """The request is well formed, but does not fit the current state."""

    status = 409
    default_code = "invalid_state"


class RequestTooLarge(DaylineError):
    """The body exceeds the size limit."""

    status = 413
    default_code = "request_too_large"


class RateLimited(DaylineError):
    """Too many requests for this key; retry after `retry_after_seconds`."""

    status = 429
    default_code = "rate_limited"

    def __init__(self, message: str, *, retry_after_seconds: float, **details: Any) -> None:
        super().__init__(message, retry_after_seconds=retry_after_seconds, **details)
        self.retry_after_seconds = retry_after_seconds


class Cancelled(DaylineError):
    """The work was cancelled on request."""

    status = 409
    default_code = "cancelled"


class Unavailable(DaylineError):
    """A dependency cannot be reached now; a later retry may work."""

    status = 503
    default_code = "unavailable"


class DatabaseUnavailable(Unavailable):
    """The database cannot be reached, is locked, full or read-only. Nothing was written; try again later."""

    def __init__(self, message: str, *, retry_after_seconds: float = 5.0) -> None:
        super().__init__(message, part="database", retry_after_seconds=retry_after_seconds)
        self.retry_after_seconds = retry_after_seconds


class TransactionConflict(DatabaseUnavailable):
    """A deadlock or a serialization failure: the transaction was rolled back and can be retried at once."""

    def __init__(self, message: str) -> None:
        super().__init__(message, retry_after_seconds=1.0)
