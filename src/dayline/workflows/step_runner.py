"""Run steps with the retry policy, and return failures as values that a checkpoint can hold."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

from dayline.logs import get_log
from dayline.tracing import span
from dayline.workflows.retry import Failure, FailureKind, failure_of, kind_of
from dayline.workflows.step_starts import counted_start
from dayline.workflows.worker_context import WorkerContext

log = get_log(__name__)

T = TypeVar("T")

_SPAN_NAMES = {"transcribe_chunk": "chunk", "analyze": "analysis"}
"""Names of spans that differ from the names of their steps."""

_NOT_COUNTED = frozenset(("begin", "clean"))
"""Steps that change a few rows and delete files, and have no outcome that could say that they were given up."""


def session_step(step: Callable[..., None], context: WorkerContext) -> Callable[..., Failure | None]:
    """Bind a step of the session workflow to its context. It returns its failure instead of raising it."""

    @functools.wraps(step)
    def run(*arguments: object) -> Failure | None:
        try:
            with _span(step, arguments), _counted(context, step.__name__, arguments):
                context.retry.run(lambda: step(context, *arguments), stopping=context.stopping)
        except Exception as error:
            if kind_of(error) == FailureKind.BUG:
                log.exception("step_failed", step=step.__name__)
            else:
                log.info("step_failed", step=step.__name__, error=type(error).__name__, message=str(error))
            return failure_of(error)
        return None

    return run


def patient_step(step: Callable[..., T], context: WorkerContext) -> Callable[..., T]:
    """Bind a step that settles its own failures to its context; the policy handles short transient ones."""

    @functools.wraps(step)
    def run(*arguments: object) -> T:
        with _span(step, arguments):
            return context.retry.run(lambda: step(context, *arguments), stopping=context.stopping)

    return run


def _counted(context: WorkerContext, name: str, arguments: tuple[object, ...]) -> AbstractContextManager[None]:
    return counted_start(context, name, *arguments) if name not in _NOT_COUNTED else nullcontext()


def _span(step: Callable[..., object], arguments: tuple[object, ...]) -> AbstractContextManager[None]:
    """Return the span of a step. Its first argument is the id of the session or analysis."""
    return span(_SPAN_NAMES.get(step.__name__, step.__name__), id=str(arguments[0]))
