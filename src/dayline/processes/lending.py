"""Lend child processes to threads: one at a time each, a fixed number at once, ended when the work is cancelled."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar

from dayline.domain.errors import Cancelled, Unavailable
from dayline.processes.fair_places import FairPlaces

_CANCEL_CHECK_SECONDS = 0.5


class Closable(Protocol):
    """A handle of one child process."""

    def close(self) -> None:
        """End the child, also in the middle of a call, which then raises Unavailable."""
        ...


H = TypeVar("H", bound=Closable)


class ChildPool(Generic[H]):
    """Up to `count` handles at once, each with a child of its own, so that a crash ends one call only.

    make: returns a new handle; its child may start at the first use.
    count: calls that run at once; further ones wait, and are served fairly by owner.
    """

    def __init__(self, make: Callable[[], H], count: int) -> None:
        self.count = count
        self._make = make
        self._free: list[H] = []
        self._lent: set[H] = set()
        self._places = FairPlaces(count)
        self._lock = threading.Lock()
        self._closed = False

    @contextmanager
    def lend(self, should_stop: Callable[[], bool] | None = None, *, owner: str = "") -> Generator[H]:
        """Lend one handle. When `should_stop` returns True, its child is ended and Cancelled is raised.

        A call that still waits for one is given up then.

        owner: for whom; waiting owners are served in turn.
        """
        with self._places.taken(owner, should_stop):
            handle = self._take()
            stopped, over = threading.Event(), threading.Event()
            watcher = None
            if should_stop is not None:
                watcher = threading.Thread(
                    target=_watch, args=(handle, should_stop, stopped, over), daemon=True, name="cancel-watch"
                )
                watcher.start()
            try:
                yield handle
            except Unavailable as error:
                if stopped.is_set():
                    raise Cancelled("The work was cancelled.") from error
                raise
            finally:
                over.set()
                if watcher is not None:
                    watcher.join()
                self._give_back(handle, usable=not stopped.is_set())

    def close(self) -> None:
        """End every child, also those in the middle of a call."""
        with self._lock:
            self._closed = True
            handles = [*self._free, *self._lent]
        for handle in handles:
            handle.close()

    def _take(self) -> H:
        with self._lock:
            if self._closed:
                raise Unavailable("This worker is stopping.")
            handle = self._free.pop() if self._free else self._make()
            self._lent.add(handle)
            return handle

    def _give_back(self, handle: H, *, usable: bool) -> None:
        with self._lock:
            self._lent.discard(handle)
            if usable and not self._closed:
                self._free.append(handle)
                return
        handle.close()


def _watch(handle: Closable, should_stop: Callable[[], bool], stopped: threading.Event, over: threading.Event) -> None:
    while not over.wait(_CANCEL_CHECK_SECONDS):
        if should_stop():
            stopped.set()
            handle.close()
            return
