"""Recordings that beep at known seconds, and words, a conversation and an analysis to go with one."""

from __future__ import annotations

import contextlib
import io
import json
import sqlite3
import uuid
import zlib
from pathlib import Path
from typing import Any

import av
import numpy as np

from dayline.domain.serialization import PackedTranscript, without_words

SECONDS = 120
RATE = 16_000
BEEP_EVERY_SECONDS = 10
LINE_SECONDS = 2.0
CONVERSATION = (10.0, 110.0)
QUOTE = (30.2, 33.8)
LINES = int(SECONDS / LINE_SECONDS)
# Container, encoder, options: mp3 with a variable bit rate is what browsers seek in least exactly.
FORMATS: dict[str, tuple[str, str, dict[str, str]]] = {
    "mp3": ("mp3", "libmp3lame", {"q": "7"}),
    "m4a": ("ipod", "aac", {"b": "32000"}),
    "opus": ("ogg", "libopus", {"b": "24000"}),
    "wav": ("wav", "pcm_u8", {}),
}
TYPES = {"mp3": "audio/mpeg", "m4a": "audio/mp4", "opus": "audio/ogg", "wav": "audio/wav"}


def beeping(seconds: int = SECONDS) -> np.ndarray:
    """Noise as of a quiet room, with a beep of 0.3 s at the start of every ten seconds, at 16 kHz."""
    at = np.arange(seconds * RATE) / RATE
    # The noise keeps encoders with a variable bit rate from spending nothing on what lies between.
    noise = np.random.default_rng(7).normal(0, 0.004, at.size) * (1 + (at % 20 > 10) * 4)
    return noise + np.sin(2 * np.pi * 880 * at) * (at % BEEP_EVERY_SECONDS < 0.3) * 0.6


def encoded(samples: np.ndarray, kind: str) -> bytes:
    """Encode mono samples between -1 and 1 at 16 kHz."""
    container, codec, options = FORMATS[kind]
    rate = 8000 if kind == "wav" else 48_000 if kind == "opus" else RATE
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate, options=options)
        assert isinstance(stream, av.AudioStream)
        stream.layout = "mono"
        resampler = av.AudioResampler(format=stream.codec_context.format, layout="mono", rate=rate)
        pcm = (np.clip(samples, -1, 1) * 32767).astype(np.int16)
        for start in range(0, pcm.size, RATE):
            frame = av.AudioFrame.from_ndarray(pcm[None, start : start + RATE], format="s16", layout="mono")
            frame.sample_rate = RATE
            frame.pts = start
            for part in resampler.resample(frame):
                output.mux(stream.encode(part))
        for part in resampler.resample(None):
            output.mux(stream.encode(part))
        output.mux(stream.encode(None))
    return buffer.getvalue()


def line(number: int) -> tuple[float, float, str]:
    """Start, end and words of a line of the transcript."""
    start = number * LINE_SECONDS + 0.2
    return start, start + 1.6, f"Line {number} has four words."


def write_words(database: Path, day_id: str, template_id: str) -> str:
    """Give a finished day a line every two seconds and one analysed conversation; return the conversation's id.

    The analysis is that of the template's first conversation, with its quotes at QUOTE.
    """
    with contextlib.closing(sqlite3.connect(database, timeout=30)) as connection, connection:
        connection.row_factory = sqlite3.Row
        day = connection.execute("select * from session where id = ?", (day_id,)).fetchone()
        transcript = _transcript()
        _replace(connection, day_id, "transcript", transcript)
        _replace(connection, day_id, "utterances", without_words(transcript))
        _replace(connection, day_id, "timeline", _timeline())
        one = "select * from segment where session_id = ? order by number limit 1"
        segment = dict(connection.execute(one, (template_id,)).fetchone())
        analysis = dict(connection.execute("select * from analysis where id = ?", (segment["analysis_id"],)).fetchone())
        start, end = CONVERSATION
        segment.update(id=str(uuid.uuid4()), session_id=day_id, start_seconds=start, end_seconds=end)
        analysis.update(id=str(uuid.uuid4()), parent_session_id=day_id, segment_id=segment["id"])
        analysis.update(start_seconds=start, end_seconds=end, duration_seconds=end - start)
        for name in ("partner_id", "environment", "org_id", "rep_id", "recording_url", "file_key"):
            analysis[name] = day[name]
        result = json.loads(zlib.decompress(analysis["result"]))
        result["objections"] = []
        result["next_steps"] = [{**result["next_steps"][0], **_at_quote()}]
        result["evidence"] = [{**entry, **_at_quote()} for entry in result["evidence"]]
        analysis["result"] = _packed(result)
        segment["analysis_id"] = analysis["id"]
        insert(connection, "analysis", analysis)
        insert(connection, "segment", segment)
    return segment["id"]


def _at_quote() -> dict[str, Any]:
    return {"quote": "Line 15 has four words.", "start_seconds": QUOTE[0], "end_seconds": QUOTE[1]}


def _transcript() -> PackedTranscript:
    packed = []
    for number in range(LINES):
        start, end, text = line(number)
        words = text.split()
        ms = [round((start + (end - start) * i / len(words)) * 1000) for i in range(len(words) + 1)]
        spoken = [[ms[i], ms[i + 1], word, 0.9, "REP"] for i, word in enumerate(words)]
        packed.append([ms[0], ms[-1], text, "REP", 0.9, spoken])
    return {
        "utterances": packed,
        "duration_seconds": float(SECONDS),
        "start_seconds": 0.0,
        "language": "en",
        "engine": "stored",
        "is_demo_quality": False,
        "notes": {},
    }


def _timeline() -> list[dict[str, Any]]:
    start, end = CONVERSATION
    parts = ((0.0, start, "silence"), (start, end, "customer"), (end, float(SECONDS), "silence"))
    return [{"start_seconds": a, "end_seconds": b, "label": label, "reasons": []} for a, b, label in parts]


def _packed(value: Any) -> bytes:
    return zlib.compress(json.dumps(value, separators=(",", ":")).encode(), 6)


def _replace(connection: sqlite3.Connection, session_id: str, name: str, value: Any) -> None:
    connection.execute("delete from document where session_id = ? and name = ?", (session_id, name))
    insert(connection, "document", {"session_id": session_id, "name": name, "body": _packed(value)})


def insert(connection: sqlite3.Connection, table: str, row: dict[str, Any]) -> None:
    """Write a row as it is."""
    columns = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join("?" for _ in row)
    connection.execute(f'insert into "{table}" ({columns}) values ({marks})', tuple(row.values()))
