"""Run numeric work in child processes, so that a crash ends one call only."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from dayline.domain.errors import Unavailable
from dayline.processes.child import Child, ChildEnded, ChildTimeout, start_child
from dayline.processes.lending import ChildPool

T = TypeVar("T")
_MODULE = "dayline.processes.compute_main"
_RECYCLE_AFTER_CALLS = 500


class ComputePool:
    """Runs importable functions in up to `processes` child processes, each replaced after a crash."""

    def __init__(self, processes: int) -> None:
        self.processes = processes
        self._children = ChildPool(_ComputeProcess, processes)

    def run(
        self,
        work: Callable[..., T],
        *arguments: Any,
        timeout_seconds: float = 900.0,
        should_stop: Callable[[], bool] | None = None,
        owner: str = "",
    ) -> T:
        """Run `work` in a child and return what it returns, or raise what it raises.

        Raises Unavailable when the child ended (compute_crashed) or took too long (compute_timeout), Cancelled when
        `should_stop` returns True.
        owner: for whom, such as a partner; calls of waiting owners are served in turn.
        """
        with self._children.lend(should_stop, owner=owner) as process:
            return process.call(work, arguments, timeout_seconds)

    def close(self) -> None:
        """End every child."""
        self._children.close()


class _ComputeProcess:
    """One child, started at the first call and again after it ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._calls = 0
        self._closed = False

    def call(self, work: Callable[..., T], arguments: tuple[Any, ...], timeout_seconds: float) -> T:
        """Call `work` in the child."""
        body = pickle.dumps((work, arguments), protocol=pickle.HIGHEST_PROTOCOL)
        child = self._ready()
        try:
            header, answer = child.exchange({}, body, allowed_seconds=timeout_seconds)
        except ChildTimeout as error:
            raise Unavailable(
                f"A computation did not finish within {timeout_seconds:.0f} s and was stopped.", code="compute_timeout"
            ) from error
        except ChildEnded as error:
            raise Unavailable(
                f"A computing process ended unexpectedly ({error}). It starts anew.",
                code="compute_crashed",
                was_killed=error.was_killed,
            ) from error
        value = pickle.loads(answer)  # noqa: S301 - written by our own child process
        if not header["succeeded"]:
            raise value
        return value

    def close(self) -> None:
        """End the child, also in the middle of a call."""
        with self._lock:
            self._closed = True
            child, self._child = self._child, None
        if child is not None:
            child.end()

    def _ready(self) -> Child:
        with self._lock:
            if self._closed:
                raise Unavailable("This worker is stopping.")
            self._calls += 1
            if self._child is not None and (self._child.has_ended or self._calls > _RECYCLE_AFTER_CALLS):
                self._child.end()
                self._child = None
            if self._child is None:
                self._child, self._calls = start_child(_MODULE), 1
            return self._child
