"""Send requests to one address from a fixed number of threads and record the latencies."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

PATH = "/v1/all-day-sessions"
LIST_ORG = "bench-list"


@dataclass(frozen=True, slots=True)
class Request:
    """One request to send."""

    method: str
    path: str
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(slots=True)
class Figures:
    """What was seen: seconds per request, and how long the threads pressed."""

    latencies_seconds: list[float] = field(default_factory=list[float])
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0

    @property
    def per_second(self) -> float:
        """Requests answered per second."""
        return len(self.latencies_seconds) / self.wall_seconds if self.wall_seconds else 0.0

    @property
    def cpu_ms(self) -> float:
        """Processor time of the server per request, in milliseconds."""
        return self.cpu_seconds / max(1, len(self.latencies_seconds)) * 1000

    def percentile_ms(self, share: float) -> float:
        """Return a percentile of the latencies, in milliseconds."""
        ordered = sorted(self.latencies_seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000

    def add(self, other: Figures) -> None:
        """Take another round's figures in."""
        self.latencies_seconds += other.latencies_seconds
        self.wall_seconds += other.wall_seconds
        self.cpu_seconds += other.cpu_seconds


def press(base_url: str, key: str, make: Callable[[], Request], *, threads: int, seconds: float) -> Figures:
    """Send requests one after another on each thread for `seconds`. Raises RuntimeError for a failing answer."""
    figures, failures, gate = Figures(), list[str](), threading.Barrier(threads + 1)
    lock = threading.Lock()

    def work() -> None:
        connection = http.client.HTTPConnection(urlsplit(base_url).netloc, timeout=60)
        fixed = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        own: list[float] = []
        gate.wait()
        until = time.perf_counter() + seconds
        while (began := time.perf_counter()) < until and not failures:
            wanted = make()
            try:
                connection.request(wanted.method, wanted.path, wanted.body, {**fixed, **wanted.headers})
                answer = connection.getresponse()
                text = answer.read()
            except (OSError, http.client.HTTPException) as error:
                failures.append(repr(error))
                return
            if answer.status >= 300:
                failures.append(f"{answer.status} {text[:300]!r}")
                return
            own.append(time.perf_counter() - began)
        connection.close()
        with lock:
            figures.latencies_seconds += own

    workers = [threading.Thread(target=work, daemon=True) for _ in range(threads)]
    for worker in workers:
        worker.start()
    gate.wait()
    began = time.perf_counter()
    for worker in workers:
        worker.join()
    figures.wall_seconds = time.perf_counter() - began
    if failures:
        raise RuntimeError(f"{base_url}: {failures[0]}")
    return figures


def requests_of(known_ids: list[str]) -> dict[str, Callable[[], Request]]:
    """Return what makes the requests of each operation. `known_ids` are sessions that can be read."""
    body = json.dumps(submission("bench")).encode()

    def once() -> Request:
        return Request("POST", PATH, body, {"Idempotency-Key": str(uuid.uuid4())})

    return {
        "submit": lambda: Request("POST", PATH, body),
        "submit once": once,
        "get": lambda: Request("GET", f"{PATH}/{random.choice(known_ids)}"),
        "list": lambda: Request("GET", f"{PATH}?limit=20&org_id={LIST_ORG}"),
    }


def submission(org_id: str) -> dict[str, Any]:
    """Return the body of a submission of ordinary size."""
    return {
        "org_id": org_id,
        "rep_id": "rep-17",
        "recording_url": "https://recordings.example.com/2026-11-22/rep-17.m4a",
        "options": {"min_confidence": 0.8, "language": "en"},
        "metadata": {"shift": "morning", "device": "badge-204"},
    }
