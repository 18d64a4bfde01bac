"""Lets the workflow engine's queue threads rest while nothing waits.

Left alone, every queue asks the database several questions at every turn, which costs an idle worker several times
what one look at all queues costs. So one thread looks, and a queue takes its turn when the look has found work for it,
or when it has rested for long enough.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from dayline.clock import monotonic_seconds
from dayline.db.database import Database
from dayline.logs import get_log
from dayline.workflows.queue_repository import with_work

log = get_log(__name__)

T = TypeVar("T")


class QueuePoller:
    """Decides when each queue takes its turn.

    look_seconds: how often the queues are looked at, and the shortest time between two turns of a queue with work.
    rest_seconds: the longest time between two turns of any queue, whatever the looks say.
    """

    def __init__(
        self, database: Database, names: Sequence[str], *, look_seconds: float = 0.25, rest_seconds: float = 2.0
    ) -> None:
        self._database, self._names = database, tuple(names)
        self._look_seconds, self._rest_seconds = look_seconds, rest_seconds
        self._with_work: set[str] = set()
        self._turns_seconds: dict[str, float] = {}
        self._news = threading.Condition()
        self._halt = threading.Event()

    def start(self) -> None:
        """Begin to look."""
        threading.Thread(target=self._keep_looking, daemon=True, name="queue-look").start()

    def stop(self) -> None:
        """Stop looking, and hold nobody back any more."""
        self._halt.set()
        with self._news:
            self._news.notify_all()

    def wait_for_turn(self, name: str) -> None:
        """Return when a queue should be asked for work."""
        with self._news:
            last = self._turns_seconds.get(name, float("-inf"))  # the clock starts near zero when the machine boots
            while not self._halt.is_set():
                rests_until = last + (self._look_seconds if name in self._with_work else self._rest_seconds)
                left = rests_until - monotonic_seconds()
                if left <= 0:
                    break
                self._news.wait(left)
            self._turns_seconds[name] = monotonic_seconds()

    def paced(self, read: Callable[[str], T]) -> Callable[[str], T]:
        """Return `read`, a queue thread's first act at every turn, so that it waits for the turn."""

        def read_in_turn(name: str) -> T:
            # Others read queues too; only their own threads take turns.
            if name in self._names and threading.current_thread().name == f"queue-worker-{name}":
                self.wait_for_turn(name)
            return read(name)

        return read_in_turn

    def _keep_looking(self) -> None:
        while not self._halt.wait(self._look_seconds):
            try:
                with self._database.read() as tx:
                    found = with_work(tx, self._names)
            except Exception as error:  # noqa: BLE001 - without a look, queues take turns by the clock alone
                log.warning("queues_not_seen", error=type(error).__name__)
                found = set[str]()
                self._halt.wait(self._rest_seconds)
            with self._news:
                self._with_work = found
                if found:
                    self._news.notify_all()
