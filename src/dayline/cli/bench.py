"""`dayline bench`: measure the figures of the documentation on this machine."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from dayline.detection.benchmark import runner

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Benchmarks. They need the repository, not only the package."
)


@app.command()
def boundaries(
    days: Annotated[Path, typer.Option(help="Days as JSON lines, gzipped or not.")],
    predictions: Annotated[Path | None, typer.Option(help="Write what was found, one line per day.")] = None,
    without: Annotated[list[str] | None, typer.Option(help="context or speakers: leave these out.")] = None,
) -> None:
    """Run the detector over labelled days and print how often it is right."""
    runner.run(days, predictions_path=predictions, without=tuple(without or ()))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def audio(context: typer.Context) -> None:
    """Measure ingest: memory, speed, damage, hostile files. Options go to the benchmark."""
    _module("bench.audio").run(context.args)


def _module(name: str) -> Any:
    sys.path.insert(0, str(Path.cwd()))
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and error.name.startswith("bench"):
            raise typer.BadParameter(
                "run this from the root of the repository: benchmarks are not in the package"
            ) from error
        raise
