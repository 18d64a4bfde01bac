"""A detected day as JSON: conversations and timeline, each with its reasons."""

from __future__ import annotations

import json
from pathlib import Path

from dayline.domain.json_types import JsonObject
from dayline.domain.serialization import reasons_json, timeline_json
from dayline.domain.timeline import Day


def day_to_json(day: Day) -> JsonObject:
    """Return a day as plain JSON values; times are seconds of the recording."""
    return {
        "conversations": [
            {
                "start_seconds": round(c.start_seconds, 3),
                "end_seconds": round(c.end_seconds, 3),
                "kind": c.kind,
                "confidence": round(c.confidence, 4),
                "reasons": reasons_json(c.reasons),
            }
            for c in day.conversations
        ],
        "timeline": timeline_json(day.timeline),
    }


def write_day(day: Day, path: str | Path) -> None:
    """Write a day as a JSON file."""
    Path(path).write_text(json.dumps(day_to_json(day), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
