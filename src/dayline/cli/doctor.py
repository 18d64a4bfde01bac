"""`dayline doctor`: looks at this machine and says what would not work, and what to do about it."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Callable

import typer
from rich.console import Console

from dayline.asr.registry import SpeechConfig, describe_available
from dayline.bootstrap import open_store
from dayline.db.blobs import Blobs
from dayline.domain.errors import DaylineError
from dayline.settings import Settings

_LEAST_FREE_BYTES = 2 * 1024**3


def doctor() -> None:
    """Check Python, disk, database, object store and speech models."""
    settings = Settings()
    checks: list[tuple[str, Callable[[], str]]] = [
        ("Python", lambda: f"{sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}"),
        ("Disk", lambda: _disk(settings)),
        ("Database", lambda: _database(settings)),
        ("Objects", lambda: _objects(settings)),
        ("Speech", lambda: _speech(settings)),
    ]
    console, bad = Console(), 0
    for name, check in checks:
        try:
            console.print(f"[green]ok[/green]    {name}: {check()}", highlight=False)
        except (DaylineError, OSError) as error:
            bad += 1
            console.print(f"[red]wrong[/red] {name}: {error}", highlight=False)
    if bad:
        raise typer.Exit(1)


def _disk(settings: Settings) -> str:
    settings.folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.folder).free
    if free < _LEAST_FREE_BYTES:
        raise OSError(f"only {free / 1e9:.1f} GB free below {settings.folder}; free some or set DAYLINE_DATA_FOLDER")
    return f"{free / 1e9:.0f} GB free below {settings.folder}"


def _database(settings: Settings) -> str:
    database = open_store(settings)
    kind = "SQLite" if database.is_sqlite else "PostgreSQL"
    database.close()
    return f"{kind}, schema is current"


def _objects(settings: Settings) -> str:
    blobs = Blobs(settings.effective_objects_url)
    blobs.put("doctor/check", b"ok")
    if blobs.get("doctor/check") != b"ok":
        raise OSError("what was written does not come back")
    blobs.delete("doctor/check")
    return "can be written and read"


def _speech(settings: Settings) -> str:
    config = SpeechConfig(engine="auto", models_dir=settings.effective_models_folder)
    chosen = next((m.name for m in describe_available(config) if m.is_chosen), "none")
    return f"auto takes {chosen}"
