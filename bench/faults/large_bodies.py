"""Whether `/healthz` answers while large requests are read: its latency alone and beside 20 requests of 4 MiB.

    python -m bench.faults.large_bodies --requests 20 --megabytes 4 --seconds 15

Starts the service on SQLite, with nothing else to do, and a bare FastAPI application that receives no large bodies.
One process sends, another measures both servers in turn, so that the bare server shows what the machine itself adds.
Two kinds of bodies: `refused` (a `metadata` of a million empty lists, the costliest to refuse) and `parsed` (the most
values that are accepted, in strings of escapes). Prints a JSON report with latencies in milliseconds and how the large
requests were answered.
"""

from __future__ import annotations

import argparse
import http.client
import json
import multiprocessing
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from bench.faults.service import Service

_BEFORE = b'{"org_id":"o","rep_id":"r","recording_url":"mock://single-call","metadata":{"a":['
_AFTER = b"]}}"
_EVERY_SECONDS = 0.02
_VALUES = 19_900


def main() -> None:
    """Measure and print a JSON report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=20, help="large requests under way at any time")
    parser.add_argument("--megabytes", type=float, default=4.0)
    parser.add_argument("--seconds", type=float, default=15.0, help="length of each measurement")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="dayline-bodies-"))
    service = Service(folder, database_url="", workers=0, environment={})
    bare = _start_bare(folder)
    try:
        key = service.make_key("sandbox")
        urls = {"service": f"{service.base_url}/healthz", "bare": f"{bare[1]}/v1/all-day-sessions"}
        api = _api_process(service)
        report: dict[str, object] = {"load_before": psutil.getloadavg()[0]}
        with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
            report["alone"] = _spreads(pool.submit(_watch, urls, asked.seconds).result())
            for kind in ("refused", "parsed"):
                body = _body(kind, int(asked.megabytes * 1024 * 1024))
                cpu = sum(api.cpu_times()[:2])
                watching = pool.submit(_watch, urls, asked.seconds)
                sending = pool.submit(_send_all, service.base_url, key, body, asked.requests, asked.seconds)
                answers = sending.result()
                cpu = sum(api.cpu_times()[:2]) - cpu
                report[kind] = {
                    "body_bytes": len(body),
                    "answers": answers,
                    "api_cpu_ms_per_request": round(1000 * cpu / max(1, sum(answers.values())), 1),
                    **_spreads(watching.result()),
                }
        report["load_after"] = psutil.getloadavg()[0]
    finally:
        bare[0].terminate()
        bare[0].wait()
        service.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(report, indent=2))


def _start_bare(folder: Path) -> tuple[subprocess.Popen[str], str]:
    payloads = folder / "payloads.json"
    payloads.write_text(json.dumps({"submit": {}, "get": {}, "list": {"status": "ok"}}))
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.api.bare", str(payloads)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, process.stdout.readline().split()[-1]


def _api_process(service: Service) -> psutil.Process:
    port = int(service.environment["DAYLINE_PORT"])
    for process in psutil.Process().children(recursive=True):
        if any(c.laddr.port == port and c.status == psutil.CONN_LISTEN for c in process.net_connections("tcp")):
            return process
    raise RuntimeError("the API process was not found")


def _body(kind: str, size_bytes: int) -> bytes:
    room = size_bytes - len(_BEFORE) - len(_AFTER)
    text = rb"\u00e9" * ((room // _VALUES - 3) // 6)
    item = b"[]" if kind == "refused" else b'"' + text + b'"'
    return _BEFORE + b",".join([item] * (room // (len(item) + 1))) + _AFTER


def _watch(urls: dict[str, str], seconds: float) -> dict[str, list[float]]:
    """Return latencies in seconds, each server in turn. An answer that does not come counts 60 s."""
    found: dict[str, list[float]] = {name: [] for name in urls}
    places = {name: urlsplit(url) for name, url in urls.items()}
    held = {name: http.client.HTTPConnection(place.netloc, timeout=60) for name, place in places.items()}
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for name, place in places.items():
            began = time.monotonic()
            try:
                held[name].request("GET", place.path)
                held[name].getresponse().read()
                found[name].append(time.monotonic() - began)
            except (OSError, http.client.HTTPException):
                held[name].close()
                found[name].append(60.0)
            time.sleep(_EVERY_SECONDS)
    return found


def _send_all(base_url: str, key: str, body: bytes, at_once: int, seconds: float) -> dict[str, int]:
    """Keep `at_once` requests under way and return how they were answered."""
    until = time.monotonic() + seconds
    answers: Counter[str] = Counter()
    with ThreadPoolExecutor(at_once) as pool:
        for sent in [pool.submit(_send, base_url, key, body, until) for _ in range(at_once)]:
            answers.update(sent.result())
    return dict(answers)


def _send(base_url: str, key: str, body: bytes, until: float) -> list[str]:
    found: list[str] = []
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    while time.monotonic() < until:
        connection = http.client.HTTPConnection(urlsplit(base_url).netloc, timeout=200)
        try:
            connection.request("POST", "/v1/all-day-sessions", body, headers)
            found.append(str(connection.getresponse().status))
        except (OSError, http.client.HTTPException) as error:
            found.append(type(error).__name__)
        finally:
            connection.close()
    return found


def _spreads(found: dict[str, list[float]]) -> dict[str, dict[str, float]]:
    return {name: _spread(seconds) for name, seconds in found.items()}


def _spread(seconds: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    at = {"median": cuts[49], "p90": cuts[89], "p99": cuts[98], "max": max(seconds)}
    return {"count": len(seconds), **{name: round(1000 * value, 1) for name, value in at.items()}}


if __name__ == "__main__":
    main()
