"""The workflow of one session: its steps in order, and the handling of failures.

Each step's outcome is recorded: after a crash the workflow goes on at the step it had reached, on whatever worker takes
it over. A step returns None, or the failure that ended it. The names and the order of steps are part of the stored
state of running workflows: a change needs `DBOS.patch`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dayline.workflows.retry import NOTHING_FAILED, Failure, InARow, RetryPolicy

_CHECK_AGAIN_SECONDS = 20.0
"""How long a waiting session sleeps when no message wakes it: a safety net for lost messages."""

Step = Callable[[str, int], Failure | None]


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of a session, each bound to its context and recorded by the workflow engine.

    chunks_left, analyses_left: return how much the session still waits for; `chunks_left` is negative when speech
        audio was lost and the recording has to be read again.
    postpone: queues the next attempt of the workflow after a wait.
    """

    begin: Step
    ingest: Step
    chunks_left: Callable[[str, int], int]
    name_the_speakers: Step
    detect: Step
    start_analyses: Step
    analyses_left: Callable[[str, int], int]
    complete: Step
    postpone: Callable[[str, int, int, float, str, int], Any]
    fail: Callable[[str, int, Failure], Any]
    clean: Callable[[str, int], Any]


@dataclass(frozen=True, slots=True)
class Attempt:
    """Which attempt at a run of a session this is, and how the one before it failed.

    number: counts from 1.
    failed: the step at which the attempts before this one failed, and how many did so in a row. An attempt that gets
        further begins to count anew: a day is given up for one step that fails every time, not for several that failed
        now and then.
    """

    number: int
    failed: InARow = NOTHING_FAILED


def run_session(
    session_id: str, run: int, attempt: Attempt, steps: Steps, sleep: Callable[[float], None], retry: RetryPolicy
) -> None:
    """Run one attempt at one run of a session to its end, or to the point from which another attempt goes on."""
    in_order: tuple[tuple[str, Callable[[], Failure | None]], ...] = (
        ("begin", lambda: steps.begin(session_id, run)),
        ("ingest", lambda: steps.ingest(session_id, run)),
        ("chunks", lambda: _wait_for_chunks(session_id, run, steps, sleep)),
        ("name_the_speakers", lambda: steps.name_the_speakers(session_id, run)),
        ("detect", lambda: steps.detect(session_id, run)),
        ("start_analyses", lambda: steps.start_analyses(session_id, run)),
        ("analyses", lambda: _wait_for_analyses(session_id, run, steps, sleep)),
        ("complete", lambda: steps.complete(session_id, run)),
    )
    for name, step in in_order:
        failure = step()
        if failure is None:
            continue
        failed = attempt.failed.and_now(name, failure)
        wait_seconds = retry.job_wait_seconds(failure, failed.times)
        if wait_seconds is not None:
            steps.postpone(session_id, run, attempt.number + 1, wait_seconds, *failed)
            return
        steps.fail(session_id, run, failure)
        break
    steps.clean(session_id, run)


def _wait_for_chunks(session_id: str, run: int, steps: Steps, sleep: Callable[[float], None]) -> Failure | None:
    """Wait for other workers. A cancelled or deleted session has no chunks left."""
    while (left := steps.chunks_left(session_id, run)) != 0:
        if left > 0:
            sleep(_CHECK_AGAIN_SECONDS)
        elif failure := steps.ingest(session_id, run):
            return failure
    return None


def _wait_for_analyses(session_id: str, run: int, steps: Steps, sleep: Callable[[float], None]) -> Failure | None:
    while steps.analyses_left(session_id, run) > 0:
        sleep(_CHECK_AGAIN_SECONDS)
    return None
