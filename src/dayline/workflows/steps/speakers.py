"""Who spoke: the day's words are put together and given their voices, the rep's by name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dayline.clock import monotonic_seconds
from dayline.db.records import SessionRecord, SpanRecord
from dayline.diarization.tasks import Named, name_speakers
from dayline.domain.errors import DaylineError, Unavailable
from dayline.domain.redaction import redact
from dayline.domain.serialization import pack_transcript, unpack_utterances
from dayline.domain.transcript import Transcript, Utterance
from dayline.orgs import repository as orgs
from dayline.orgs import voice_prints_repository as voice_prints
from dayline.sessions import chunks_repository as spans
from dayline.sessions import documents_repository as documents
from dayline.sessions import repository as sessions
from dayline.workflows.cancellation import open_session
from dayline.workflows.worker_context import WorkerContext


def name_the_speakers(parts: WorkerContext, session_id: str, run: int) -> None:
    """Write the day's transcript. Voices are forgotten as soon as they have labels: they are biometric data.
    What the org wants redacted is in no transcript; the words that it was heard in are forgotten then too.

    Done once per session: without the voices, a second time would lose who spoke.
    """
    session = open_session(parts.database, session_id, run)
    began = monotonic_seconds()
    with parts.database.read() as tx:
        if "transcript" in documents.names(tx, session_id):
            return
        pieces = spans.list_all(tx, session_id)
        _check_all_heard(pieces)
        packed = [row for piece in spans.words(tx, session_id) for row in piece]
        windows = [] if session.options.get("skip_diarization") else spans.voices(tx, session_id)
        wanted = orgs.redacted(tx, session.partner_id, session.org_id)
        print_ = voice_prints.vector(tx, session.partner_id, session.org_id, session.rep_id, parts.voice_model)
    named = Named(packed, [], None)
    if windows and packed:
        named = parts.compute.run(name_speakers, packed, windows, print_)
    transcript = _transcript(session, pieces, named)
    transcript = replace(transcript, utterances=redact(transcript.utterances, wanted))
    with parts.database.write() as tx:
        documents.put_json(tx, session_id, "transcript", pack_transcript(transcript))
        documents.put_json(tx, session_id, "voices", named.voices)
        spans.forget_voices(tx, session_id)
        if wanted:
            spans.forget_words(tx, session_id)
        _keep_usage(tx, session_id, pieces, named, monotonic_seconds() - began)


def _check_all_heard(pieces: list[SpanRecord]) -> None:
    failed = [p for p in pieces if p.status == "failed"]
    if failed:
        first = failed[0]
        raise Unavailable(
            f"{len(failed)} of {len(pieces)} pieces of the recording could not be transcribed (the first from "
            f"{first.start_seconds:.0f} s: {first.error}). What was transcribed is kept; retry the session.",
            code=str((first.notes or {}).get("code", "transcription_failed")),
            failed_spans=len(failed),
        )
    if any(p.status == "pending" for p in pieces):
        raise DaylineError("The transcript is not complete yet.", code="invalid_state")


def _transcript(session: SessionRecord, pieces: list[SpanRecord], named: Named) -> Transcript:
    utterances: list[Utterance] = sorted(
        unpack_utterances(named.utterances), key=lambda u: (u.start_seconds, u.end_seconds)
    )
    notes = [p.notes or {} for p in pieces]
    languages = [n["language"] for n in notes if n.get("language")]
    return Transcript(
        utterances=tuple(utterances),
        duration_seconds=session.duration_seconds or 0.0,
        language=max(set(languages), key=languages.count) if languages else session.options.get("language"),
        engine=next((n["engine"] for n in notes if n.get("engine")), None),
        is_demo_quality=any(n.get("is_demo_quality") for n in notes),
        notes={
            "retried_clips": sum(int(n.get("retried_clips", 0)) for n in notes),
            "dropped_lines": sum(int(n.get("dropped_lines", 0)) for n in notes),
            "rep_confidence": named.rep_confidence,
        },
    )


def _keep_usage(tx: Any, session_id: str, pieces: list[SpanRecord], named: Named, wall_seconds: float) -> None:
    session = sessions.get(tx, session_id, lock=True)
    if session is None:
        return
    notes = [p.notes or {} for p in pieces]
    transcribing = sum(float(n.get("wall_seconds", 0.0)) for n in notes)
    walls = {
        **session.usage.get("wall_seconds", {}),
        "transcribe": round(transcribing, 2),
        "speakers": round(wall_seconds, 2),
    }
    usage = {
        **session.usage,
        "transcriber": next((n["engine"] for n in notes if n.get("engine")), None),
        "is_demo_quality": any(n.get("is_demo_quality") for n in notes),
        "retried_clips": sum(int(n.get("retried_clips", 0)) for n in notes),
        "dropped_lines": sum(int(n.get("dropped_lines", 0)) for n in notes),
        "speakers": named.as_usage(),
        "wall_seconds": walls,
    }
    sessions.update(tx, session_id, usage=usage, stage="detect", percent=65.0)
