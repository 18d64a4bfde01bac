"""What must be true of a database after a campaign, whatever was killed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

Rows = Callable[[str], list[tuple[Any, ...]]]

_NONE_MAY_EXIST = {
    "sessions that have not ended": "select id from session where status not in ('completed', 'failed')",
    "analyses that have not ended": "select id from analysis where status in ('queued', 'processing')",
    "chunks that still wait": "select session_id from chunk where status = 'pending'",
    "segments twice": "select session_id, number from segment group by session_id, number having count(*) > 1",
    "analyses twice": (
        "select segment_id from analysis where is_current and segment_id is not null group by segment_id "
        "having count(*) > 1"
    ),
    "segments without their analysis": (
        "select s.id from segment s left join analysis a on a.id = s.analysis_id "
        "where s.status = 'analyzed' and (a.id is null or a.status <> 'completed')"
    ),
    "segments that wait in a completed session": (
        "select s.id from segment s join session d on d.id = s.session_id "
        "where d.status = 'completed' and s.status in ('detected', 'analyzing')"
    ),
    "analyses that their segment does not name": (
        "select a.id from analysis a join segment s on s.id = a.segment_id "
        "where a.is_current and (s.analysis_id is null or s.analysis_id <> a.id)"
    ),
    "completed sessions without their event": (
        "select s.id from session s where s.kind = 'day' and s.status = 'completed' "
        "and not exists (select 1 from event e where e.session_id = s.id and e.type = 'all_day_session.completed')"
    ),
    "events twice": (
        "select session_id, type from event where session_id is not null and analysis_id is null "
        "group by session_id, type having count(*) > 1"
    ),
    "sessions of ended calls": "select id from session where kind = 'call'",
}


def broken_rules(rows: Rows) -> dict[str, int]:
    """Return how often each rule is broken; empty when none is."""
    counts = {name: len(rows(query)) for name, query in _NONE_MAY_EXIST.items()}
    return {name: count for name, count in counts.items() if count}


def outcomes(rows: Rows) -> dict[str, int]:
    """Return how many sessions ended how, failures by their code."""
    counted: Counter[str] = Counter()
    for status, error in rows("select status, error from session where kind = 'day'"):
        text = str(error or "")
        code = text.split("'code': '")[-1].split("'")[0] if "'code'" in text else text[:80]
        counted[status if status == "completed" else f"{status}: {code}"] += 1
    return dict(counted)


def recoveries(rows: Rows) -> list[float]:
    """Return how many seconds each completed session took from its submission to its end."""
    moments = rows("select created_at, completed_at from session where kind = 'day' and status = 'completed'")
    return [(_moment(end) - _moment(start)).total_seconds() for start, end in moments]


def _moment(value: datetime | str) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def chunks_transcribed_twice(lines: list[dict[str, Any]]) -> int:
    """Return how many chunks were stored more than once, by the log."""
    seen = Counter((x["session_id"], x["chunk"]) for x in lines if x.get("event") == "chunk_transcribed")
    return sum(1 for count in seen.values() if count > 1)
