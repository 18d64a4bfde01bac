"""An analysis of its own: one recording that is one conversation, or a transcript of one."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from dayline.analyses import repository as analyses
from dayline.asr.answer_checks import SpanTranscript
from dayline.audio.chunks import Span, read_span
from dayline.audio.ingest import ingest as decode
from dayline.clock import monotonic_seconds, now
from dayline.db.records import AnalysisRecord
from dayline.diarization.tasks import Named, name_speakers, voice_windows
from dayline.domain.errors import DaylineError, Unavailable
from dayline.domain.redaction import redact
from dayline.domain.serialization import pack_utterances, unpack_utterances
from dayline.domain.status import AnalysisStatus
from dayline.domain.transcript import Transcript, Utterance
from dayline.logs import get_log
from dayline.orgs import repository as orgs
from dayline.orgs import voice_prints_repository as voice_prints
from dayline.workflows.analysis import outcome
from dayline.workflows.analysis.run import judge
from dayline.workflows.retry import failure_of
from dayline.workflows.sandbox.scripts import mock_call
from dayline.workflows.worker_context import Recording, WorkerContext

log = get_log(__name__)

StopCheck = Callable[[], bool]
_TRIES = 3
_STOP_LOOK_SECONDS = 0.5


def call(context: WorkerContext, analysis_id: str) -> None:
    """Transcribe and judge one conversation. Run again after a crash, it starts from the recording."""
    with context.database.write() as tx:
        analyses.update_open(tx, analysis_id, status=AnalysisStatus.PROCESSING, started_at=now())
        analysis = analyses.get(tx, analysis_id)
    if analysis is None or analysis.status != AnalysisStatus.PROCESSING:
        return
    folder = context.scratch_of(analysis_id)
    try:
        talk = _hear(context, analysis, folder)
        with context.database.read() as tx:
            wanted = orgs.redacted(tx, analysis.partner_id, analysis.org_id)
        talk = replace(talk, utterances=redact(talk.utterances, wanted))
        transcript, result = judge(context, analysis, talk)
    except DaylineError as error:
        log.info("call_failed", analysis_id=analysis_id, code=error.code)
        outcome.fail_analysis(context, analysis_id, failure_of(error))
    except Exception as error:
        log.exception("call_broke", analysis_id=analysis_id)
        outcome.fail_analysis(context, analysis_id, failure_of(error))
    else:
        outcome.complete_analysis(context, analysis_id, transcript, result)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _hear(context: WorkerContext, analysis: AnalysisRecord, folder: Path) -> Transcript:
    if analysis.transcript_url and not analysis.recording_url and not analysis.file_key:
        return context.fetch_transcript(analysis.transcript_url)
    recording = Recording(analysis.partner_id, analysis.recording_url, analysis.file_key)
    if recording.is_mock:
        return mock_call(analysis.recording_url or "")
    should_stop = _stop_check(context, analysis.id)
    found: list[Span] = []
    folder.mkdir(parents=True, exist_ok=True)
    source = context.open_source(recording, folder, should_stop)
    try:
        report = decode(source, folder, limits=context.call_limits, on_span=found.append, should_stop=should_stop)
    finally:
        source.close()
    heard = [_recognise(context, analysis, span, should_stop) for span in found]
    named = _with_speakers(context, analysis, found, [u for piece in heard for u in piece.utterances])
    return Transcript(
        unpack_utterances(named.utterances),
        duration_seconds=report.duration_seconds,
        language=analysis.options.get("language"),
        engine=heard[0].engine if heard else None,
        is_demo_quality=any(piece.is_demo_quality for piece in heard),
        notes={"rep_confidence": named.rep_confidence},
    )


def _recognise(context: WorkerContext, analysis: AnalysisRecord, span: Span, should_stop: StopCheck) -> SpanTranscript:
    clips = read_span(span.path).clips
    for _ in range(_TRIES - 1):
        try:
            return context.recognisers.transcribe(clips, analysis.options.get("language"), should_stop=should_stop)
        except Unavailable as error:
            log.warning("span_failed", analysis_id=analysis.id, span=span.index, code=error.code)
    return context.recognisers.transcribe(clips, analysis.options.get("language"), should_stop=should_stop)


def _with_speakers(
    context: WorkerContext, analysis: AnalysisRecord, found: list[Span], utterances: list[Utterance]
) -> Named:
    packed = pack_utterances(utterances)
    if analysis.options.get("skip_diarization") or not utterances:
        return Named(packed, [], None)
    windows = [context.compute.run(voice_windows, span.path.read_bytes(), context.voice_model) for span in found]
    with context.database.read() as tx:
        print_ = voice_prints.vector(tx, analysis.partner_id, analysis.org_id, analysis.rep_id, context.voice_model)
    return context.compute.run(name_speakers, packed, windows, print_)


def _stop_check(context: WorkerContext, analysis_id: str) -> StopCheck:
    last = monotonic_seconds()

    def should_stop() -> bool:
        nonlocal last
        if monotonic_seconds() - last < _STOP_LOOK_SECONDS:
            return False
        last = monotonic_seconds()
        with context.database.read() as tx:
            analysis = analyses.get(tx, analysis_id)
        return analysis is None or analysis.status != AnalysisStatus.PROCESSING

    return should_stop
