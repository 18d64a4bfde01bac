"""Kill random processes of a service repeatedly, and measure how long the service is away."""

from __future__ import annotations

import contextlib
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx2
import psutil

from bench.faults.postgres import PostgresServer
from bench.faults.service import Service

PER_SESSION = {"api": 0.1, "worker": 0.4, "recogniser": 3.5, "decoder": 3.5, "compute": 6.0}
"""Kills of each kind that one more completed session allows. Killing faster than the machine works would kill each
attempt at the same step, and the growing waits between attempts would outlast the campaign. Starting an API process or
a worker takes seconds of a core, starting a child some tenths."""

_BURST = {"api": 1.0, "worker": 2.0, "recogniser": 5.0, "decoder": 5.0, "compute": 6.0}
"""Most kills of each kind without a session that completes."""

_LOOK_SECONDS = 0.25
_WORK_SECONDS = 12.0
"""How long the service must have been up before an API process or a worker is killed: they need seconds to start, and
killing them before they are ready would show nothing but that."""


@dataclass
class Killer:
    """Kills until it has done `kills` or `seconds` are over.

    completed: returns how many sessions have completed, which is what allows further kills: see `PER_SESSION`.
    postgres_kills, freezes: how many of the kills are of the database server, and how many are stopped workers.
    freeze_seconds: how long a worker is stopped, longer than its lease.
    every_kill: called after every kill with the counts by kind.
    enough: set by others to end the killing early.
    """

    service: Service
    chance: random.Random
    kills: int
    seconds: float
    pause_seconds: float
    completed: Callable[[], int]
    postgres: PostgresServer | None = None
    postgres_kills: int = 0
    freezes: int = 0
    freeze_seconds: float = 60.0
    every_kill: Callable[[Counter[str]], None] = lambda _done: None
    enough: threading.Event = field(default_factory=threading.Event)
    done: Counter[str] = field(default_factory=Counter[str])
    away_seconds: list[float] = field(default_factory=list[float])
    _halt: threading.Event = field(default_factory=threading.Event)
    _frozen: set[int] = field(default_factory=set[int])
    _up_since: float | None = None
    _completed: int = 0
    _allowed: dict[str, float] = field(default_factory=_BURST.copy)

    def run(self) -> None:
        """Kill, and return when enough is done. Stopped workers are woken before."""
        watcher = threading.Thread(target=self._watch, daemon=True)
        watcher.start()
        give_up = time.monotonic() + self.seconds
        while self.done.total() < self.kills and time.monotonic() < give_up and not self.enough.is_set():
            time.sleep(self.chance.uniform(0.3, 1.7) * self.pause_seconds)
            self._allow_more()
            before = self.done.total()
            self._once()
            if self.done.total() > before:
                self.every_kill(self.done)
        while self._frozen:
            time.sleep(0.5)
        self.service.wait_until_up()
        self._halt.set()
        watcher.join()

    def _allow_more(self) -> None:
        completed = self.completed()
        for kind, count in PER_SESSION.items():
            more = self._allowed[kind] + count * (completed - self._completed)
            self._allowed[kind] = min(_BURST[kind], more)
        self._completed = completed

    def _once(self) -> None:
        kind = self._choose()
        if kind is None:
            return
        if kind == "postgres":
            assert self.postgres is not None
            self.postgres.kill(down_seconds=self.chance.uniform(0.0, 5.0))
            self.done[kind] += 1
            return
        if kind in ("api", "worker") and not self._works():
            return
        there = [p for p in self.service.processes("worker" if kind == "freeze" else kind) if p.pid not in self._frozen]
        if not there:
            return
        victim = self.chance.choice(there)
        with contextlib.suppress(psutil.NoSuchProcess):
            if kind == "freeze":
                self._freeze(victim)
            else:
                victim.kill()
            self.done[kind] += 1
            if kind in self._allowed:
                self._allowed[kind] -= 1
            if kind in ("api", "worker"):
                self._up_since = None

    def _works(self) -> bool:
        return self._up_since is not None and time.monotonic() - self._up_since >= _WORK_SECONDS

    def _choose(self) -> str | None:
        left = max(1, self.kills - self.done.total())
        for kind, wanted in (("postgres", self.postgres_kills), ("freeze", self.freezes)):
            if self.chance.random() < (wanted - self.done[kind]) / left:
                return kind
        allowed = {kind: count for kind, count in self._allowed.items() if count >= 1}
        return self.chance.choices(list(allowed), list(allowed.values()))[0] if allowed else None

    def _freeze(self, victim: psutil.Process) -> None:
        victim.send_signal(signal.SIGSTOP)
        self._frozen.add(victim.pid)
        timer = threading.Timer(self.freeze_seconds, self._thaw, (victim,))
        timer.daemon = True
        timer.start()

    def _thaw(self, victim: psutil.Process) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            victim.send_signal(signal.SIGCONT)
        self._frozen.discard(victim.pid)

    def _watch(self) -> None:
        """Measure each stretch of time in which `/readyz` does not answer 200: no API, no database or no worker."""
        down_since: float | None = None
        while not self._halt.is_set():
            is_up = False
            with contextlib.suppress(httpx2.TransportError):
                is_up = httpx2.get(f"{self.service.base_url}/readyz", timeout=5).is_success
            if not is_up and down_since is None:
                down_since = time.monotonic()
            elif is_up and down_since is not None:
                self.away_seconds.append(time.monotonic() - down_since)
                down_since = None
            if not is_up:
                self._up_since = None
            elif self._up_since is None:
                self._up_since = time.monotonic()
            self._halt.wait(_LOOK_SECONDS)


def spread(seconds: list[float]) -> dict[str, float]:
    """Return count, median, p90, p99 and maximum of some durations."""
    ordered = sorted(seconds)
    if not ordered:
        return {"count": 0}
    return {
        "count": len(ordered),
        "median": round(ordered[len(ordered) // 2], 1),
        "p90": round(ordered[int(0.9 * len(ordered))], 1),
        "p99": round(ordered[int(0.99 * len(ordered))], 1),
        "max": round(ordered[-1], 1),
    }
