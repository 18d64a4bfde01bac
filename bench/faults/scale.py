"""Ten thousand finished days: how large the database is, how fast days are listed and read, how long removal takes.

    python -m bench.faults.scale --sessions 10000

One scripted day with three conversations is worked on by the service and its rows are copied under new ids, each a
minute older than the one before. On SQLite in a temporary folder. Prints a JSON report; latencies in milliseconds are
those of one client over HTTP.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import sqlite3
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import sqlalchemy as sa

from bench.faults.service import Service
from dayline.clock import now
from dayline.db import tables
from dayline.settings import Settings
from dayline.store import open_store
from dayline.workflows import retention, retention_repository

_COPIED = (
    tables.session,
    tables.chunk,
    tables.document,
    tables.segment,
    tables.analysis,
    tables.event,
    tables.search_entry,
)
_IDS = {
    "session": ("id",),
    "chunk": ("session_id",),
    "document": ("session_id",),
    "segment": ("id", "session_id", "analysis_id"),
    "analysis": ("id", "parent_session_id", "segment_id"),
    "event": ("id", "session_id", "analysis_id"),
    "search_entry": ("session_id", "segment_id"),
}
_NUMBERED = ("event", "search_entry")
_MOMENTS = ("recorded_at", "created_at", "completed_at", "started_at", "updated_at")
_SAMPLES = 30
_REMOVED = 20


def main() -> None:
    """Measure and print a JSON report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=10_000)
    parser.add_argument("--expired", type=int, default=1000, help="days that retention has to clean")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="dayline-scale-"))
    try:
        report = _run(folder, asked.sessions, asked.expired)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(report, indent=2))


def _run(folder: Path, count: int, expired: int) -> dict[str, Any]:
    service = Service(folder, database_url="", workers=0, environment={})
    key = service.make_key("sandbox")
    body = {"org_id": "o", "rep_id": "r", "recording_url": "mock://three-conversations"}
    session_id = service.request("POST", "/v1/all-day-sessions", key, body, once="day")["id"]
    while service.request("GET", f"/v1/all-day-sessions/{session_id}", key)["status"] != "completed":
        time.sleep(0.5)
    service.stop()
    empty_bytes = _bytes(folder)
    _copy(folder, session_id, count - 1)
    full_bytes = _bytes(folder)
    service = Service(folder, database_url="", workers=0, environment={})
    try:
        with httpx2.Client(
            base_url=service.base_url, headers={"Authorization": f"Bearer {key}"}, timeout=120
        ) as client:
            report = {
                "sessions": count,
                "database_bytes": full_bytes,
                "bytes_per_day": round((full_bytes - empty_bytes) / (count - 1)),
                "latency_ms": _latencies(client, session_id),
                "delete_ms": _delete_some(client),
            }
    finally:
        service.stop()
    retained = {"expired_days": expired, "retention_seconds": _retention(folder, expired)}
    return {**report, **retained, "database_bytes_afterwards": _bytes(folder)}


def _bytes(folder: Path) -> int:
    with contextlib.closing(sqlite3.connect(folder / "dayline.db", timeout=60)) as database:
        database.execute("pragma wal_checkpoint(truncate)")
    return (folder / "dayline.db").stat().st_size


def _copy(folder: Path, session_id: str, count: int) -> None:
    """Copy the rows of a session `count` times under new ids."""
    with contextlib.closing(sqlite3.connect(folder / "dayline.db", timeout=60)) as database:
        database.execute("create temporary table numbers (n integer primary key)")
        database.executemany("insert into numbers values (?)", [(n,) for n in range(1, count + 1)])
        for table in _COPIED:
            names = [column.name for column in table.columns if column.name != "number" or table.name not in _NUMBERED]
            owner = {"session": "id", "analysis": "parent_session_id"}.get(table.name, "session_id")
            database.execute(
                f"insert into {table.name} ({', '.join(map(_quoted, names))}) "
                f"select {', '.join(_copied(table.name, name) for name in names)} from {table.name}, numbers "
                f"where {owner} = ?",
                (session_id,),
            )
        database.commit()
        database.execute("analyze")
        database.commit()


def _quoted(name: str) -> str:
    return f'"{name}"'


def _copied(table: str, name: str) -> str:
    column = f"{table}.{_quoted(name)}"
    if name in _IDS[table]:
        return f"case when {column} is null then null else substr({column}, 1, 28) || '-' || printf('%07d', n) end"
    if name in _MOMENTS:
        return f"strftime('%Y-%m-%d %H:%M:%f', {column}, '-' || n || ' minutes') || '000'"
    return column


def _latencies(client: httpx2.Client, session_id: str) -> dict[str, dict[str, float]]:
    paths = {
        "list of 20": "/v1/all-day-sessions",
        "list of 100": "/v1/all-day-sessions?limit=100",
        "list of failed": "/v1/all-day-sessions?status=failed",
        "list of another org": "/v1/all-day-sessions?org_id=nobody",
        "list of 100 as summary": "/v1/all-day-sessions?limit=100&view=summary",
        "get": f"/v1/all-day-sessions/{session_id}",
        "transcript": f"/v1/all-day-sessions/{session_id}/transcript",
        "analyses of 100": "/v1/analyses?limit=100",
        "analyses with min_score": "/v1/analyses?min_score=99&limit=100",
    }
    found: dict[str, dict[str, float]] = {}
    for name, path in paths.items():
        client.get(path).raise_for_status()
        found[name] = _spread([_timed(client, "GET", path) for _ in range(_SAMPLES)])
    found["page 50 of 100"] = _spread([_timed(client, "GET", _far_page(client)) for _ in range(5)])
    return found


def _far_page(client: httpx2.Client) -> str:
    path = "/v1/all-day-sessions?limit=100"
    cursor = ""
    for _ in range(49):
        page = client.get(path + cursor).json()
        if not page["next_cursor"]:
            break
        cursor = f"&cursor={page['next_cursor']}"
    return path + cursor


def _delete_some(client: httpx2.Client) -> dict[str, float]:
    ids = [row["id"] for row in client.get(f"/v1/all-day-sessions?limit={_REMOVED}").json()["data"]]
    return _spread([_timed(client, "DELETE", f"/v1/all-day-sessions/{id}") for id in ids])


def _timed(client: httpx2.Client, method: str, path: str) -> float:
    began = time.monotonic()
    client.request(method, path).raise_for_status()
    return time.monotonic() - began


def _retention(folder: Path, count: int) -> float:
    """Return how long it takes to delete transcripts and results of some days, as the hourly retention does it."""
    database = open_store(Settings(data_folder=folder))
    with database.write() as tx:
        policy = {"retain_transcript_days": 1, "retain_analysis_days": 1}
        tx.run(sa.update(tables.org).values(pii_policy=policy))
        of_session, of_analysis = tables.session.c, tables.analysis.c
        expired = sa.select(of_session.id).order_by(of_session.created_at).limit(count)
        long_ago = now() - timedelta(days=30)
        recent = now()
        for table, owner in ((tables.session, of_session.id), (tables.analysis, of_analysis.parent_session_id)):
            tx.run(sa.update(table).values(completed_at=sa.case((owner.in_(expired), long_ago), else_=recent)))
    began = time.monotonic()
    retention.carry_out_retention(database)
    took = time.monotonic() - began
    with database.read() as tx:
        assert retention_repository.policies(tx)
    database.close()
    return round(took, 1)


def _spread(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(1000 * s for s in seconds)
    last = len(ordered) - 1
    found = {"median": ordered[len(ordered) // 2], "p95": ordered[min(last, int(0.95 * last))], "max": ordered[last]}
    return {name: round(value, 1) for name, value in found.items()}


if __name__ == "__main__":
    main()
