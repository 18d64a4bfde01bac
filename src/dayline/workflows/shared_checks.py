"""Whether a session or an analysis is over, read once every two seconds for all threads that work on it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from dayline.clock import monotonic_seconds
from dayline.domain.errors import DatabaseUnavailable

_CHECK_SECONDS = 2.0
_FORGET_SECONDS = 60.0


@dataclass(slots=True)
class _Answer:
    """What was read last, and when it was asked for last."""

    is_over: bool
    at_seconds: float


class SharedChecks:
    """Answers by what they are about. Two runs of a session are two of them: what is over stays over."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: dict[tuple[object, ...], _Answer] = {}

    def is_over(self, key: tuple[object, ...], read: Callable[[], bool]) -> bool:
        """Return what `read` says, or said less than two seconds ago; False while the database does not answer."""
        now = monotonic_seconds()
        with self._lock:
            known = self._answers.get(key)
            if known is not None and (known.is_over or now - known.at_seconds < _CHECK_SECONDS):
                return known.is_over
            for old in [k for k, v in self._answers.items() if now - v.at_seconds > _FORGET_SECONDS]:
                del self._answers[old]
            # Entered before it is read: the others go on with the answer of before.
            answer = self._answers[key] = _Answer(is_over=False, at_seconds=now)
        try:
            answer.is_over = read()
        except DatabaseUnavailable:
            return False
        return answer.is_over
