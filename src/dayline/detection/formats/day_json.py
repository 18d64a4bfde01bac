"""A detected day as JSON: conversations and timeline, each with its reasons."""

from __future__ import annotations

import json
from pathlib import Path

from dayline.domain.json_types import JsonObject
from dayline.domain.serialization import conversation_json, timeline_json
from dayline.domain.timeline import Day


def day_to_json(day: Day) -> JsonObject:
    """Return a day as plain JSON values; times are seconds of the recording."""
    return {
        "conversations": [conversation_json(c) for c in day.conversations],
        "timeline": timeline_json(day.timeline),
    }


def write_day(day: Day, path: str | Path) -> None:
    """Write a day as a JSON file."""
    Path(path).write_text(json.dumps(day_to_json(day), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
