"""The workflow engine's polling loops, run when there is something for them to do and not by the clock.

The engine asks each queue for jobs once a second, a queue of its own that nothing here uses, its list of queues, and
jobs whose delay is over; by itself that takes a hundredth and a half of a core, in steps of a second, so that a job
begins half a second late. Intervals can be set for its queues only. So the two threads in which it does that run the
functions of this module, which call the engine's own loops with a stand-in for the event that they wait for. What a
claim is, and what a dead worker's claim becomes, stays the engine's.

This uses names that the engine does not promise. The package is pinned to one version, and tests run each of them.
"""

from __future__ import annotations

import importlib
import threading
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

from dayline.clock import monotonic_seconds, now
from dayline.logs import get_log
from dayline.workflows.job_queue import Queue
from dayline.workflows.queue_watch import QueueWatch

log = get_log(__name__)

_engine = importlib.import_module("dbos._dbos")
_engine_queues = importlib.import_module("dbos._queue")
_engine_commands = importlib.import_module("dbos._workflow_commands")

_LONGEST_SECONDS = 30.0
"""How often the engine's other work is done when nothing asks for it: jobs past a deadline, its own queue."""
_DELAY_CHECK_SECONDS = 1.0
_END_CHECK_SECONDS = 0.02
_PAUSE_AFTER_ERROR_SECONDS = 1.0
_BACKOFF_FACTOR = 1.06
"""An engine that waits longer than its interval and its jitter of a twentieth has met contention."""


_LISTENER = "run_notification_listener"


def _running() -> Any:
    return _engine._get_dbos_instance()


def _tell(dbos: Any, job_ids: Collection[str]) -> None:
    for _payload, (job_id, *_), arrived in dbos._sys_db.notifications_map.snapshot():
        if job_id in job_ids:
            arrived.set()


class _Gate:
    """Stands in for the event by which the engine stops the loop of one queue: `wait` ends when it may ask for jobs."""

    def __init__(self, stop: threading.Event, queue: Queue) -> None:
        self._stop, self._queue = stop, queue
        self._opened, self._opened_at_seconds, self._has_changed = threading.Event(), 0.0, False

    def is_set(self) -> bool:
        """True when the loop has to end."""
        return self._stop.is_set()

    def wait(self, timeout: float) -> bool:
        """Wait until there are jobs, whatever the interval is. Return True when the loop has to end."""
        if timeout > self._queue.poll_seconds * _BACKOFF_FACTOR and self._stop.wait(timeout):
            return True
        self._opened.wait()
        self._opened.clear()
        return self._stop.is_set()

    def open(self, *, has_changed: bool = False) -> None:
        """Let the loop ask for jobs, unless it has just done so: those that are left may not begin yet.

        has_changed: whether the database has changed since the call before.
        """
        moment = monotonic_seconds()
        self._has_changed = self._has_changed or has_changed
        pause = self._queue.after_change_seconds if self._has_changed else self._queue.again_seconds
        if moment - self._opened_at_seconds >= pause:
            self._opened_at_seconds, self._has_changed = moment, False
            self._opened.set()

    def end(self) -> None:
        """Let the loop end."""
        self._opened.set()


class _DelayGate:
    """Stands in for the event that stops the loop of delayed jobs: `wait` ends when one is due."""

    def __init__(self, stop: threading.Event, watch: QueueWatch) -> None:
        self._stop, self._watch = stop, watch

    def is_set(self) -> bool:
        """True when the loop has to end."""
        return self._stop.is_set()

    def wait(self, timeout: float) -> bool:
        """Wait until a delayed job is due, half a minute at most. Return True when the loop has to end."""
        give_up = monotonic_seconds() + _LONGEST_SECONDS
        while timeout > 0 and monotonic_seconds() < give_up:
            if self._stop.wait(_DELAY_CHECK_SECONDS):
                return True
            due_ms = self._watch.work.delayed_until_ms
            if due_ms is not None and due_ms <= now().timestamp() * 1000:
                break
        return self._stop.is_set()


class EngineLoops:
    """Takes the place of two of the engine's threads, from `install` until `remove`.

    queues: the queues whose jobs this worker runs, and how many of each at once.
    listening: returns the ids of jobs of this worker that wait for a message.
    """

    def __init__(self, watch: QueueWatch, queues: Mapping[Queue, int], listening: Callable[[], list[str]]) -> None:
        self._watch, self._queues, self._listening = watch, dict(queues), listening
        self._registered, self._halt = threading.Event(), threading.Event()
        self._threads: dict[str, threading.Thread] = {}
        self._replaced: dict[str, Any] = {}

    def install(self) -> None:
        """Replace the loops. Call before the engine is launched."""
        ours: dict[str, Any] = {"queue_thread": self._run_queues, "background_jobs_thread": self._run_delays}
        for name, loop in ours.items():
            self._replaced[name] = getattr(_engine, name)
            setattr(_engine, name, loop)

    def remove(self) -> None:
        """Put the engine's own loops back, for the next launch."""
        for name, loop in self._replaced.items():
            setattr(_engine, name, loop)
        self._replaced = {}

    def open_queues(self) -> None:
        """Begin to take jobs. Call when the queues have been registered."""
        self._registered.set()
        self._watch.wake()

    def halt(self) -> None:
        """Claim no more jobs."""
        self._halt.set()
        self._watch.wake()

    def tell(self, job_ids: Collection[str]) -> None:
        """Let waiting jobs look for their messages now; after `halt` nothing else tells them for seconds."""
        _tell(_running(), job_ids)

    def wait_until_idle(self, seconds: float) -> bool:
        """Wait after `halt` until no job runs and none can be claimed. Return whether that was so in time.

        The engine itself looks for running jobs after one second, then after another.
        """
        give_up = monotonic_seconds() + seconds
        while monotonic_seconds() < give_up:
            claiming = any(self._is_alive(queue.name) for queue in self._queues)
            if not claiming and not _running()._active_workflows_set.activeList():
                return True
            time.sleep(_END_CHECK_SECONDS)
        return False

    def leave_listener(self) -> None:
        """Keep the engine from waiting for its listener for messages, which on SQLite sleeps for seconds.

        It ends after its sleep, without a look at the database when no job waits for a message.
        """
        threads = _running()._background_threads
        threads[:] = [thread for thread in threads if _LISTENER not in thread.name]

    def _run_queues(self, stop: threading.Event, dbos: Any) -> None:
        own = dbos._registry.get_internal_queue()
        own._polling_interval_sec = _LONGEST_SECONDS
        self._start(own.name, (stop, dbos, own))
        gates = {queue.name: _Gate(self._halt, queue) for queue in self._queues}
        while not stop.is_set() and not self._halt.is_set():
            try:
                if self._registered.is_set():
                    self._take_turn(dbos, gates)
            except Exception as error:  # noqa: BLE001 - it must outlive any trouble of the database
                log.warning("queues_not_looked_at", error=type(error).__name__)
                stop.wait(_PAUSE_AFTER_ERROR_SECONDS)
            self._watch.pause()
        self._halt.set()
        for gate in gates.values():
            gate.end()
        for thread in self._threads.values():
            thread.join(timeout=10.0)

    def _take_turn(self, dbos: Any, gates: Mapping[str, _Gate]) -> None:
        has_looked = self._watch.look(self._listening())
        work = self._watch.work
        for queue, at_once in self._queues.items():
            if queue.name not in work.waiting or dbos._active_workflows_set.count_for_queue(queue.name) >= at_once:
                continue
            if not self._is_alive(queue.name) and (found := dbos._sys_db.get_queue(queue.name)):
                self._start(queue.name, (gates[queue.name], dbos, found))
            gates[queue.name].open(has_changed=has_looked)
        if has_looked and work.called:
            _tell(dbos, work.called)

    def _is_alive(self, name: str) -> bool:
        return name in self._threads and self._threads[name].is_alive()

    def _start(self, name: str, arguments: tuple[Any, ...]) -> None:
        self._threads[name] = threading.Thread(
            target=_engine_queues.queue_worker_thread, args=arguments, daemon=True, name=f"queue-worker-{name}"
        )
        self._threads[name].start()

    def _run_delays(self, stop: threading.Event, dbos: Any) -> None:
        _engine_commands.background_jobs_thread(_DelayGate(stop, self._watch), dbos)
