"""Poll a job until it ends, backing off to 15 seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from dayline_client.errors import JobFailed, WaitedTooLong

Job = TypeVar("Job")

FOUR_HOURS = 4 * 3600.0
_FIRST_PAUSE_SECONDS, _GROWTH, _LONGEST_PAUSE_SECONDS = 0.25, 1.5, 15.0


def wait_for(look: Callable[[], Job], timeout_seconds: float) -> Job:
    """Wait for a job and return it when `completed`. Raises JobFailed if it ends as `failed`, WaitedTooLong."""
    give_up = time.monotonic() + timeout_seconds
    pause = _FIRST_PAUSE_SECONDS
    while True:
        job: Any = look()
        if job["status"] == "completed":
            return job
        if job["status"] == "failed":
            raise JobFailed(job)
        left = give_up - time.monotonic()
        if left <= 0:
            raise WaitedTooLong(job, timeout_seconds)
        time.sleep(min(pause, left))
        pause = min(_LONGEST_PAUSE_SECONDS, pause * _GROWTH)
