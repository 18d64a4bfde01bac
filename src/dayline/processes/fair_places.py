"""A fixed number of places that owners are given in turn, however many of their calls wait."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Generator
from contextlib import contextmanager


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
    def taken(self, owner: str) -> Generator[None]:
        """Wait for a place of `owner` and hold it while the block runs."""
        called = self._take(owner)
        if called is not None:
            called.wait()
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
