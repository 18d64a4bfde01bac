"""A fixed number of places that owners are given in turn, however many of their calls wait."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Generator
from contextlib import contextmanager

from dayline.domain.errors import Cancelled

_CANCEL_CHECK_SECONDS = 0.5


class FairPlaces:
    """A semaphore whose waiters are served round robin by owner, and in order of arrival within one owner."""

    def __init__(self, count: int) -> None:
        self._free = count
        self._lock = threading.Lock()
        self._waiting: OrderedDict[str, deque[threading.Event]] = OrderedDict()
        """Owners in the order in which they are served next."""

    @property
    def waiting(self) -> int:
        """How many calls wait."""
        with self._lock:
            return sum(len(calls) for calls in self._waiting.values())

    @contextmanager
    def taken(self, owner: str, should_stop: Callable[[], bool] | None = None) -> Generator[None]:
        """Wait for a place of `owner` and hold it while the block runs. Raises Cancelled once `should_stop` is True."""
        called = self._take(owner)
        if called is not None:
            self._wait(owner, called, should_stop)
        try:
            yield
        finally:
            self._give_back()

    def _take(self, owner: str) -> threading.Event | None:
        """Take a free place, or return what is set when the place of another is handed over."""
        with self._lock:
            if self._free:
                self._free -= 1
                return None
            called = threading.Event()
            self._waiting.setdefault(owner, deque()).append(called)
            return called

    def _wait(self, owner: str, called: threading.Event, should_stop: Callable[[], bool] | None) -> None:
        is_called = False
        while not is_called:
            is_called = called.wait(None if should_stop is None else _CANCEL_CHECK_SECONDS)
            if should_stop is not None and should_stop():
                self._leave(owner, called)
                raise Cancelled("The work was cancelled before it began.")

    def _leave(self, owner: str, called: threading.Event) -> None:
        """Wait no longer; a place that was handed over at this moment goes to the next one."""
        with self._lock:
            calls = self._waiting.get(owner, deque[threading.Event]())
            is_waiting = called in calls
            if is_waiting:
                calls.remove(called)
                if not calls:
                    del self._waiting[owner]
        if not is_waiting:
            self._give_back()

    def _give_back(self) -> None:
        with self._lock:
            if not self._waiting:
                self._free += 1
                return
            owner, calls = self._waiting.popitem(last=False)
            called = calls.popleft()
            if calls:
                self._waiting[owner] = calls
        called.set()
