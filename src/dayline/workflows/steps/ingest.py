"""Decode the recording as a stream and queue its speech chunk by chunk during the download."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from dayline.audio.chunks import Chunk
from dayline.audio.ingest import IngestReport
from dayline.audio.ingest import ingest as decode
from dayline.audio.ports import IngestProgress, SpeechSettings
from dayline.audio.sampled_hash import sampled_hash
from dayline.audio.seek_table import pack
from dayline.audio.waveform import encode_peaks, encode_profile
from dayline.clock import iso, monotonic_seconds, now
from dayline.db.database import Transaction
from dayline.db.records import SessionRecord
from dayline.domain.errors import DatabaseUnavailable, DaylineError, Unavailable
from dayline.domain.redaction import redact
from dayline.domain.serialization import pack_transcript, pack_utterances
from dayline.domain.stored_json import ChunkNotes, FileFacts, RecordingFacts
from dayline.domain.transcript import Transcript
from dayline.logs import get_log
from dayline.orgs import repository as orgs
from dayline.sessions import chunks_repository as chunks
from dayline.sessions import documents_repository as documents
from dayline.sessions import repository as sessions
from dayline.workflows.calls import is_call
from dayline.workflows.cancellation import lock_open, open_session, session_stop_check
from dayline.workflows.enqueue import start_chunk
from dayline.workflows.sandbox.scripts import MOCK_ENGINE, mock_call, mock_day, mock_peaks
from dayline.workflows.worker_context import OpenedSource, Recording, WorkerContext, chunk_key

log = get_log(__name__)

_INGEST_SHARE_PERCENT = 20.0
_LEAST_FREE_BYTES = 64 * 1024 * 1024


def ingest(context: WorkerContext, session_id: str, run: int) -> None:
    """Decode the recording; write chunks, profile and peaks; queue a job per chunk. Done once per session.

    Run again after a crash, or because speech audio was lost, it reads the recording again and leaves finished chunks
    alone.
    """
    session = open_session(context.database, session_id, run)
    if session.is_ingested:
        return
    recording = Recording(session.partner_id, session.recording_url, session.file_key)
    if recording.is_mock:
        read = mock_call if is_call(session) else mock_day
        _store_heard(context, session, read(session.recording_url or ""))
        return
    transcript_url = session.options.get("transcript_url")
    if recording.recording_url is None and recording.file_key is None and transcript_url is not None:
        _store_transcript(context, session, context.fetch_transcript(transcript_url))
        return
    began = monotonic_seconds()
    report, file_facts = _decode(context, session, session_stop_check(context, session_id, run))
    context.write(lambda tx: _store(tx, session, report, file_facts, monotonic_seconds() - began))


def _decode(
    context: WorkerContext, session: SessionRecord, should_stop: Callable[[], bool]
) -> tuple[IngestReport, FileFacts]:
    """Return the report of the ingest, and the facts that identify its file."""
    folder = context.scratch_of(session.id) / str(session.run)
    folder.mkdir(parents=True, exist_ok=True)
    recording = Recording(session.partner_id, session.recording_url, session.file_key)
    try:
        source = context.open_source(recording, folder, should_stop)
        try:
            report = decode(
                source,
                folder,
                limits=context.call_limits if is_call(session) else context.day_limits,
                speech=SpeechSettings(chunk_speech_seconds=context.chunk_speech_seconds),
                on_chunk=lambda chunk: _queue_chunk(context, session, chunk),
                on_progress=lambda progress: _show_progress(context, session, progress),
                should_stop=should_stop,
            )
            return report, _file_facts(source)
        finally:
            source.close()
    except Unavailable as error:
        if shutil.disk_usage(folder).free < _LEAST_FREE_BYTES:
            raise OSError(f"No space is left in {context.scratch_folder}.") from error
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _file_facts(source: OpenedSource) -> FileFacts:
    """Return the facts that identify this file: its length, its version, and a hash of parts of it."""
    facts: FileFacts = {"size_bytes": source.size_bytes, "etag": getattr(source, "version", None)}
    if source.is_seekable and source.size_bytes:
        try:
            facts["sampled_hash"] = sampled_hash(source.read_at, source.size_bytes)
        except DaylineError as error:
            log.warning("recording_not_sampled", error=error.message)  # the transcript is kept
    return facts


def _store_heard(context: WorkerContext, session: SessionRecord, heard: Transcript) -> None:
    """Store a scripted recording as one chunk that has been transcribed."""
    speech_seconds = round(sum(u.end_seconds - u.start_seconds for u in heard.utterances), 3)

    def store(tx: Transaction) -> None:
        if _lock_unread(tx, session) is None:
            return
        if heard.utterances:
            chunks.add(
                tx,
                session.id,
                0,
                start_seconds=heard.utterances[0].start_seconds,
                end_seconds=heard.utterances[-1].end_seconds,
                speech_seconds=speech_seconds,
            )
            notes: ChunkNotes = {"engine": heard.engine, "language": heard.language}
            chunks.finish(tx, session.id, 0, utterances=pack_utterances(heard.utterances), voices=None, notes=notes)
        if heard.engine == MOCK_ENGINE:  # a transcript that was handed over has no waveform
            documents.put(tx, session.id, "peaks", encode_peaks(mock_peaks(heard)))
        sessions.update(
            tx,
            session.id,
            is_ingested=True,
            stage="transcribe",
            duration_seconds=heard.duration_seconds,
            speech_seconds=speech_seconds,
            transcribed_seconds=speech_seconds,
        )

    context.write(store)


def _store_transcript(context: WorkerContext, session: SessionRecord, transcript: Transcript) -> None:
    """Store a finished transcript of the partner's, redacted as the org wants it."""

    def store(tx: Transaction) -> None:
        if _lock_unread(tx, session) is None:
            return
        wanted = orgs.redacted(tx, session.partner_id, session.org_id)
        clean = replace(transcript, utterances=redact(transcript.utterances, wanted))
        documents.put_transcript(tx, session.id, pack_transcript(clean))
        sessions.update(tx, session.id, is_ingested=True, duration_seconds=transcript.duration_seconds)

    context.write(store)


def _queue_chunk(context: WorkerContext, session: SessionRecord, chunk: Chunk) -> None:
    with context.database.read() as tx:
        known = chunks.get(tx, session.id, chunk.index)
    if known is not None and known.status != "pending":
        chunk.path.unlink(missing_ok=True)
        return
    context.blobs.put(chunk_key(session.id, chunk.index), Path(chunk.path))
    chunk.path.unlink(missing_ok=True)

    def store(tx: Transaction) -> None:
        if _lock_unread(tx, session) is None:
            return
        chunks.add(
            tx,
            session.id,
            chunk.index,
            start_seconds=chunk.start_seconds,
            end_seconds=chunk.end_seconds,
            speech_seconds=chunk.speech_seconds,
        )
        current = chunks.get(tx, session.id, chunk.index)
        start_chunk(context.jobs, tx, session, chunk.index, attempts=current.attempts if current else 0)

    context.write(store)


def _show_progress(context: WorkerContext, session: SessionRecord, progress: IngestProgress) -> None:
    try:
        with context.database.write() as tx:
            if _lock_unread(tx, session) is None:
                return
            sessions.update(
                tx,
                session.id,
                percent=round(_INGEST_SHARE_PERCENT * (progress.fraction or 0.0), 1),
                duration_seconds=round(progress.decoded_seconds, 3),
                speech_seconds=round(progress.speech_seconds, 3),
            )
    except DatabaseUnavailable as error:
        # Progress is a convenience: what must be stored is retried where it is stored.
        log.warning("progress_not_stored", session_id=session.id, error=error.message)


def _lock_unread(tx: Transaction, session: SessionRecord) -> SessionRecord | None:
    """Lock a session's row and return it, or None when there is nothing to store any more.

    Then it has ended or is in another run, or another worker has read the recording meanwhile. Two workers that read
    the same recording at once, because one had lost its lease, store their chunks one after the other.
    """
    current = lock_open(tx, session.id, session.run)
    return None if current is None or current.is_ingested else current


def _store(
    tx: Transaction, begun: SessionRecord, report: IngestReport, file_facts: FileFacts, wall_seconds: float
) -> None:
    session = _lock_unread(tx, begun)
    if session is None:
        return
    session_id = session.id
    if report.chunk_count < len(chunks.list_all(tx, session_id)):
        raise DaylineError(
            "The recording changed while it was being read. Submit it again.", code="invalid_recording_url"
        )
    documents.put(tx, session_id, "profile", encode_profile(report.profile))
    documents.put(tx, session_id, "peaks", encode_peaks(report.peaks))
    if report.seek_points:
        documents.put(tx, session_id, "seek", pack(report.seek_points))
    if session.recorded_at is None and report.recorded_at is not None:
        sessions.update(tx, session_id, recorded_at=report.recorded_at, recorded_at_source="container")
    recording: RecordingFacts = {
        "container": report.container,
        "codec": report.codec,
        "sample_rate_hz": report.sample_rate_hz,
        "channels": report.channels,
        "bad_packets": report.bad_packets,
        "gaps_seconds": round(report.gaps_seconds, 3),
        "warnings": report.warnings,
    }
    stages = {**session.usage.get("wall_seconds", {}), "ingest": round(wall_seconds, 2)}
    sessions.update(
        tx,
        session_id,
        is_ingested=True,
        stage="transcribe",
        duration_seconds=round(report.duration_seconds, 3),
        speech_seconds=round(report.speech_seconds, 3),
        usage={**session.usage, "recording": recording, "wall_seconds": stages},
        audio={**file_facts, "has_seek_table": bool(report.seek_points), "checked_at": iso(now())},
    )
