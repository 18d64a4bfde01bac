"""One span is transcribed, and its voices measured, on whatever worker took it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dayline.asr.answer_checks import SpanTranscript
from dayline.asr.ports import EngineMisconfigured
from dayline.audio.chunks import read_span
from dayline.clock import monotonic_seconds
from dayline.db.database import Transaction
from dayline.db.records import SessionRecord
from dayline.diarization.tasks import voice_windows
from dayline.domain.errors import Cancelled, DaylineError, Unavailable
from dayline.domain.serialization import pack_utterances
from dayline.domain.transcript import Utterance
from dayline.logs import get_log
from dayline.sessions import chunks_repository as spans
from dayline.sessions import repository as sessions
from dayline.workflows.cancellation import open_session, stop_check
from dayline.workflows.enqueue import wake_day
from dayline.workflows.worker_context import WorkerContext, span_key

log = get_log(__name__)

_WAIT_SECONDS = (0.0, 5.0, 60.0, 300.0)
"""How long a failed span waits before its next attempt; after the last one it is given up."""
_TRANSCRIBE_SHARE = (20.0, 60.0)


def transcribe_span(parts: WorkerContext, session_id: str, run: int, number: int, attempt: int) -> None:
    """Recognise one span and store the words. Trouble that may pass queues another attempt.

    A span that is given up is stored as failed: the day counts it and does not wait for ever.
    """
    try:
        session = open_session(parts.database, session_id, run)
    except Cancelled:
        return
    with parts.database.read() as tx:
        span = spans.get(tx, session_id, number)
    if span is None or span.status != "pending":
        return
    try:
        heard, windows, wall_seconds = _listen(parts, session, number)
    except Cancelled:
        return
    except DaylineError as error:
        _try_later(parts, session, number, attempt, error)
        return
    except Exception as error:
        # Whatever it was: a span that is never told to have ended would hold its day for ever.
        log.exception("span_broke", session_id=session_id, span=number)
        _try_later(parts, session, number, attempt, DaylineError(f"unforeseen: {type(error).__name__}"))
        return
    _store(parts, session, number, heard, windows, wall_seconds)
    parts.blobs.delete(span_key(session_id, number))


def _listen(parts: WorkerContext, session: SessionRecord, number: int) -> tuple[SpanTranscript, bytes | None, float]:
    began = monotonic_seconds()
    body = parts.blobs.get(span_key(session.id, number))
    clips = read_span(body).clips
    heard = parts.recognisers.transcribe(
        clips, session.options.get("language"), should_stop=stop_check(parts.database, session.id, session.run)
    )
    windows = None
    if not session.options.get("skip_diarization"):
        windows = parts.compute.run(voice_windows, body, parts.voice_model)
    return heard, windows, monotonic_seconds() - began


def _store(
    parts: WorkerContext,
    session: SessionRecord,
    number: int,
    heard: SpanTranscript,
    windows: bytes | None,
    wall_seconds: float,
) -> None:
    notes = {
        "engine": heard.engine,
        "is_demo_quality": heard.is_demo_quality,
        "language": heard.language,
        "retried_clips": heard.retried_clips,
        "dropped_lines": heard.dropped_lines,
        "wall_seconds": round(wall_seconds, 2),
    }
    utterances = pack_utterances(_own_labels(heard, number))

    def store(tx: Transaction) -> None:
        sessions.lock(tx, session.id)
        if spans.finish(tx, session.id, number, utterances=utterances, voices=windows, notes=notes):
            sessions.add_transcribed(tx, session.id, heard.audio_seconds)
            _count_down(parts, tx, session, number)

    parts.database.in_write(store)
    log.info("span_transcribed", session_id=session.id, span=number, speech_seconds=round(heard.audio_seconds, 1))


def _own_labels(heard: SpanTranscript, number: int) -> list[Utterance]:
    """Make a recogniser's speaker labels the span's own: they hold within one request only."""

    def label(given: str | None) -> str | None:
        return None if given is None else f"{number}/{given}"

    return [
        replace(u, speaker=label(u.speaker), words=tuple(replace(w, speaker=label(w.speaker)) for w in u.words))
        for u in heard.utterances
    ]


def _try_later(parts: WorkerContext, session: SessionRecord, number: int, attempt: int, error: DaylineError) -> None:
    may_pass = isinstance(error, Unavailable) and not isinstance(error, EngineMisconfigured)
    log.warning("span_failed", session_id=session.id, span=number, attempt=attempt, code=error.code)
    with parts.database.write() as tx:
        sessions.lock(tx, session.id)
        spans.count_attempt(tx, session.id, number)
        if may_pass and attempt <= len(_WAIT_SECONDS):
            following = attempt + 1
            parts.jobs.enqueue(
                tx,
                "span",
                session.id,
                session.run,
                number,
                following,
                id=f"span:{session.id}:{session.run}:{number}:{following}",
                delay_seconds=_WAIT_SECONDS[attempt - 1],
            )
            return
        notes = {"code": error.code, "attempts": attempt}
        if spans.finish(tx, session.id, number, utterances=None, voices=None, notes=notes, error=error.message):
            _count_down(parts, tx, session, number)


def _count_down(parts: WorkerContext, tx: Any, session: SessionRecord, number: int) -> None:
    left, total = spans.pending(tx, session.id), spans.count(tx, session.id)
    low, high = _TRANSCRIBE_SHARE
    current = sessions.get(tx, session.id)
    if current is not None and current.is_ingested:
        sessions.update(tx, session.id, percent=round(low + (high - low) * (total - left) / total, 1))
    if left == 0:
        wake_day(parts.jobs, tx, session, why=f"spans:{number}")
