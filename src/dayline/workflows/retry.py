"""Retry policy of all jobs: classify failures, choose the wait, give up after a number of attempts.

A failure is permanent (the recording or the configuration; trying again cannot help), transient (the database, the
object store, a child process, a provider) or a bug. Transient failures are retried inside the step after short waits,
then by a delayed job after longer ones. Those of the database and the object store are never given up; those of child
processes and providers are given up after the attempts that `RetryPolicy.job_attempts` names, because a recording that
ends its process every time would otherwise be tried for ever. A child that somebody killed is no sign of that: such
failures are counted apart, and given up much later.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, NotRequired, TypedDict, TypeVar

from dayline.domain.errors import DatabaseUnavailable, DaylineError, Unavailable
from dayline.domain.json_types import JsonObject
from dayline.domain.stored_json import StoredError
from dayline.logs import get_log, without_secrets
from dayline.workflows import counters

log = get_log(__name__)

T = TypeVar("T")
_LONGEST_ASKED_SECONDS = 8 * 3600.0
_CRASH_CODES = frozenset(("compute_crashed", "engine_crashed"))
_TIMEOUT_CODES = frozenset(("compute_timeout", "engine_timeout"))


class FailureKind(StrEnum):
    """Class of a failure for the retry policy."""

    PERMANENT = "permanent"
    BUG = "bug"
    DATABASE = "database"
    OBJECT_STORE = "object_store"
    CRASH = "crash"
    KILLED = "killed"
    TIMEOUT = "timeout"
    PROVIDER = "provider"


class Failure(TypedDict):
    """A failure as a checkpoint holds it: the contract's error, and what the retry policy needs to know.

    kind: a `FailureKind`. Failures recorded by version 0.1.0 have none and count as permanent.
    retry_after_seconds: wait that the other side asked for.
    """

    code: str
    message: str
    details: JsonObject
    kind: NotRequired[str]
    retry_after_seconds: NotRequired[float | None]


class WorkerStopping(BaseException):
    """The worker is stopping: leave the job unfinished, without an outcome, for the worker that takes it over.

    Not an Exception on purpose: the workflow engine records exceptions as outcomes, and this is none.
    """


def kind_of(error: BaseException) -> FailureKind:
    """Class an exception."""
    match error:
        case DatabaseUnavailable():
            return FailureKind.DATABASE
        case Unavailable() if error.details.get("retryable") is False:
            return FailureKind.PERMANENT
        case Unavailable() if error.details.get("was_killed") is True:
            return FailureKind.KILLED
        case Unavailable() if error.code in _CRASH_CODES or "exit_status" in error.details:
            return FailureKind.CRASH
        case Unavailable() if error.code in _TIMEOUT_CODES:
            return FailureKind.TIMEOUT
        case Unavailable() if error.details.get("part") == "object_store":
            return FailureKind.OBJECT_STORE
        case Unavailable():
            return FailureKind.PROVIDER
        case DaylineError():
            return FailureKind.PERMANENT
        case MemoryError():
            return FailureKind.CRASH
        case OSError():
            return FailureKind.OBJECT_STORE
        case _:
            return FailureKind.BUG


def failure_of(error: BaseException) -> Failure:
    """Write an exception as a failure. An unexpected one is reported by its class without its text."""
    kind = kind_of(error).value
    if isinstance(error, DaylineError):
        return {
            "code": error.code,
            "message": without_secrets(error.message),
            "details": error.details,
            "kind": kind,
            "retry_after_seconds": asked_seconds(error),
        }
    return {
        "code": "internal_error",
        "message": "An unexpected error occurred in the service. Nothing was lost; retry the session.",
        "details": {"kind": type(error).__name__},
        "kind": kind,
        "retry_after_seconds": None,
    }


def public_error(failure: Failure) -> StoredError:
    """Return a failure as the contract shows it: code, message, details."""
    return {"code": failure["code"], "message": failure["message"], "details": failure["details"]}


class InARow(NamedTuple):
    """Failures of one step, one after the other, that count together towards giving it up.

    what: the step; kills from outside are counted apart from its other failures.
    """

    what: str = ""
    times: int = 0

    def and_now(self, step: str, failure: Failure) -> InARow:
        """Return the count after one more failure, from 1 when something else failed before."""
        what = f"{step} killed" if failure.get("kind") == FailureKind.KILLED else step
        return InARow(what, self.times + 1 if what == self.what else 1)


NOTHING_FAILED = InARow()


def asked_seconds(error: BaseException) -> float | None:
    """Return wait that the other side asked for before the next attempt, None when it did not say."""
    if isinstance(error, DatabaseUnavailable) or not isinstance(error, DaylineError):
        return None
    asked = error.details.get("retry_after_seconds")
    return float(asked) if isinstance(asked, int | float) and asked >= 0 else None


def _job_attempts() -> dict[FailureKind, int | None]:
    return {
        FailureKind.DATABASE: None,
        FailureKind.OBJECT_STORE: None,
        FailureKind.CRASH: 5,
        FailureKind.KILLED: 50,
        FailureKind.TIMEOUT: 3,
        FailureKind.PROVIDER: 50,
    }


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Waits and limits.

    step_waits_seconds: waits between attempts inside a step, for blips.
    database_waits_seconds: the same for the database; the last one repeats until the database answers, because
        nothing can be recorded or queued without it.
    job_waits_seconds: waits before attempt 2, 3, ... of a job; the last one repeats.
    job_attempts: attempts of a job by kind of failure, None for no limit. A kind that is missing is not retried.
    """

    step_waits_seconds: tuple[float, ...] = (0.5, 2.0, 5.0)
    database_waits_seconds: tuple[float, ...] = (0.2, 1.0, 2.0, 5.0, 10.0, 15.0)
    job_waits_seconds: tuple[float, ...] = (10.0, 30.0, 120.0, 600.0, 1800.0)
    job_attempts: Mapping[FailureKind, int | None] = field(default_factory=_job_attempts)

    def step_wait_seconds(self, error: BaseException, failures: int) -> float | None:
        """Return the wait after the `failures`th failure inside a step, or None when the step has failed."""
        kind, asked = kind_of(error), asked_seconds(error)
        if kind == FailureKind.DATABASE:
            return self.database_waits_seconds[min(failures, len(self.database_waits_seconds)) - 1]
        # Another attempt after a time-out takes as long again: that is for a job of its own.
        if kind not in self.job_attempts or kind == FailureKind.TIMEOUT or failures > len(self.step_waits_seconds):
            return None
        wait = self.step_waits_seconds[failures - 1]
        if asked is None or asked <= wait:
            return wait
        return asked if asked <= self.step_waits_seconds[-1] else None

    def job_wait_seconds(self, failure: Failure, failures: int) -> float | None:
        """Return the wait before the job's next attempt after `failures` in a row, or None to give up."""
        kind = failure.get("kind", FailureKind.PERMANENT)
        if kind not in self.job_attempts:
            return None
        limit = self.job_attempts[FailureKind(kind)]
        if limit is not None and failures >= limit:
            return None
        wait = self.job_waits_seconds[min(failures, len(self.job_waits_seconds)) - 1]
        return min(max(wait, failure.get("retry_after_seconds") or 0.0), _LONGEST_ASKED_SECONDS)

    def run(self, work: Callable[[], T], *, stopping: threading.Event) -> T:
        """Run `work` until it succeeds or its failure is not one for short waits, and raise that.

        Raises WorkerStopping as soon as `stopping` is set, whatever `work` raised because of it.
        """
        failures = 0
        while True:
            if stopping.is_set():
                raise WorkerStopping
            try:
                return work()
            except Exception as error:
                if stopping.is_set():
                    raise WorkerStopping from error
                failures += 1
                wait_seconds = self.step_wait_seconds(error, failures)
                if wait_seconds is None:
                    raise
                counters.count(counters.RETRIES, label=kind_of(error).value)
                log.warning(
                    "step_retried",
                    failures=failures,
                    kind=kind_of(error).value,
                    error=type(error).__name__,
                    wait_seconds=wait_seconds,
                )
            stopping.wait(wait_seconds)
