"""Bound how often a step may end the worker that runs it.

A crash of the worker's own process (a native library, no memory) leaves no error behind: its jobs are taken over and
run again, and the job that caused it would end one worker after the other. So every step counts its beginning in the
database and deletes the count at its end. Not every count is the fault of its step: whatever ran beside it is counted
too, and whoever kills workers adds to it. Therefore:

- A step that did not end several times is a suspect. A worker runs one suspect at a time, the others wait.
- Only starts as the one suspect of a worker count towards giving up, so no step is given up because of another.
- A worker that stops in order deletes its counts, and so does the next worker after one that `dayline serve` saw killed
  by somebody else.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager, suppress

from dayline.clock import monotonic_seconds
from dayline.domain.errors import DatabaseUnavailable, DaylineError
from dayline.logs import get_log
from dayline.workflows import step_start_repository as starts
from dayline.workflows.retry import WorkerStopping
from dayline.workflows.worker_context import WorkerContext

log = get_log(__name__)

SUSPECT_AFTER = 3
"""Executions in a row without an end after which a step is a suspect."""
GIVEN_UP_AFTER = 5
"""Executions as the one suspect of its worker after which a step is given up."""
_LONGEST_WAIT_SECONDS = 600.0
"""How long a suspect waits for another one before it runs beside it, uncounted: the other may read a slow source."""
_LOOK_SECONDS = 1.0


class WorkerCrashed(DaylineError):
    """A step ended its worker every time."""

    status = 500
    default_code = "worker_crashed"


@contextmanager
def counted_start(context: WorkerContext, name: str, *ids: object) -> Generator[None]:
    """Run the block as the step `name` of `ids`. Raises WorkerCrashed when the step is given up."""
    step = ":".join((name, *map(str, ids)))
    before = context.write(lambda tx: starts.begin(tx, step, context.executor_id))
    if before.alone >= GIVEN_UP_AFTER:
        context.write(lambda tx: starts.end(tx, step))
        log.error("step_given_up", step=step, unfinished=before.starts)
        raise WorkerCrashed(
            f"The worker process ended {before.starts} times in a row while it worked on this step. Look for the "
            "reason in its log and in the kernel's; often it is a lack of memory. Then retry."
        )
    is_alone = False
    if before.starts >= SUSPECT_AFTER:
        log.warning("step_suspected", step=step, unfinished=before.starts, alone=before.alone)
        is_alone = _wait_for_others(context)
        if is_alone:
            context.write(lambda tx: starts.count_alone(tx, step))
    try:
        yield
    finally:
        if is_alone:
            context.one_suspect.release()
        # A worker that stops deletes its counts as a whole; without the database there is no end of the step either.
        with suppress(WorkerStopping):
            context.write(lambda tx: starts.end(tx, step))


def delete_counts_of(context: WorkerContext, executor_prefix: str) -> None:
    """Delete the counts of a worker that stopped in order, or was killed by somebody."""
    with suppress(DatabaseUnavailable):
        context.database.in_write(lambda tx: starts.end_all_of(tx, executor_prefix))


def _wait_for_others(context: WorkerContext) -> bool:
    """Wait until no other suspect runs in this worker. Returns False when that took too long."""
    give_up = monotonic_seconds() + _LONGEST_WAIT_SECONDS
    while not context.one_suspect.acquire(timeout=_LOOK_SECONDS):
        if context.stopping.is_set():
            raise WorkerStopping
        if monotonic_seconds() > give_up:
            return False
    return True
