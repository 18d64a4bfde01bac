"""A day of 12 hours with 8,000 utterances, written straight into the store: no recogniser could make it in a test."""

from __future__ import annotations

import contextlib
import json
import math
import sqlite3
import uuid
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from dayline.audio.waveform import Peaks, encode_peaks
from dayline.domain.serialization import PackedTranscript, without_words

HOURS = 12
DURATION = HOURS * 3600.0
UTTERANCES = 8_000
VISITS = 24
_LABELS = ("internal", "personal", "broadcast", "other_speech")
_TEXT = "so what I can do for you is replace both springs and the rollers today if that works and you keep the opener"
_WORDS = _TEXT.split()


def visit_times() -> list[tuple[float, float]]:
    """Start and end of every visit, in order."""
    step = DURATION / VISITS
    return [(round(i * step + 300, 3), round(i * step + 300 + 600 + 30 * (i % 7), 3)) for i in range(VISITS)]


def timeline() -> list[dict[str, Any]]:
    """Intervals without a gap: 240 of them, visits among them."""
    found: list[dict[str, Any]] = []
    at = 0.0

    def put(end: float, label: str) -> None:
        nonlocal at
        if end - at > 0.001:
            reasons = [{"about": "kind", "text": f"sounds like {label}", "at_seconds": at, "weight": 0.5}]
            found.append({"start_seconds": at, "end_seconds": end, "label": label, "reasons": reasons})
            at = end

    for number, (start, end) in enumerate(visit_times()):
        gap = (start - at) / 9
        for part in range(9):
            put(round(at + gap, 3) if part < 8 else start, "silence" if part % 2 == 0 else _LABELS[(number + part) % 4])
        put(end, "customer")
    put(DURATION, "silence")
    return found


def utterances() -> list[list[Any]]:
    """8,000 utterances of two or three voices, packed as the store packs them (times in milliseconds)."""
    step = DURATION / UTTERANCES
    packed = []
    for number in range(UTTERANCES):
        start = number * step + 0.3
        count = 3 + (number * 7) % 38
        length = min(step - 0.5, count * 0.28)
        words = [_WORDS[(number + i) % len(_WORDS)] for i in range(count)]
        ms = [round((start + i * length / count) * 1000) for i in range(count + 1)]
        speaker = "REP" if number % 2 == 0 else f"SPEAKER_{number % 3:02d}"
        spoken = [[ms[i], ms[i + 1], word, 0.9, speaker] for i, word in enumerate(words)]
        packed.append([ms[0], ms[-1], f"{number}: {' '.join(words)}.", speaker, 0.9, spoken])
    return packed


def write_stored_day(database: Path, template_id: str) -> str:
    """Copy a finished session of the same partner as a template, give it the long day's parts, return its id."""
    day_id = str(uuid.uuid4())
    with contextlib.closing(sqlite3.connect(database, timeout=30)) as connection, connection:
        connection.row_factory = sqlite3.Row
        row = dict(connection.execute("select * from session where id = ?", (template_id,)).fetchone())
        row.update(id=day_id, duration_seconds=DURATION, speech_seconds=DURATION / 2, transcribed_seconds=DURATION / 2)
        _insert(connection, "session", row)
        part = dict(connection.execute("select * from segment where session_id = ?", (template_id,)).fetchone())
        for number, (start, end) in enumerate(visit_times()):
            part.update(id=str(uuid.uuid4()), session_id=day_id, number=number, start_seconds=start, end_seconds=end)
            part.update(title=f"Springs and rollers, visit {number + 1}", status="detected", analysis_id=None)
            _insert(connection, "segment", part)
        seconds = np.arange(0, DURATION, 4.1)
        values = (np.abs(np.sin(seconds / 77)) * np.abs(np.sin(seconds / 13)) * 30000).astype(np.uint16)
        transcript: PackedTranscript = {
            "utterances": utterances(),
            "duration_seconds": DURATION,
            "start_seconds": 0.0,
            "language": "en",
            "engine": "stored",
            "is_demo_quality": False,
            "notes": {},
        }
        for name, body in (
            ("transcript", _packed(transcript)),
            ("utterances", _packed(without_words(transcript))),
            ("timeline", _packed(timeline())),
            ("peaks", encode_peaks(Peaks(4.1, values))),
        ):
            _insert(connection, "document", {"session_id": day_id, "name": name, "body": body})
    assert math.isclose(timeline()[-1]["end_seconds"], DURATION)
    return day_id


def _packed(value: Any) -> bytes:
    return zlib.compress(json.dumps(value, separators=(",", ":")).encode(), 6)


def _insert(connection: sqlite3.Connection, table: str, row: dict[str, Any]) -> None:
    columns = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join("?" for _ in row)
    connection.execute(f'insert into "{table}" ({columns}) values ({marks})', tuple(row.values()))
