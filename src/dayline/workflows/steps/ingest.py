"""The recording comes in: decoded as a stream, its speech queued span by span while it still arrives."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

from dayline.audio.chunks import Span
from dayline.audio.ingest import IngestReport
from dayline.audio.ingest import ingest as decode
from dayline.audio.ports import IngestProgress
from dayline.audio.waveform import encode_peaks, encode_profile
from dayline.clock import monotonic_seconds
from dayline.db.records import SessionRecord
from dayline.domain.errors import Cancelled, DaylineError, Unavailable
from dayline.domain.serialization import pack_utterances
from dayline.logs import get_log
from dayline.sessions import chunks_repository as spans
from dayline.sessions import documents_repository as documents
from dayline.sessions import repository as sessions
from dayline.workflows.cancellation import open_session, stop_check
from dayline.workflows.sandbox.scripts import mock_day
from dayline.workflows.worker_context import Recording, WorkerContext, span_key

log = get_log(__name__)

_INGEST_SHARE_PERCENT = 20.0
_WAITS_SECONDS: tuple[float | None, ...] = (1.0, 15.0, None)
"""Rests between tries at a recording whose decoder or object store failed; a server's own hiccups are the source's."""


def ingest(parts: WorkerContext, session_id: str, run: int) -> None:
    """Decode the recording; write spans, profile and peaks; queue a job per span. Done once per session.

    Run again after a crash, it reads the recording again and leaves spans alone that are finished.
    """
    session = open_session(parts.database, session_id, run)
    if session.is_ingested:
        return
    if (session.recording_url or "").startswith("mock://"):
        _ingest_mock(parts, session)
        return
    began = monotonic_seconds()
    should_stop = stop_check(parts.database, session_id, run)
    for wait_seconds in _WAITS_SECONDS:
        try:
            _keep(parts, session_id, _decode(parts, session, should_stop), monotonic_seconds() - began)
            return
        except Unavailable as error:
            if wait_seconds is None:
                raise
            log.warning("ingest_interrupted", session_id=session_id, code=error.code, tries_again_in=wait_seconds)
            _rest(wait_seconds, should_stop)


def _decode(parts: WorkerContext, session: SessionRecord, should_stop: Callable[[], bool]) -> IngestReport:
    folder = parts.scratch_of(session.id) / str(session.run)
    folder.mkdir(parents=True, exist_ok=True)
    recording = Recording(session.partner_id, session.recording_url, session.file_key)
    try:
        source = parts.open_source(recording, folder, should_stop)
        try:
            return decode(
                source,
                folder,
                limits=parts.day_limits,
                on_span=lambda span: _queue_span(parts, session, span),
                on_progress=lambda progress: _show_progress(parts, session.id, progress),
                should_stop=should_stop,
            )
        finally:
            source.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _rest(seconds: float, should_stop: Callable[[], bool]) -> None:
    until, pause = monotonic_seconds() + seconds, threading.Event()
    while monotonic_seconds() < until:
        if should_stop():
            raise Cancelled("The session was cancelled while its recording was being read.")
        pause.wait(0.5)


def _ingest_mock(parts: WorkerContext, session: SessionRecord) -> None:
    """A made-up day is one span that was heard already."""
    heard = mock_day(session.recording_url or "")
    speech_seconds = round(sum(u.end_seconds - u.start_seconds for u in heard.utterances), 3)
    with parts.database.write() as tx:
        if heard.utterances:
            spans.add(
                tx,
                session.id,
                0,
                start_seconds=heard.utterances[0].start_seconds,
                end_seconds=heard.utterances[-1].end_seconds,
                speech_seconds=speech_seconds,
            )
            notes = {"engine": heard.engine, "language": heard.language}
            spans.finish(tx, session.id, 0, utterances=pack_utterances(heard.utterances), voices=None, notes=notes)
        sessions.update(
            tx,
            session.id,
            is_ingested=True,
            stage="transcribe",
            duration_seconds=heard.duration_seconds,
            speech_seconds=speech_seconds,
            transcribed_seconds=speech_seconds,
        )


def _queue_span(parts: WorkerContext, session: SessionRecord, span: Span) -> None:
    with parts.database.read() as tx:
        known = spans.get(tx, session.id, span.index)
    if known is not None and known.status != "pending":
        span.path.unlink(missing_ok=True)
        return
    parts.blobs.put(span_key(session.id, span.index), Path(span.path))
    span.path.unlink(missing_ok=True)
    with parts.database.write() as tx:
        spans.add(
            tx,
            session.id,
            span.index,
            start_seconds=span.start_seconds,
            end_seconds=span.end_seconds,
            speech_seconds=span.speech_seconds,
        )
        parts.jobs.enqueue(
            tx, "span", session.id, session.run, span.index, 1, id=f"span:{session.id}:{session.run}:{span.index}:1"
        )


def _show_progress(parts: WorkerContext, session_id: str, progress: IngestProgress) -> None:
    with parts.database.write() as tx:
        sessions.update(
            tx,
            session_id,
            percent=round(_INGEST_SHARE_PERCENT * (progress.fraction or 0.0), 1),
            duration_seconds=round(progress.decoded_seconds, 3),
            speech_seconds=round(progress.speech_seconds, 3),
        )


def _keep(parts: WorkerContext, session_id: str, report: IngestReport, wall_seconds: float) -> None:
    with parts.database.write() as tx:
        session = sessions.get(tx, session_id, lock=True)
        if session is None:
            return
        if report.span_count < len(spans.list_all(tx, session_id)):
            raise DaylineError(
                "The recording changed while it was being read. Submit it again.", code="invalid_recording_url"
            )
        documents.put(tx, session_id, "profile", encode_profile(report.profile))
        documents.put(tx, session_id, "peaks", encode_peaks(report.peaks))
        recording = {
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
        )
