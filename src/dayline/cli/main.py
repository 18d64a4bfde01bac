"""The command `dayline`: every door for people who sit at the machine."""

from __future__ import annotations

import sys

import typer
from rich.console import Console

from dayline import __version__
from dayline.cli import bench, demo, doctor, keys, mcp, models, process, serve
from dayline.domain.errors import DaylineError

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Finds the customer conversations in a recorded workday."
)
app.command("serve")(serve.serve)
app.command("worker")(serve.worker)
app.command("mcp")(mcp.mcp)
app.command("process")(process.process)
app.command("demo")(demo.demo)
app.command("doctor")(doctor.doctor)
app.add_typer(keys.app, name="keys")
app.add_typer(models.app, name="models")
app.add_typer(bench.app, name="bench")


@app.command()
def version() -> None:
    """Print the version."""
    Console().print(__version__)


def run() -> None:
    """Run the command line; a failure that we know is one line, not a trace."""
    try:
        app()
    except DaylineError as error:
        Console(stderr=True).print(f"[red]{error.code}[/red] {error.message}", highlight=False)
        sys.exit(1)
