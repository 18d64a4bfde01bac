"""`dayline doctor`: check the configuration and this machine, and report how to fix each problem."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Callable

import httpx2
import typer
from rich.console import Console

from dayline.asr.registry import load_transcriber
from dayline.bootstrap import language_config, outgoing_tls, speech_config, voice_model
from dayline.cli.startup import (
    check_analyst,
    check_data_folder,
    check_network_settings,
    check_objects,
    check_speech,
)
from dayline.db.blobs import Blobs
from dayline.db.migrate import schema_state
from dayline.diarization.registry import load as load_voice_encoder
from dayline.domain.errors import DaylineError
from dayline.llm.model_check import check_model
from dayline.settings import InvalidSetting, Settings, read_settings
from dayline.store import connect

_LEAST_FREE_BYTES = 2 * 1024**3
_ANSWER_SECONDS = 10.0
_OPENAI = "https://api.openai.com/v1"
_DEEPGRAM = "https://api.deepgram.com/v1"


def doctor() -> None:
    """Check settings, folders, database, object store, speech engine and analyst. Exit status 1 when one would fail."""
    settings = read_settings()
    checks: list[tuple[str, Callable[[], str]]] = [
        ("Python", lambda: f"{sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}"),
        ("Data folder", lambda: _data_folder(settings)),
        ("Scratch", lambda: _scratch(settings)),
        ("Database", lambda: _database(settings)),
        ("Object store", lambda: _objects(settings)),
        ("Speech", lambda: _speech(settings)),
        ("Voices", lambda: load_voice_encoder(voice_model(settings)).name),
        ("Analyst", lambda: _analyst(settings)),
        ("Network", lambda: _network(settings)),
    ]
    console, failed = Console(), 0
    for name, check in checks:
        try:
            console.print(f"[green]ok[/green]    {name}: {check()}", highlight=False, soft_wrap=True)
        except (DaylineError, OSError) as error:
            failed += 1
            text = error.message if isinstance(error, DaylineError) else str(error)
            console.print(f"[red]FAIL[/red]  {name}: {text}", highlight=False, soft_wrap=True)
    if failed:
        raise typer.Exit(1)


def _data_folder(settings: Settings) -> str:
    check_data_folder(settings)
    free = shutil.disk_usage(settings.folder).free
    if free < _LEAST_FREE_BYTES:
        raise InvalidSetting(
            "data_folder", f"only {free / 1e9:.1f} GB are free below {settings.folder}. Free some, or name another."
        )
    return f"{settings.folder}, {free / 1e9:.0f} GB free"


def _scratch(settings: Settings) -> str:
    folder = settings.folder / "scratch"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "doctor-check"
    path.write_bytes(b"ok")
    path.unlink()
    return f"{folder} can be written"


def _database(settings: Settings) -> str:
    database = connect(settings)
    try:
        state = schema_state(database)
        kind = "SQLite" if database.is_sqlite else "PostgreSQL"
        if not state.is_known:
            raise InvalidSetting(
                "database_url" if settings.database_url else "data_folder",
                f"the schema {state.current} was made by a newer version of Dayline. Install that version.",
            )
        if state.current is None:
            return f"{kind}, empty; the first start creates the schema"
        database.check_writable()
        if state.current != state.head:
            return f"{kind}, schema {state.current}; the next start upgrades it to {state.head}"
        return f"{kind}, schema {state.current} is current, can be written"
    finally:
        database.close()


def _objects(settings: Settings) -> str:
    check_objects(settings)
    blobs = Blobs(settings.effective_objects_url)
    blobs.put("doctor/check", b"ok")
    if blobs.get("doctor/check") != b"ok":
        raise InvalidSetting("objects_url", "what was written does not come back.")
    blobs.delete_below("doctor")
    return f"{settings.effective_objects_url} can be written and read"


def _speech(settings: Settings) -> str:
    check_speech(settings)
    if settings.speech_engine in ("openai", "deepgram"):
        key = settings.speech_api_key.get_secret_value()
        if settings.speech_engine == "deepgram":
            answer = _ask(settings, settings.speech_base_url or _DEEPGRAM, "/projects", f"Token {key}", "speech")
        else:
            answer = _ask(
                settings, settings.speech_base_url or _OPENAI, "/models", f"Bearer {key}" if key else "", "speech"
            )
        return f"{settings.speech_engine} {settings.speech_model}: {answer}"
    name = load_transcriber(speech_config(settings)).name
    return f"{settings.speech_engine} loads {name}"


def _analyst(settings: Settings) -> str:
    check_analyst(settings)
    if settings.analyst == "rubric":
        return "rubric, offline"
    key = settings.language_api_key.get_secret_value()
    base_url = settings.language_base_url or _OPENAI
    answer = _ask(settings, base_url, "/models", f"Bearer {key}" if key else "", "language")
    if settings.analyst != "openai":
        return f"{settings.analyst}: {answer}"
    found = check_model(language_config(settings))
    if not found.works:
        raise InvalidSetting("language_model", f"{settings.language_model} cannot judge conversations. {found.message}")
    return f"{settings.analyst}, {found.message}"


def _network(settings: Settings) -> str:
    check_network_settings(settings)
    opened = ", ".join(settings.allow_networks)
    return f"addresses of partners may also lead to {opened}" if opened else "addresses of partners must be public"


def _ask(settings: Settings, base_url: str, path: str, authorization: str, prefix: str) -> str:
    """Send a provider a request that costs nothing, and return the result. Raises InvalidSetting."""
    headers = {"Authorization": authorization} if authorization else {}
    try:
        with httpx2.Client(timeout=_ANSWER_SECONDS, verify=outgoing_tls(settings) or True) as client:
            status = client.get(base_url.rstrip("/") + path, headers=headers).status_code
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise InvalidSetting(f"{prefix}_base_url", f"{base_url} does not answer ({type(error).__name__}).") from error
    if status in (401, 403):
        raise InvalidSetting(f"{prefix}_api_key", f"{base_url} refuses the key ({status}).")
    if status >= 500:
        raise InvalidSetting(f"{prefix}_base_url", f"{base_url} answers {status}.")
    return "the server answers"
