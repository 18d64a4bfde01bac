"""Transcribe one chunk and measure its voices, on any worker."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dayline.asr.answer_checks import ChunkTranscript
from dayline.audio.chunks import read_chunk
from dayline.clock import monotonic_seconds, now
from dayline.db.database import Transaction
from dayline.db.records import SessionRecord
from dayline.diarization.tasks import voice_windows
from dayline.domain.errors import Cancelled, DaylineError, NotFound, Unavailable
from dayline.domain.serialization import pack_utterances
from dayline.domain.stored_json import ChunkNotes
from dayline.domain.transcript import Utterance
from dayline.logs import get_log
from dayline.orgs import repository as orgs
from dayline.sessions import chunks_repository as chunks
from dayline.sessions import repository as sessions
from dayline.workflows.calls import is_call
from dayline.workflows.cancellation import open_session, session_stop_check
from dayline.workflows.enqueue import start_chunk, wake_day
from dayline.workflows.retry import NOTHING_FAILED, Failure, InARow, failure_of
from dayline.workflows.step_starts import counted_start
from dayline.workflows.worker_context import WorkerContext, chunk_key

log = get_log(__name__)

_TRANSCRIBE_SHARE_PERCENT = (20.0, 60.0)
_READ_AGAIN_AT_MOST = 8
"""How often the recording is read again for one chunk."""


class AudioLost(DaylineError):
    """The speech audio of a chunk is missing or damaged; the recording has to be read again."""


@dataclass(frozen=True, slots=True)
class _ChunkResult:
    """Result of one chunk.

    transcript: the words.
    windows: voice measurements, None where nothing needs them or the org forbids them.
    has_labels: whether the recogniser's own speaker labels may be kept.
    wall_seconds: how long it took.
    """

    transcript: ChunkTranscript
    windows: bytes | None
    has_labels: bool
    wall_seconds: float


def transcribe_chunk(
    context: WorkerContext, session_id: str, run: int, number: int, attempt: int, failed: InARow = NOTHING_FAILED
) -> None:
    """Recognise one chunk and store the words. A transient failure queues another attempt.

    A chunk without attempts left is stored as failed, so that its session does not wait for ever.
    failed: failures of the attempts before this one.
    """
    try:
        session = open_session(context.database, session_id, run)
    except Cancelled:
        return
    with context.database.read() as tx:
        chunk = chunks.get(tx, session_id, number)
    if chunk is None or chunk.status != "pending":
        return
    try:
        with counted_start(context, "transcribe_chunk", session_id, run, number):
            result = context.retry.run(lambda: _transcribe(context, session, number), stopping=context.stopping)
            _store(context, session, number, result)
    except Cancelled:
        return
    except AudioLost:
        _read_again(context, session, number)
    except Exception as error:  # noqa: BLE001 - it is stored, or tried again
        _settle(context, session, number, attempt, failed, error)
    else:
        _delete_audio(context, session_id, number)


def _transcribe(context: WorkerContext, session: SessionRecord, number: int) -> _ChunkResult:
    began = monotonic_seconds()
    try:
        body = context.blobs.get(chunk_key(session.id, number))
        clips = read_chunk(body).clips
    except (NotFound, DaylineError) as error:
        if isinstance(error, NotFound) or error.code == "chunk_damaged":
            raise AudioLost("The speech audio of a chunk was lost; the recording is read again.") from error
        raise
    should_stop = session_stop_check(context, session.id, session.run)
    transcript = context.recognisers.transcribe(clips, session.options.get("language"), should_stop=should_stop)
    with context.database.read() as tx:
        is_allowed = orgs.allows_voices(tx, session.partner_id, session.org_id)
    is_labelled = is_allowed and not session.options.get("skip_diarization")
    windows = None
    # Without labels the detector still uses changes of voice; a single call is not searched.
    if is_labelled or (is_allowed and not is_call(session)):
        windows = context.compute.run(
            voice_windows, body, context.voice_model, should_stop=should_stop, owner=session.partner_id
        )
    return _ChunkResult(transcript, windows, is_labelled, monotonic_seconds() - began)


def _store(context: WorkerContext, session: SessionRecord, number: int, result: _ChunkResult) -> None:
    transcript = result.transcript
    utterances = pack_utterances(_own_labels(transcript, number, keep=result.has_labels))
    notes: ChunkNotes = {
        "engine": transcript.engine,
        "is_demo_quality": transcript.is_demo_quality,
        "language": transcript.language,
        "language_seconds": transcript.language_seconds,
        "retried_clips": transcript.retried_clips,
        "dropped_lines": transcript.dropped_lines,
        "finished_at_seconds": now().timestamp(),
        "wall_seconds": round(result.wall_seconds, 2),
    }

    def store(tx: Transaction) -> bool:
        current = sessions.lock(tx, session.id)
        stored = current is not None and chunks.finish(
            tx, session.id, number, utterances=utterances, voices=result.windows, notes=notes
        )
        if current is not None and stored:
            sessions.add_transcribed(tx, session.id, transcript.audio_seconds)
            _count_down(context, tx, current, number)
        return stored

    if context.write(store):
        log.info(
            "chunk_transcribed",
            session_id=session.id,
            chunk=number,
            speech_seconds=round(transcript.audio_seconds, 1),
        )


def _delete_audio(context: WorkerContext, session_id: str, number: int) -> None:
    try:
        context.blobs.delete(chunk_key(session_id, number))
    except Unavailable as error:
        # The session deletes all of its scratch when it ends.
        log.warning("chunk_audio_not_deleted", session_id=session_id, chunk=number, error=error.message)


def _own_labels(result: ChunkTranscript, number: int, *, keep: bool) -> list[Utterance]:
    """Make a recogniser's speaker labels the chunk's own, since they hold within one request only; or remove them."""

    def label(given: str | None) -> str | None:
        return f"{number}/{given}" if keep and given is not None else None

    return [
        replace(u, speaker=label(u.speaker), words=tuple(replace(w, speaker=label(w.speaker)) for w in u.words))
        for u in result.utterances
    ]


def _read_again(context: WorkerContext, session: SessionRecord, number: int) -> None:
    """Make the session's workflow read the recording again; it queues this chunk when its audio is back."""

    def store(tx: Transaction) -> None:
        current = sessions.lock(tx, session.id)
        if current is None or current.run != session.run:
            return
        if chunks.count_attempt(tx, session.id, number) > _READ_AGAIN_AT_MOST:
            failure = failure_of(AudioLost("Speech audio in scratch was lost repeatedly.", code="chunk_damaged"))
            _give_up(context, tx, current, number, failure)
            return
        sessions.update(tx, session.id, is_ingested=False)
        wake_day(context.jobs, tx, current, why=f"audio lost:{number}:{current.updated_at.isoformat()}")

    context.write(store)
    log.warning("chunk_audio_lost", session_id=session.id, chunk=number, action="reading the recording again")


def _settle(
    context: WorkerContext, session: SessionRecord, number: int, attempt: int, failed: InARow, error: Exception
) -> None:
    """Queue another attempt, or give the chunk up."""
    failure = failure_of(error)
    failed = failed.and_now("transcribe_chunk", failure)
    wait_seconds = context.retry.job_wait_seconds(failure, failed.times)
    log.warning(
        "chunk_failed" if wait_seconds is None else "chunk_postponed",
        session_id=session.id,
        chunk=number,
        attempt=attempt,
        code=failure["code"],
        wait_seconds=wait_seconds,
        exc_info=error if wait_seconds is None else None,
    )
    context.write(lambda tx: _store_failure(context, tx, session, number, failure, failed, wait_seconds))


def _store_failure(
    context: WorkerContext,
    tx: Transaction,
    session: SessionRecord,
    number: int,
    failure: Failure,
    failed: InARow,
    wait_seconds: float | None,
) -> None:
    current = sessions.lock(tx, session.id)
    if current is None or current.run != session.run:
        return
    attempts = chunks.count_attempt(tx, session.id, number)
    if wait_seconds is not None:
        start_chunk(context.jobs, tx, session, number, attempts=attempts, delay_seconds=wait_seconds, failed=failed)
        return
    _give_up(context, tx, current, number, failure)


def _give_up(context: WorkerContext, tx: Transaction, session: SessionRecord, number: int, failure: Failure) -> None:
    notes: ChunkNotes = {"code": failure["code"]}
    if chunks.finish(tx, session.id, number, utterances=None, voices=None, notes=notes, error=failure["message"]):
        _count_down(context, tx, session, number)


def _count_down(context: WorkerContext, tx: Transaction, session: SessionRecord, number: int) -> None:
    """Update the progress of the session, and wake it after its last chunk."""
    left, total = chunks.pending(tx, session.id), chunks.count(tx, session.id)
    low, high = _TRANSCRIBE_SHARE_PERCENT
    if session.is_ingested:
        sessions.update(tx, session.id, percent=round(low + (high - low) * (total - left) / total, 1))
    if left == 0:
        wake_day(context.jobs, tx, session, why=f"chunks:{number}")
