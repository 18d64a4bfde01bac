"""Poison in everything that comes from outside: it is refused or cleaned, and no later read fails because of it.

    python -m bench.faults.poison

NaN, Infinity, 1e999, halves of surrogate pairs, NUL, absurd numbers, deep nesting and values of the wrong kind go into
the fields of requests, into transcripts at a partner's address, and into the answers of a speech provider and a
language model. Each clip is answered with poison first and properly at the next try; the language model answers with
poison always. Afterwards every list and every item is read and every webhook body is parsed, both strictly. Prints a
JSON report and exits with 1 when a request was answered with 5xx, something did not end, an outcome is
`internal_error`, or a body cannot be read.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx2

from bench.faults.poison_server import PoisonServer
from bench.faults.recording import visit
from bench.faults.service import Service, upload

VALUES = {
    "NaN": "NaN",
    "Infinity": "Infinity",
    "-Infinity": "-Infinity",
    "1e999": "1e999",
    "400 digits": "9" * 400,
    "1e308": "1e308",
    "negative": "-5",
    "half of a pair": r'"a \ud800 b"',
    "NUL": r'"a \u0000 b"',
    "control characters": r'"\u0001\u001b[31m\u202e"',
    "deep": "[" * 5000 + "]" * 5000,
    "deep object": '{"a":' * 60 + "1" + "}" * 60,
    "NUL as a name": r'{"\u0000": 1}',
    "half of a pair as a name": r'{"\ud83d": 1}',
    "null": "null",
    "object": "{}",
    "long text": '"' + "x" * 100_000 + '"',
}
"""Poison by name, as JSON text, or what looks like it."""

_BODIES = {
    "/v1/all-day-sessions": {
        "org_id": '"o"', "rep_id": '"r"', "recording_url": '"mock://no-conversation"', "metadata": "{}",
        "recorded_at": '"2026-01-02T03:04:05Z"', "options.min_confidence": "0.5", "options.language": '"en"',
        "options.callback_url": '"https://hooks.example.com/x"',
    },
    "/v1/analyses": {
        "org_id": '"o"', "rep_id": '"r"', "recording_url": '"mock://poor-pitch"', "metadata": "{}",
        "callback_url": '"https://hooks.example.com/x"', "options.playbook_content": '"Ask for the order."',
    },
    "/v1/orgs": {"org_id": '"o"', "name": '"O"', "pii_policy": "{}", "settings": "{}"},
    "/v1/orgs/o/reps": {"rep_id": '"r"', "name": '"R"', "metadata": "{}"},
    "/v1/orgs/o/playbooks": {"content": '"Ask for the order."', "name": '"P"', "metadata": "{}", "file_name": '"p.md"'},
    "/v1/orgs/o/prompts": {"title": '"T"', "prompt_content": '"Say why."', "order_index": "1", "description": '"d"'},
    "/v1/webhooks": {"url": '"https://hooks.example.com/x"', "name": '"W"', "enabled_events": '["*"]'},
}  # fmt: skip
"""Requests by path: a body that is accepted, its fields as JSON text. One field at a time is replaced by poison."""

_LISTS = ("/v1/all-day-sessions", "/v1/analyses", "/v1/orgs", "/v1/orgs/o/reps", "/v1/orgs/o/playbooks",
          "/v1/orgs/o/prompts", "/v1/webhooks", "/v1/search?q=the")  # fmt: skip
_PARTS = ("", "/segments", "/timeline", "/transcript", "/waveform", "/revisions", "/notes")


def main() -> int:
    """Run the campaign and print its report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=float, default=1200.0, help="seconds for all to end")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="dayline-poison-"))
    server = PoisonServer(list(VALUES.values()))
    settings = {
        "DAYLINE_ALLOW_NETWORKS": "127.0.0.1",
        "DAYLINE_ALLOW_HTTP": "true",
        "DAYLINE_REQUESTS_BURST": "100000",
        "DAYLINE_SPEECH_ENGINE": "openai",
        "DAYLINE_SPEECH_MODEL": "whisper-1",
        "DAYLINE_SPEECH_BASE_URL": f"{server.url}/v1",
        "DAYLINE_SPEECH_API_KEY": "none",
        "DAYLINE_ANALYST": "openai",
        "DAYLINE_LANGUAGE_MODEL": "poison",
        "DAYLINE_LANGUAGE_BASE_URL": f"{server.url}/v1",
        "DAYLINE_LANGUAGE_API_KEY": "none",
    }
    try:
        service = Service(folder, database_url="", workers=0, environment=settings)
        try:
            report = _run(service, server, asked.limit)
        finally:
            service.stop()
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(report, indent=2))
    return 0 if report["passed"] else 1


def _run(service: Service, server: PoisonServer, limit_seconds: float) -> dict[str, Any]:
    keys = {kind: service.make_key(kind) for kind in ("sandbox", "production", "admin")}
    for kind in ("sandbox", "production"):
        body = {"url": f"{server.url}/hook", "enabled_events": ["*"]}
        service.request("POST", "/v1/webhooks", keys[kind], body, once=f"hook-{kind}")
    answers: Counter[str] = Counter()
    with httpx2.Client(base_url=service.base_url, timeout=120) as client:
        failed = _send_bodies(client, keys["sandbox"], answers)
        transcripts = _submit_transcripts(client, keys["production"], server)
        recordings = _submit_recordings(service, keys)
        unfinished = _wait(service, limit_seconds)
        unreadable = [problem for kind in ("sandbox", "production") for problem in _read_all(client, keys[kind])]
    outcomes = _outcomes(service)
    return {
        "answers": dict(sorted(answers.items())),
        "answered_5xx": failed,
        "transcripts": transcripts,
        "recordings": recordings,
        "poison_of_speech_provider": server.speech_answers,
        "poison_of_language_model": server.language_answers,
        "outcomes": outcomes,
        "unfinished": unfinished,
        "webhook_bodies": len(server.hooks),
        "unreadable": unreadable + [f"webhook: {why}" for why in map(_problem, server.hooks) if why],
        "passed": not failed
        and not unfinished
        and not unreadable
        and not any(map(_problem, server.hooks))
        and not any("internal_error" in name for name in outcomes),
    }


def _send_bodies(client: httpx2.Client, key: str, answers: Counter[str]) -> list[str]:
    """Send every request with one field replaced by poison. Returns what was answered with 5xx."""
    failed: list[str] = []
    for path, fields in _BODIES.items():
        assert _post(client, key, path, _body(fields)) < 300, path
        for field in fields:
            for name, value in VALUES.items():
                places = (value, f'{{"a": {value}}}') if fields[field] == "{}" else (value,)
                for place in places:
                    status = _post(client, key, path, _body({**fields, field: place}))
                    answers[f"{path} {status}"] += 1
                    if status >= 500:
                        failed.append(f"{path} {field} {name}: {status}")
    return failed


def _body(fields: dict[str, str]) -> bytes:
    inner = {name.partition(".")[2]: value for name, value in fields.items() if "." in name}
    plain = {name: value for name, value in fields.items() if "." not in name}
    return _object(plain | ({"options": _object(inner)} if inner else {})).encode()


def _object(fields: dict[str, str]) -> str:
    return "{" + ", ".join(f'"{name}": {value}' for name, value in fields.items()) + "}"


def _post(client: httpx2.Client, key: str, path: str, body: bytes) -> int:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    return client.post(path, content=body, headers=headers).status_code


def _submit_transcripts(client: httpx2.Client, key: str, server: PoisonServer) -> int:
    """Submit an analysis of every poisoned transcript. Returns how many were accepted: all."""
    count = 0
    for number in range(server.transcript_count):
        fields = {"org_id": '"o"', "rep_id": '"r"', "transcript_url": f'"{server.url}/transcripts/{number}"'}
        count += _post(client, key, "/v1/analyses", _body(fields)) == 202
    return count


def _submit_recordings(service: Service, keys: dict[str, str]) -> int:
    """Submit a recording for every poisoned answer of the speech provider."""
    with contextlib.closing(sqlite3.connect(service.folder / "dayline.db", timeout=60)) as database:
        partner_id = database.execute("select id from partner where name = 'faults'").fetchone()[0]
    file_key = upload(service, keys["admin"], partner_id, "visit.wav", visit(most_seconds=16.0))
    for number in range(len(VALUES)):
        body = {"org_id": "o", "rep_id": "r", "file_key": file_key}
        service.request("POST", "/v1/analyses", keys["production"], body, once=f"recording-{number}")
    return len(VALUES)


def _rows(service: Service, query: str) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(service.folder / "dayline.db", timeout=60)) as database:
        return database.execute(query).fetchall()


def _wait(service: Service, limit_seconds: float) -> int:
    """Wait until everything has ended and was delivered. Returns how much had not."""
    query = (
        "select (select count(*) from session where status not in ('completed', 'failed')) "
        "+ (select count(*) from analysis where status in ('queued', 'processing')) "
        "+ (select count(*) from event where relayed_at is null) "
        "+ (select count(*) from delivery where status = 'pending' and url like '%/hook')"
    )
    give_up = time.monotonic() + limit_seconds
    while (left := int(_rows(service, query)[0][0])) and time.monotonic() < give_up:
        time.sleep(1)
    return left


def _outcomes(service: Service) -> dict[str, int]:
    """Return how many sessions and analyses ended how, failures by their code."""
    found: Counter[str] = Counter()
    for table in ("session", "analysis"):
        for status, error in _rows(service, f"select status, error from {table}"):
            code = json.loads(error)["code"] if error and error != "null" else ""
            found[f"{table} {status} {code}".strip()] += 1
    return dict(sorted(found.items()))


def _read_all(client: httpx2.Client, key: str) -> list[str]:
    """Read every page of every list and every item. Returns what could not be read."""
    problems: list[str] = []
    for path in _LISTS:
        cursor = ""
        while True:
            sign = "&" if "?" in path else "?"
            page = _read(client, key, f"{path}{sign}limit=100{cursor}", problems)
            if page is None:
                break
            for row in page["data"]:
                if path.endswith("all-day-sessions"):
                    for part in _PARTS:
                        _read(client, key, f"{path}/{row['id']}{part}", problems)
                elif path.endswith(("analyses", "webhooks", "playbooks")):
                    _read(client, key, f"{path}/{row['id']}", problems)
            if not page.get("next_cursor"):
                break
            cursor = f"&cursor={page['next_cursor']}"
    return problems


def _read(client: httpx2.Client, key: str, path: str, problems: list[str]) -> Any:
    """Return the parsed answer; None where there is nothing to read, or it cannot be read."""
    answer = client.get(path, headers={"Authorization": f"Bearer {key}"})
    if answer.status_code in (404, 409):
        return None
    problem = f"answered {answer.status_code}" if answer.status_code != 200 else _problem(answer.content)
    if problem:
        problems.append(f"{path}: {problem}")
        return None
    return answer.json()


def _problem(body: bytes) -> str | None:
    """Return why a strict reader of JSON refuses a body, or what poison it holds."""
    try:
        text = json.dumps(json.loads(body, parse_constant=_refuse), ensure_ascii=False, allow_nan=False)
        text.encode()
    except ValueError as error:
        return str(error)[:200]
    return "NUL" if "\\u0000" in text else None


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


if __name__ == "__main__":
    sys.exit(main())
