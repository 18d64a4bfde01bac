"""Label the speakers of the whole day, name the rep, and store the transcript."""

from __future__ import annotations

from dataclasses import replace

from dayline.asr.languages import main_language
from dayline.clock import monotonic_seconds
from dayline.db.database import Transaction
from dayline.db.records import ChunkRecord, SessionRecord
from dayline.diarization.tasks import NamedSpeakers, name_speakers
from dayline.domain.errors import DaylineError
from dayline.domain.redaction import redact
from dayline.domain.serialization import pack_transcript, unpack_utterances
from dayline.domain.stored_json import SessionUsage
from dayline.domain.transcript import Transcript, Utterance
from dayline.domain.wall_time import covered_seconds
from dayline.orgs import repository as orgs
from dayline.orgs import voice_prints_repository as voice_prints
from dayline.sessions import chunks_repository as chunks
from dayline.sessions import documents_repository as documents
from dayline.sessions import repository as sessions
from dayline.workflows.cancellation import lock_open, open_session, session_stop_check
from dayline.workflows.worker_context import WorkerContext


def name_the_speakers(context: WorkerContext, session_id: str, run: int) -> None:
    """Store the transcript of the day, redacted as the org wants it. Done once per session.

    Voice measurements are biometric data and are deleted in the same transaction, so a second time would lose who
    spoke; with `skip_diarization` the detector needs them and deletes them. With redaction, the words of the chunks are
    deleted too.
    """
    session = open_session(context.database, session_id, run)
    began = monotonic_seconds()
    with context.database.read() as tx:
        if "transcript" in documents.names(tx, session_id):
            return
        rows = chunks.list_all(tx, session_id)
        _check_all_heard(rows)
        packed = [row for words in chunks.words(tx, session_id) for row in words]
        is_allowed = orgs.allows_voices(tx, session.partner_id, session.org_id)
        is_skipped = bool(session.options.get("skip_diarization"))
        windows = chunks.voices(tx, session_id) if is_allowed and not is_skipped else []
        wanted = orgs.redacted(tx, session.partner_id, session.org_id)
        print_ = voice_prints.vector(tx, session.partner_id, session.org_id, session.rep_id, context.print_key)
    named = NamedSpeakers(packed, [], None)
    if windows and packed:
        named = context.compute.run(
            name_speakers,
            packed,
            windows,
            print_,
            should_stop=session_stop_check(context, session_id, run),
            owner=session.partner_id,
        )
    transcript = _transcript(session, rows, named)
    transcript = replace(transcript, utterances=redact(transcript.utterances, wanted))
    packed_transcript = pack_transcript(transcript)

    def store(tx: Transaction) -> None:
        current = lock_open(tx, session_id, run)
        if current is None or "transcript" in documents.names(tx, session_id):
            return  # the words and voices that this one was made of may have been deleted meanwhile
        documents.put_transcript(tx, session_id, packed_transcript)
        documents.put_json(tx, session_id, "voices", named.voices)
        if not (is_allowed and is_skipped):
            chunks.delete_voices(tx, session_id)
        if wanted:
            chunks.delete_words(tx, session_id)
        _store_usage(tx, current, rows, named, transcript.word_count, monotonic_seconds() - began)

    context.write(store)


def _check_all_heard(rows: list[ChunkRecord]) -> None:
    failed = [p for p in rows if p.status == "failed"]
    if failed:
        first = failed[0]
        raise DaylineError(
            f"{len(failed)} of {len(rows)} pieces of the recording could not be transcribed (the first from "
            f"{first.start_seconds:.0f} s: {first.error}). What was transcribed is kept; retry the session.",
            code=str((first.notes or {}).get("code", "transcription_failed")),
            failed_chunks=len(failed),
        )
    if any(p.status == "pending" for p in rows):
        raise DaylineError("The transcript is not complete yet.", code="invalid_state")


def _transcript(session: SessionRecord, rows: list[ChunkRecord], named: NamedSpeakers) -> Transcript:
    utterances: list[Utterance] = sorted(
        unpack_utterances(named.utterances), key=lambda u: (u.start_seconds, u.end_seconds)
    )
    notes = [p.notes or {} for p in rows]
    return Transcript(
        utterances=tuple(utterances),
        duration_seconds=session.duration_seconds or 0.0,
        language=main_language(
            (n.get("language_seconds") or {}, n.get("language"), c.speech_seconds)
            for c, n in zip(rows, notes, strict=True)
        )
        or session.options.get("language"),
        engine=next((engine for n in notes if (engine := n.get("engine"))), None),
        is_demo_quality=any(n.get("is_demo_quality") for n in notes),
        notes={
            "retried_clips": sum(int(n.get("retried_clips", 0)) for n in notes),
            "dropped_lines": sum(int(n.get("dropped_lines", 0)) for n in notes),
            "rep_confidence": named.rep_confidence,
        },
    )


def _store_usage(
    tx: Transaction,
    session: SessionRecord,
    rows: list[ChunkRecord],
    named: NamedSpeakers,
    word_count: int,
    wall_seconds: float,
) -> None:
    notes = [p.notes or {} for p in rows]
    transcribing = covered_seconds(
        (n["finished_at_seconds"] - n["wall_seconds"], n["finished_at_seconds"])
        for n in notes
        if "finished_at_seconds" in n and "wall_seconds" in n
    )
    walls = {
        **session.usage.get("wall_seconds", {}),
        "transcribe": round(transcribing, 2),
        "speakers": round(wall_seconds, 2),
    }
    usage: SessionUsage = {
        **session.usage,
        "transcriber": next((engine for n in notes if (engine := n.get("engine"))), None),
        "is_demo_quality": any(n.get("is_demo_quality") for n in notes),
        "retried_clips": sum(int(n.get("retried_clips", 0)) for n in notes),
        "dropped_lines": sum(int(n.get("dropped_lines", 0)) for n in notes),
        "words": word_count,
        "speakers": named.as_usage(),
        "wall_seconds": walls,
    }
    sessions.update(tx, session.id, usage=usage, stage="detect", percent=65.0)
