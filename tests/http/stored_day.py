"""Rows of a finished day as a worker would have stored them."""

from __future__ import annotations

from typing import Any

import numpy as np

from dayline.clock import now
from dayline.db.records import AnalysisRecord, SegmentRecord, SessionRecord
from dayline.domain.analysis import PILLARS
from dayline.domain.status import AnalysisStatus, SegmentStatus
from dayline.domain.stored_json import StoredReason
from dayline.domain.transcript import Transcript, Utterance, Word
from dayline.ids import derived_id

RESULT: dict[str, Any] = {f"{p}_score": 70 for p in ("overall", *PILLARS)}
RESULT |= dict.fromkeys(("talk_ratio", "questions_asked", "filler_word_count", "words_per_minute"), 1)
RESULT |= dict.fromkeys(("longest_monologue_seconds", "interactivity", "patience_seconds"), 1.0)
RESULT |= {"analyst": {"engine": "rubric", "model": "1", "version": "1"}, "usage": {}, "recording_title": "A visit"}
RESULT |= {"next_steps": [], "objections": [], "evidence": [], "outcome": "unknown", "ai_summary": "x"}


def session_record(session_id: str, partner_id: str, duration_seconds: float, **changes: Any) -> SessionRecord:
    moment = now()
    values: dict[str, Any] = {
        "id": session_id,
        "partner_id": partner_id,
        "environment": "production",
        "org_id": "acme",
        "rep_id": "rep-1",
        "recording_url": "https://recordings.example.com/day.m4a",
        "file_key": None,
        "options": {"auto_analyze": True, "min_confidence": 0.8, "prompt_overrides": [], "skip_diarization": False},
        "metadata": {"secret-word": "xylophone"},
        "status": "completed",
        "stage": "finish",
        "percent": 100.0,
        "run": 1,
        "revision": 0,
        "is_ingested": True,
        "duration_seconds": duration_seconds,
        "speech_seconds": 2000.0,
        "transcribed_seconds": 2000.0,
        "usage": {},
        "rollup": {},
        "error": None,
        "cancel_requested_at": None,
        "created_at": moment,
        "started_at": moment,
        "completed_at": moment,
        "updated_at": moment,
    }
    return SessionRecord(**{**values, **changes})


def segment_record(session_id: str, number: int, start: float, end: float) -> SegmentRecord:
    ids = (derived_id("segment", session_id, number), session_id)
    reasons: list[StoredReason] = [{"about": "kind", "text": "A price was named.", "at_seconds": start, "weight": 0.4}]
    analysis_id = derived_id("analysis", session_id, number)
    shown = (0.93, f"Visit {number}", "customer", SegmentStatus.ANALYZED, analysis_id, reasons, 0)
    return SegmentRecord(*ids, number, start, end, *shown)


def analysis_record(session_id: str | None, partner_id: str, number: int, start: float, end: float) -> AnalysisRecord:
    moment = now()
    return AnalysisRecord(
        id=derived_id("analysis", session_id, number),
        partner_id=partner_id,
        environment="production",
        parent_session_id=session_id,
        segment_id=derived_id("segment", session_id, number),
        org_id="acme",
        rep_id="rep-1",
        status=AnalysisStatus.COMPLETED,
        is_current=True,
        recording_url="https://recordings.example.com/day.m4a",
        file_key=None,
        transcript_url=None,
        callback_url=None,
        options={},
        metadata={},
        start_seconds=start,
        end_seconds=end,
        duration_seconds=end - start,
        playbook_id=None,
        playbook_version=None,
        overall_score=70,
        error=None,
        created_at=moment,
        started_at=moment,
        completed_at=moment,
    )


def timeline_of(spans: tuple[tuple[float, float], ...], duration_seconds: float) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    at = 0.0
    for start, end in (*spans, (duration_seconds, duration_seconds)):
        if start > at:
            found.append({"start_seconds": at, "end_seconds": start, "label": "silence", "reasons": []})
        if end > start:
            found.append({"start_seconds": start, "end_seconds": end, "label": "customer", "reasons": []})
        at = end
    return found


def talk_of(spans: tuple[tuple[float, float], ...], duration_seconds: float) -> Transcript:
    said = [
        Utterance(
            at,
            at + 2.0,
            f"hello xylophone {at:.0f}",
            "REP",
            0.9,
            (Word("hello", at, at + 0.5), Word("xylophone", at + 0.5, at + 1.2), Word(f"{at:.0f}", at + 1.2, at + 2.0)),
        )
        for start, end in spans
        for at in np.arange(start, end - 2.0, 60.0).tolist()
    ]
    return Transcript(tuple(said), duration_seconds=duration_seconds, engine="fake")
