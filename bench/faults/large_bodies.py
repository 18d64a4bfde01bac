"""Whether `/healthz` answers while large requests are read: its latency alone and beside 20 requests of 4 MiB.

    python -m bench.faults.large_bodies --requests 20 --megabytes 4 --rounds 3

Starts the service on SQLite, with nothing else to do. The bodies are costly ones: a `metadata` of a million empty
lists. Prints a JSON report with latencies in milliseconds and how the large requests were answered.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2

from bench.faults.service import Service

_BEFORE = b'{"org_id":"o","rep_id":"r","recording_url":"mock://single-call","metadata":{"a":['
_AFTER = b"[]]}}"
_ITEM = b"[],"


def main() -> None:
    """Measure and print a JSON report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=20)
    parser.add_argument("--megabytes", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="dayline-bodies-"))
    service = Service(folder, database_url="", workers=0, environment={})
    try:
        key = service.make_key("sandbox")
        size = int(asked.megabytes * 1024 * 1024) - len(_BEFORE) - len(_AFTER)
        body = _BEFORE + _ITEM * (size // len(_ITEM)) + _AFTER
        alone = _health(service, _Until(seconds=10))
        beside: list[float] = []
        answers: Counter[str] = Counter()
        for _ in range(asked.rounds):
            until = _Until()
            with ThreadPoolExecutor(asked.requests + 1) as pool:
                watching = pool.submit(_health, service, until)
                sent = [pool.submit(_send, service, key, body) for _ in range(asked.requests)]
                answers.update(future.result() for future in sent)
                until.set()
                beside += watching.result()
    finally:
        service.stop()
        shutil.rmtree(folder, ignore_errors=True)
    report = {"body_bytes": len(body), "answers": dict(answers)}
    print(json.dumps({**report, "alone_ms": _spread(alone), "beside_ms": _spread(beside)}, indent=2))


class _Until(threading.Event):
    """Set by its owner, or after some seconds."""

    def __init__(self, *, seconds: float | None = None) -> None:
        super().__init__()
        if seconds is not None:
            timer = threading.Timer(seconds, self.set)
            timer.daemon = True
            timer.start()


def _health(service: Service, until: threading.Event) -> list[float]:
    """Return latencies of `/healthz` in seconds, twenty a second. An answer that does not come counts 60 s."""
    found: list[float] = []
    with httpx2.Client(timeout=60) as client:
        while not until.is_set():
            began = time.monotonic()
            try:
                client.get(f"{service.base_url}/healthz").raise_for_status()
                found.append(time.monotonic() - began)
            except httpx2.HTTPError:
                found.append(60.0)
            until.wait(0.05)
    return found


def _send(service: Service, key: str, body: bytes) -> str:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    try:
        return str(
            httpx2.post(
                f"{service.base_url}/v1/all-day-sessions", content=body, headers=headers, timeout=200
            ).status_code
        )
    except httpx2.HTTPError as error:
        return type(error).__name__


def _spread(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    at = {"median": 0.5, "p90": 0.9, "p99": 0.99}
    found = {
        name: round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1) for name, share in at.items()
    }
    return {"count": len(ordered), **found, "max": round(1000 * ordered[-1], 1)}


if __name__ == "__main__":
    main()
