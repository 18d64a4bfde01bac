"""Whether any address of a stranger makes the service connect to this machine or a private network.

    python -m bench.faults.addresses

A canary listens on every address of this machine. About a hundred spellings of private, local, mapped and translated
addresses go into each field that takes an address: `recording_url` of a day, `recording_url` and `transcript_url` of an
analysis, `callback_url`, the `url` of a webhook. What is accepted is worked on until it has ended or been delivered.
127.0.0.2 alone is opened by the operator and redirects to the canary. Prints a JSON report and exits with 1 when the
canary was reached, or when a field took no address at all, so that nothing was tried through it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import socket
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2

from bench.faults.service import Service

_HOSTS = (
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001",
    "127.0.0.1.", "127.000.000.001", "127.0.0.01", "127.255.255.254", "0.0.0.0", "0", "0x0", "localhost", "LOCALHOST",
    "localhost.", "localhost.localdomain", "ip6-localhost", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[::127.0.0.1]", "[::ffff:0:127.0.0.1]", "[64:ff9b::127.0.0.1]",
    "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2002:7f00:0001::1]", "[2001::7f00:1]",
    "[2001:0:7f00:1::]", "[2001:db8::1]", "[fe80::1]", "[fe80::1%25lo]", "[fc00::1]", "[fd00::1]", "[fec0::1]",
    "[ff02::1]", "[5f00::1]", "[3fff::1]", "[2606:4700::5efe:127.0.0.1]", "[2606:4700::200:5efe:127.0.0.1]",
    "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.254", "192.168.0.1", "192.168.1.1", "169.254.169.254",
    "169.254.0.1", "100.64.0.1", "100.127.255.254", "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.1",
    "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "metadata.google.internal",
    "metadata", "instance-data", "kubernetes.default.svc", "ⓛocalhost", "ｌｏｃａｌｈｏｓｔ", "127。0。0。1",
    "①②⑦.⓪.⓪.①",
    "127.0.0.1%00", "127.0.0.1%2e", "127.0.0.1%09", "user@127.0.0.1", "example.com@127.0.0.1", "127.0.0.1#@example.com",
    "127.0.0.1?.example.com", "127.0.0.1\\@example.com", "127.0.0.1.nip.io", "localtest.me", "[::ffff:a00:1]",
    "[::ffff:192.168.0.1]", "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]", "[2002:a9fe:a9fe::]", "0xa9fea9fe",
    "2852039166", "0251.0376.0251.0376", "127.0.0.3", "127.8.9.10", "[::2]",
)  # fmt: skip
"""Hosts. Those that need a name server are refused because they do not resolve, or judged by what they resolve to."""

_OPEN = "127.0.0.2"
_FIELDS = ("day", "call", "transcript", "callback", "webhook")
_SANDBOX_CALLBACK = "callback of a sandbox day"


class Canary:
    """Listens on every local address and counts who comes. As the open address it redirects to itself."""

    def __init__(self) -> None:
        self.hits: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer()

            def do_HEAD(self) -> None:
                self._answer()

            def do_POST(self) -> None:
                self._answer()

            def _answer(self) -> None:
                local = self.connection.getsockname()[0].removeprefix("::ffff:")
                if local == _OPEN:
                    self.send_response(302)
                    host = self.path.partition("/to/")[2] or "127.0.0.1"
                    self.send_header("Location", f"http://{host}:{outer.port}/redirected")
                else:
                    outer.hits.append(f"{local} {self.path}")
                    self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            address_family = socket.AF_INET6
            daemon_threads = True

            def server_bind(self) -> None:
                self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
                super().server_bind()

        self._server = Server(("::", 0), Handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()


def main() -> int:
    """Try every address in every field and print a JSON report."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    folder = Path(tempfile.mkdtemp(prefix="dayline-addresses-"))
    canary = Canary()
    settings = {"DAYLINE_ALLOW_NETWORKS": _OPEN, "DAYLINE_ALLOW_HTTP": "true", "DAYLINE_WEBHOOK_DELAYS_SECONDS": "0.1"}
    service = Service(folder, database_url="", workers=0, environment=settings)
    try:
        report = _try(service, canary)
    finally:
        service.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(report, indent=2, ensure_ascii=False))
    return 1 if report["canary_reached"] or report["fields_without_any_accepted"] else 0


def _try(service: Service, canary: Canary) -> dict[str, Any]:
    key = service.make_key("production")
    urls = [f"http://{host}:{canary.port}/x" for host in _HOSTS]
    urls += [f"http://{_OPEN}:{canary.port}/to/{host}" for host in _HOSTS[:24]]
    answers: Counter[str] = Counter()
    for url in urls:
        for field in _FIELDS:
            answers[f"{field} {_send(service, key, field, url)}"] += 1
    # One scripted event, so that callbacks and webhooks that were accepted are tried.
    sandbox = service.make_key("sandbox")
    for url in urls:
        body = {
            "org_id": "o",
            "rep_id": "r",
            "recording_url": "mock://failing-recording",
            "options": {"callback_url": url},
        }
        answers[f"{_SANDBOX_CALLBACK} {_post(service, sandbox, '/v1/all-day-sessions', body)}"] += 1
    unfinished = _wait_until_quiet(service)
    accepted = {name.rsplit(" ", 1)[0] for name in answers if name.rsplit(" ", 1)[1] in ("201", "202")}
    return {
        "addresses": len(urls),
        "fields_without_any_accepted": sorted({*_FIELDS, _SANDBOX_CALLBACK} - accepted),
        "answers": dict(sorted(answers.items())),
        "outcomes": _outcomes(service),
        "unfinished": unfinished,
        "canary_reached": sorted(set(canary.hits)),
    }


def _send(service: Service, key: str, field: str, url: str) -> str:
    ids = {"org_id": "o", "rep_id": "r"}
    match field:
        case "day":
            return _post(service, key, "/v1/all-day-sessions", {**ids, "recording_url": url})
        case "call":
            return _post(service, key, "/v1/analyses", {**ids, "recording_url": url})
        case "transcript":
            return _post(service, key, "/v1/analyses", {**ids, "transcript_url": url})
        case "callback":
            body = {**ids, "recording_url": f"http://{_OPEN}:1/none", "options": {"callback_url": url}}
            return _post(service, key, "/v1/all-day-sessions", body)
        case _:
            return _try_webhook(service, key, url)


def _try_webhook(service: Service, key: str, url: str) -> str:
    """Register an endpoint, send it a test event, and delete it when that was tried."""
    body = {"url": url, "enabled_events": ["analysis.completed"]}
    headers = {"Authorization": f"Bearer {key}"}
    made = httpx2.post(f"{service.base_url}/v1/webhooks", json=body, headers=headers, timeout=120)
    if made.status_code == 201:
        path = f"{service.base_url}/v1/webhooks/{made.json()['id']}"
        httpx2.post(f"{path}/test", headers=headers, timeout=120).raise_for_status()
        give_up = time.monotonic() + 120
        while time.monotonic() < give_up:
            found = httpx2.get(f"{path}/deliveries", headers=headers, timeout=120).json()["data"]
            if found and found[0]["status"] != "pending":
                break
            time.sleep(0.1)
        httpx2.delete(path, headers=headers, timeout=120).raise_for_status()
    return str(made.status_code)


def _post(service: Service, key: str, path: str, body: dict[str, Any]) -> str:
    answer = httpx2.post(
        f"{service.base_url}{path}", json=body, headers={"Authorization": f"Bearer {key}"}, timeout=120
    )
    return str(answer.status_code)


def _rows(service: Service, query: str) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(service.folder / "dayline.db", timeout=60)) as database:
        return database.execute(query).fetchall()


def _wait_until_quiet(service: Service, *, seconds: float = 600.0) -> int:
    """Wait until everything has ended. Returns how much had not."""
    query = (
        "select (select count(*) from session where status not in ('completed', 'failed')) "
        "+ (select count(*) from event where relayed_at is null) "
        "+ (select count(*) from delivery where status = 'pending')"
    )
    give_up = time.monotonic() + seconds
    left = 1
    while left and time.monotonic() < give_up:
        time.sleep(1)
        left = int(_rows(service, query)[0][0])
    return left


def _outcomes(service: Service) -> dict[str, int]:
    found = dict(_rows(service, "select 'session ' || status, count(*) from session group by 1"))
    found |= dict(_rows(service, "select 'analysis ' || status, count(*) from analysis group by 1"))
    return found | dict(_rows(service, "select 'delivery ' || status, count(*) from delivery group by 1"))


if __name__ == "__main__":
    sys.exit(main())
