"""Process one recording on this machine, without a server: the function `dayline.process`."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from dayline.analyses import repository as analyses
from dayline.analyses.schemas import AnalysisShown, ResultOf
from dayline.analyses.view import analysis_view
from dayline.audio.ports import LocalFile
from dayline.auth import service as auth
from dayline.bootstrap import WorkerRuntime, build_worker
from dayline.clock import monotonic_seconds, now
from dayline.db.database import Database, Transaction
from dayline.db.records import SessionRecord
from dayline.domain.errors import DaylineError, InvalidRequest
from dayline.domain.json_types import JsonObject
from dayline.domain.serialization import unpack_transcript
from dayline.domain.status import SessionStatus
from dayline.domain.stored_json import SessionOptions
from dayline.domain.transcript import Transcript
from dayline.ids import new_id
from dayline.logs import set_up_logs
from dayline.orgs import repository as orgs
from dayline.playbooks import repository as playbooks
from dayline.scoring.report import transcript_json
from dayline.sessions import documents_repository as documents
from dayline.sessions import repository as sessions
from dayline.sessions.schemas import Progress as SessionProgress
from dayline.sessions.schemas import SegmentShown, SessionShown, TimelineShown
from dayline.sessions.view import progress_json, session_view
from dayline.settings import Settings
from dayline.store import open_store
from dayline.workflows.enqueue import start_day
from dayline.workflows.worker_context import OpenedSource, Recording

_POLL_SECONDS, _LATER_POLL_SECONDS, _SHORT_SECONDS = 0.3, 1.0, 30.0
"""How often the session is looked at: less while a recording that takes longer than a short one does is transcribed."""
_LOCAL = "local"

OnProgress = Callable[[SessionProgress], None]
"""Receives `progress` as the API shows it: stage, percent, transcribed_seconds."""


@dataclass(frozen=True, slots=True)
class ProcessedDay:
    """Everything that was found in one recording, in the shapes of the HTTP API.

    Attributes:
        session: what `GET /v1/all-day-sessions/{id}` answers; `segments` are the customer conversations.
        timeline: what `GET .../timeline` answers; every second of the day under one label.
        analyses: what `GET /v1/analyses/{id}` answers, one per analysed segment.
        transcript: every recognised word with its time and speaker; None when transcription did not end.
    """

    session: SessionShown
    timeline: TimelineShown
    analyses: tuple[AnalysisShown, ...]
    transcript: Transcript | None

    @property
    def segments(self) -> list[SegmentShown]:
        """The customer conversations in the order of the day."""
        return self.session["segments"]

    def analysis_of(self, segment_id: str) -> ResultOf | None:
        """Return the analysis result of a segment, or None where it was not analysed."""
        for row in self.analyses:
            if row["segment_id"] == segment_id:
                return row["analysis"]
        return None

    def to_json(self) -> JsonObject:
        """Return everything as plain JSON values."""
        return {
            "session": self.session,
            "timeline": self.timeline,
            "transcript": None if self.transcript is None else transcript_json(self.transcript),
            "analyses": list(self.analyses),
        }


def process(
    recording: str | Path,
    *,
    playbook: str | Path | None = None,
    language: str | None = None,
    min_confidence: float = 0.8,
    skip_diarization: bool = False,
    on_progress: OnProgress | None = None,
) -> ProcessedDay:
    """Find, score and explain the customer conversations of one recording.

    Args:
        recording: path of an audio file, or an https:// address of one.
        playbook: the team's playbook, as a path of a text file or as text of more than one line.
        language: BCP 47 tag of the recording; detected when None and the engine can.
        min_confidence: analyse segments at or over this (0..1).
        skip_diarization: do without speaker labels.
        on_progress: called at least once a second with the state of the work.

    Raises:
        DaylineError: the recording or an option cannot be used; `code` and `message` say why.
    """
    day = run(
        str(recording),
        options={
            "auto_analyze": True,
            "min_confidence": min_confidence,
            "language": language,
            "skip_diarization": skip_diarization,
        },
        playbook=read_playbook(playbook),
        on_progress=on_progress,
    )
    error = day.session["error"]
    if error:
        raise DaylineError(error["message"], code=error["code"])
    return day


def run(
    recording: str, *, options: SessionOptions, playbook: tuple[str, str] | None, on_progress: OnProgress | None = None
) -> ProcessedDay:
    """Run the session workflow for one recording with a temporary data folder.

    playbook: name and content. A recording that cannot be used ends in `session["error"]` and raises nothing.
    """
    own = Settings()
    if not structlog.is_configured():
        set_up_logs(style=own.log_style, level="WARNING")
    with tempfile.TemporaryDirectory(prefix="dayline-") as folder:
        settings = own.model_copy(
            update={
                "data_folder": Path(folder),
                "database_url": "",
                "objects_url": "",
                "models_folder": own.effective_models_folder,
            }
        )
        local = None if recording.startswith(("https://", "http://")) else _existing(Path(recording))
        database = open_store(settings)
        worker = build_worker(settings, database, open_source=_opener(local) if local else None)
        worker.start()
        try:
            session_id = _submit(worker, database, recording, local, options, playbook)
            _wait(database, session_id, on_progress)
            with database.read() as tx:
                return _read(tx, session_id)
        finally:
            worker.stop(drain_seconds=1)
            database.close()


def read_playbook(playbook: str | Path | None) -> tuple[str, str] | None:
    """Return name and content of a playbook given as a path or as text of more than one line."""
    if playbook is None:
        return None
    if isinstance(playbook, str) and "\n" in playbook:
        return "playbook", playbook
    path = _existing(Path(playbook))
    return path.stem, path.read_text(encoding="utf-8")


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise InvalidRequest(f"There is no file {path}.")
    return path.absolute()


def _opener(path: Path) -> Callable[[Recording, Path, Callable[[], bool]], OpenedSource]:
    return lambda _recording, _folder, _should_stop: LocalFile(path)


def _submit(
    worker: WorkerRuntime,
    database: Database,
    recording: str,
    local: Path | None,
    options: SessionOptions,
    playbook: tuple[str, str] | None,
) -> str:
    with database.write() as tx:
        session = sessions.new_record(
            partner_id=auth.ensure_partner(tx, _LOCAL),
            environment="production",
            org_id=_LOCAL,
            rep_id=_LOCAL,
            recording_url=None if local else recording,
            file_key=local.name if local else None,
            options=options,
        )
        orgs.ensure(tx, session.partner_id, session.org_id, session.rep_id)
        if playbook is not None:
            playbooks.add(tx, _playbook_row(session, *playbook))
        sessions.add(tx, session)
        start_day(worker.parts.jobs, tx, session)
    return session.id


def _playbook_row(session: SessionRecord, name: str, content: str) -> playbooks.PlaybookRecord:
    moment = now()
    return playbooks.PlaybookRecord(
        id=new_id(),
        partner_id=session.partner_id,
        org_id=session.org_id,
        rep_id=None,
        name=name,
        content=content,
        is_active=True,
        file_name=None,
        metadata={},
        version=1,
        deleted_at=None,
        created_at=moment,
        updated_at=moment,
    )


def _wait(database: Database, session_id: str, on_progress: OnProgress | None) -> None:
    pause, began, changes = threading.Event(), monotonic_seconds(), database.watch_changes()
    session: SessionRecord | None = None
    while True:
        if changes.has_changed():
            with database.read() as tx:
                session = sessions.get(tx, session_id)
        if session is None or SessionStatus(session.status).is_terminal:
            return
        if on_progress is not None:
            on_progress(progress_json(session))
        is_long = monotonic_seconds() - began >= _SHORT_SECONDS and session.stage in ("ingest", "transcribe")
        pause.wait(_LATER_POLL_SECONDS if is_long else _POLL_SECONDS)


def _read(tx: Transaction, session_id: str) -> ProcessedDay:
    session = session_view(tx, session_id)
    packed = documents.get_json(tx, session_id, "transcript")
    return ProcessedDay(
        session=session,
        timeline={
            "session_id": session_id,
            "revision": session["revision"],
            "duration_seconds": session["duration_seconds"] or 0.0,
            "stretches": documents.get_json(tx, session_id, "timeline") or [],
        },
        analyses=tuple(analysis_view(tx, row.id) for row in analyses.children(tx, session_id)),
        transcript=None if packed is None else unpack_transcript(packed),
    )
