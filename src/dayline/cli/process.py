"""`dayline process`: find and analyse the conversations of one recording, without a server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from dayline.cli.show import ShownDay, show_day
from dayline.domain.stored_json import SessionOptions
from dayline.local_run import ProcessedDay, read_playbook, run
from dayline.processes.heap import exclude_loaded_from_collections, use_one_heap
from dayline.sessions.schemas import Progress as SessionProgress


def process(
    recording: Annotated[str, typer.Argument(help="An audio file, or an https:// address of one.")],
    json_out: Annotated[
        Path | None, typer.Option("--json", help="Write everything that was found, in the shapes of the HTTP API.")
    ] = None,
    playbook: Annotated[Path | None, typer.Option(help="Text file with the team's playbook.")] = None,
    language: Annotated[str | None, typer.Option(help="Language of the recording, such as en.")] = None,
    min_confidence: Annotated[float, typer.Option(help="Analyse segments at or over this.", min=0, max=1)] = 0.8,
    skip_diarization: Annotated[bool, typer.Option(help="Do without speaker labels.")] = False,
) -> None:
    """Find and analyse the customer conversations of one recording, and print the day."""
    options: SessionOptions = {
        "auto_analyze": True,
        "min_confidence": min_confidence,
        "language": language,
        "skip_diarization": skip_diarization,
    }
    use_one_heap()
    exclude_loaded_from_collections()
    day = _with_progress_bar(recording, options, read_playbook(playbook))
    if json_out is not None:
        json_out.write_text(json.dumps(day.to_json(), indent=2), encoding="utf-8")
    shown: ShownDay = {
        "session": day.session,
        "timeline": day.timeline["stretches"],
        "analyses": {row["id"]: row["analysis"] for row in day.analyses},
    }
    show_day(shown, Console())
    if day.session["error"]:
        raise typer.Exit(1)


def _with_progress_bar(recording: str, options: SessionOptions, playbook: tuple[str, str] | None) -> ProcessedDay:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("queued", total=100)

        def show(progress: SessionProgress) -> None:
            minutes = f"{progress['transcribed_seconds'] / 60:.1f} min transcribed"
            bar.update(task, completed=progress["percent"], description=f"{progress['stage']:<10} {minutes:<22}")

        day = run(recording, options=options, playbook=playbook, on_progress=show)
        if not day.session["error"]:
            bar.update(task, completed=100, description="completed")
        return day
