"""`dayline process`: the whole pipeline for one recording, without a server."""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from dayline.analyses import repository as analyses
from dayline.audio.ports import LocalFile
from dayline.bootstrap import WorkerRuntime, build_worker, open_store
from dayline.cli.keys import partner_id_of
from dayline.cli.show import show_day
from dayline.clock import now
from dayline.db.database import Database
from dayline.db.records import SessionRecord
from dayline.domain.errors import InvalidRequest
from dayline.domain.status import SessionStatus
from dayline.ids import new_id
from dayline.logs import set_up_logs
from dayline.orgs import repository as orgs
from dayline.playbooks import repository as playbooks
from dayline.sessions import documents_repository as documents
from dayline.sessions import repository as sessions
from dayline.sessions.service import new_session
from dayline.sessions.view import session_view
from dayline.settings import Settings
from dayline.workflows.enqueue import start_day
from dayline.workflows.worker_context import OpenedSource, Recording

_POLL_SECONDS = 0.3
_LOCAL = "local"


def process(
    recording: Annotated[str, typer.Argument(help="An audio file, or an https:// address of one.")],
    json_out: Annotated[Path | None, typer.Option("--json", help="Write everything that was found as JSON.")] = None,
    playbook: Annotated[Path | None, typer.Option(help="Markdown file with the team's playbook.")] = None,
    language: Annotated[str | None, typer.Option(help="Language of the recording, such as en.")] = None,
    min_confidence: Annotated[float, typer.Option(help="Analyse segments at or over this.", min=0, max=1)] = 0.8,
    skip_diarization: Annotated[bool, typer.Option(help="Do without speakers.")] = False,
) -> None:
    """Find and analyse the customer conversations of one recording, and print the day."""
    options = {
        "auto_analyze": True,
        "min_confidence": min_confidence,
        "language": language,
        "skip_diarization": skip_diarization,
    }
    with tempfile.TemporaryDirectory(prefix="dayline-") as folder:
        settings = Settings().model_copy(
            update={
                "data_folder": Path(folder),
                "database_url": "",
                "objects_url": "",
                "models_folder": Settings().effective_models_folder,
            }
        )
        set_up_logs(style=settings.log_style, level="WARNING")
        database = open_store(settings)
        local = None if recording.startswith(("https://", "http://")) else _existing(Path(recording))
        crew = build_worker(settings, database, open_source=_opener(local) if local else None)
        crew.start()
        try:
            day = _live(crew, database, recording, local, options, playbook)
        finally:
            crew.stop(drain_seconds=1)
            database.close()
    if json_out is not None:
        json_out.write_text(json.dumps(day, indent=2), encoding="utf-8")
    show_day(day, Console())
    if day["session"]["status"] == SessionStatus.FAILED:
        raise typer.Exit(1)


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise InvalidRequest(f"There is no file {path}.")
    return path.absolute()


def _opener(path: Path) -> Callable[[Recording, Path, Callable[[], bool]], OpenedSource]:
    return lambda _recording, _folder, _should_stop: LocalFile(path)


def _live(
    crew: WorkerRuntime,
    database: Database,
    recording: str,
    local: Path | None,
    options: dict[str, Any],
    playbook: Path | None,
) -> dict[str, Any]:
    with database.write() as tx:
        session = new_session(
            partner_id=partner_id_of(tx, _LOCAL),
            environment="production",
            org_id=_LOCAL,
            rep_id=_LOCAL,
            recording_url=None if local else recording,
            file_key=local.name if local else None,
            options=options,
            metadata={},
        )
        orgs.ensure(tx, session.partner_id, session.org_id, session.rep_id)
        if playbook is not None:
            playbooks.add(tx, _playbook(session, playbook))
        sessions.add(tx, session)
        start_day(crew.parts.jobs, tx, session)
    _wait(database, session.id)
    with database.read() as tx:
        view = session_view(tx, session.id)
        return {
            "session": view,
            "timeline": documents.get_json(tx, session.id, "timeline") or [],
            "transcript": documents.get_json(tx, session.id, "transcript"),
            "analyses": {a.id: analyses.large_parts(tx, a.id)[1] for a in analyses.children(tx, session.id)},
        }


def _playbook(session: SessionRecord, path: Path) -> playbooks.PlaybookRecord:
    moment = now()
    return playbooks.PlaybookRecord(
        id=new_id(),
        partner_id=session.partner_id,
        org_id=session.org_id,
        rep_id=None,
        name=path.stem,
        content=path.read_text(encoding="utf-8"),
        is_active=True,
        file_name=path.name,
        metadata={},
        version=1,
        deleted_at=None,
        created_at=moment,
        updated_at=moment,
    )


def _wait(database: Database, session_id: str) -> None:
    pause = threading.Event()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("queued", total=100)
        while True:
            with database.read() as tx:
                session = sessions.get(tx, session_id)
            if session is None or SessionStatus(session.status).is_terminal:
                bar.update(task, completed=100)
                return
            minutes = f"{session.transcribed_seconds / 60:.1f} min transcribed"
            bar.update(task, completed=session.percent, description=f"{session.stage:<10} {minutes:<22}")
            pause.wait(_POLL_SECONDS)
