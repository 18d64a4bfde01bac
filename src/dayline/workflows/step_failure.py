"""How steps report failure: as a value that a checkpoint can hold, never as an exception across jobs."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from dayline.domain.errors import DaylineError
from dayline.logs import get_log, without_secrets

log = get_log(__name__)

Trouble = dict[str, Any]
"""An error as the contract writes it: code, message, details."""


def failure_of(error: Exception) -> Trouble:
    """Write an exception as trouble. What we did not foresee shows its class, not its text."""
    if isinstance(error, DaylineError):
        return {"code": error.code, "message": without_secrets(error.message), "details": error.details}
    return {
        "code": "internal_error",
        "message": "Something unforeseen went wrong in the service. Nothing was lost; retry the session.",
        "details": {"kind": type(error).__name__},
    }


def returns_failure(step: Callable[..., None]) -> Callable[..., Trouble | None]:
    """Make a step return its trouble instead of raising it."""

    @functools.wraps(step)
    def guarded(*arguments: Any) -> Trouble | None:
        try:
            step(*arguments)
        except DaylineError as error:
            log.info("step_failed", step=step.__name__, code=error.code, message=error.message)
            return failure_of(error)
        except Exception as error:
            log.exception("step_broke", step=step.__name__)
            return failure_of(error)
        return None

    return guarded
