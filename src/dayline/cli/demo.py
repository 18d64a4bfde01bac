"""`dayline demo`: run the embedded service with a temporary data folder, and process one day through its HTTP API."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Annotated, Any

import httpx2
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from dayline.analyses.schemas import ResultOf
from dayline.asr.model_catalog import find_models
from dayline.auth.service import ensure_partner
from dayline.cli.keys import make
from dayline.cli.show import ShownDay, show_day
from dayline.domain.errors import Unavailable
from dayline.sessions.schemas import SessionShown, TimelineShown
from dayline.settings import Settings, read_settings
from dayline.store import open_store

_LISTENS = re.compile(r"Dayline listens on (\S+)")
_START_SECONDS = 60.0
_POLL_SECONDS = 0.5
_TERMINAL = ("completed", "failed")


def demo(
    recording: Annotated[Path, typer.Option(help="The day to show.")] = Path("examples/sample-day/day.opus"),
    json_out: Annotated[Path, typer.Option("--json", help="Where the finished session is written.")] = Path(
        ".out/sample-day.json"
    ),
    keep: Annotated[bool, typer.Option(help="Leave the service running and say how to look around.")] = False,
) -> None:
    """Start the service on a free port, submit a day, show it being worked on, print what was found."""
    console = Console()
    if not recording.is_file():
        raise typer.BadParameter(f"there is no file {recording}; run this from the root of the repository")
    day: ShownDay | None = None
    with tempfile.TemporaryDirectory(prefix="dayline-demo-") as folder:
        models_folder = read_settings().effective_models_folder
        _say_when_no_model(models_folder, console)
        environment = {
            **os.environ,
            "DAYLINE_DATA_FOLDER": folder,
            "DAYLINE_MODELS_FOLDER": str(models_folder),
            "DAYLINE_LOG_LEVEL": "WARNING",
        }
        database = open_store(Settings(data_folder=Path(folder)))
        key = make(database, partner_name="demo", environment="production")
        with database.write() as tx:
            partner_id = ensure_partner(tx, "demo")
        database.close()
        command = [sys.executable, "-m", "dayline", "serve", "--port", "0"]
        service = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own module
        _end_with(service)
        try:
            base_url = _address(service)
            console.print(f"The service runs at {base_url}, its data in {folder}", highlight=False, soft_wrap=True)
            with httpx2.Client(base_url=base_url, headers={"Authorization": f"Bearer {key}"}, timeout=60) as web:
                day = _through_the_api(web, partner_id, recording, console)
            json_out.parent.mkdir(parents=True, exist_ok=True)
            json_out.write_text(json.dumps(day, indent=2), encoding="utf-8")
            show_day(day, console)
            console.print(f"The session as JSON: {json_out}", highlight=False)
            if keep:
                link = _console_link(environment, base_url, day["session"]["id"])
                _look_around(console, base_url, key, day["session"]["id"], link)
                service.wait()
        except KeyboardInterrupt:
            console.print("stopped")
        finally:
            service.terminate()
            service.wait(30)
    if day is None or day["session"]["status"] != "completed":
        raise typer.Exit(1)


def _say_when_no_model(models_folder: Path, console: Console) -> None:
    if os.environ.get("DAYLINE_SPEECH_ENGINE", "auto") == "auto" and not find_models(models_folder):
        console.print(
            f"No speech model is in {models_folder}: words come from pocketsphinx, which gets most words of real talk "
            "wrong. `dayline models install whisper-base` fetches one.",
            soft_wrap=True,
            highlight=False,
        )


def _end_with(service: subprocess.Popen[str]) -> None:
    """End the service on SIGTERM, which comes to this process alone, unlike Ctrl-C."""

    def end(_signal: int, _frame: object) -> None:
        # The exception alone would be lost where the signal comes while Python runs a callback of its collector.
        service.terminate()
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)


def _address(service: subprocess.Popen[str]) -> str:
    """Return the address that the service prints."""
    found: list[str] = []
    ready = threading.Event()

    def read() -> None:
        assert service.stdout is not None
        for line in service.stdout:
            match = _LISTENS.search(line)
            if match:
                found.append(match[1])
                ready.set()
        ready.set()

    threading.Thread(target=read, daemon=True).start()
    if not ready.wait(_START_SECONDS) or not found:
        raise Unavailable("The service did not start. Run `dayline doctor` to see why.")
    return found[0]


def _through_the_api(web: httpx2.Client, partner_id: str, recording: Path, console: Console) -> ShownDay:
    body = recording.read_bytes()
    signed = _ok(
        web.post(
            f"/v1/admin/partners/{partner_id}/uploads/signed-url",
            json={"file_name": recording.name, "content_type": "audio/ogg", "size_bytes": len(body)},
        )
    )
    httpx2.put(signed["upload_url"], content=body, headers=signed["headers"], timeout=120).raise_for_status()
    submitted: SessionShown = _ok(
        web.post(
            "/v1/all-day-sessions",
            json={"org_id": "demo-org", "rep_id": "demo-rep", "file_key": signed["file_key"]},
        )
    )
    # Share links are off until an org allows them; a synthetic day may be shared.
    _ok(web.post("/v1/orgs", json={"org_id": "demo-org", "settings": {"share_links": "on"}}))
    session = _watch(web, submitted["id"], console)
    timeline: TimelineShown = _ok(web.get(f"/v1/all-day-sessions/{session['id']}/timeline"))
    analyses: dict[str, ResultOf | None] = {
        s["analysis_id"]: _ok(web.get(f"/v1/analyses/{s['analysis_id']}"))["analysis"]
        for s in session["segments"]
        if s["analysis_id"]
    }
    return {"session": session, "timeline": timeline["stretches"], "analyses": analyses}


def _watch(web: httpx2.Client, session_id: str, console: Console) -> SessionShown:
    pause = threading.Event()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("queued", total=100)
        while True:
            session: SessionShown = _ok(web.get(f"/v1/all-day-sessions/{session_id}"))
            progress = session["progress"]
            minutes = f"{progress['transcribed_seconds'] / 60:.1f} min transcribed"
            bar.update(task, completed=progress["percent"], description=f"{progress['stage']:<10} {minutes:<22}")
            if session["status"] in _TERMINAL:
                return session
            pause.wait(_POLL_SECONDS)


def _ok(answer: httpx2.Response) -> Any:
    """Return the JSON of an answer. Raises Unavailable when it is an error."""
    if answer.is_error:
        error = answer.json()["error"]
        raise Unavailable(f"The service answered {answer.status_code} {error['code']}: {error['message']}")
    return answer.json()


def _console_link(environment: dict[str, str], base_url: str, session_id: str) -> str:
    """Return a one-time sign-in link to the day in the console."""
    command = [sys.executable, "-m", "dayline", "console", "--partner", "demo", "--base-url", base_url]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)  # noqa: S603 - our own module
    return f"{done.stdout.strip()}&to=/days/{session_id}"


def _look_around(console: Console, base_url: str, key: str, session_id: str, link: str) -> None:
    console.print("The service goes on until Ctrl-C. The day in the console:", highlight=False)
    console.print(f"  {link}", highlight=False, soft_wrap=True)
    console.print("The link signs in once within ten minutes. After that, sign in with the key", highlight=False)
    console.print(f"  {key}", highlight=False, soft_wrap=True)
    console.print("Or by the API:", highlight=False)
    auth = f"-H 'Authorization: Bearer {key}'"
    for path in (f"/v1/all-day-sessions/{session_id}", f"/v1/all-day-sessions/{session_id}/transcript?format=txt"):
        console.print(f"  curl {auth} '{base_url}{path}'", highlight=False, soft_wrap=True)
    console.print(f"  {base_url}/docs", highlight=False)
