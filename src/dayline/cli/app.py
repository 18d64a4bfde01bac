"""The commands of `dayline`."""

from __future__ import annotations

import typer

from dayline import __version__
from dayline.cli.lazy import LazyCommand, lazy_group

_COMMANDS = (
    LazyCommand("serve", "dayline.cli.serve:serve", "Run the API, and a worker beside it."),
    LazyCommand("worker", "dayline.cli.serve:worker", "Run a worker only."),
    LazyCommand("process", "dayline.cli.process:process", "Find and analyse the conversations of one recording."),
    LazyCommand("demo", "dayline.cli.demo:demo", "Start the service and send it the sample day."),
    LazyCommand("doctor", "dayline.cli.doctor:doctor", "Check the settings and this machine."),
    LazyCommand("console", "dayline.cli.console:console", "Print a link that signs in to the web console, once."),
    LazyCommand("keys", "dayline.cli.keys:app", "Create, list and revoke API keys."),
    LazyCommand("encryption", "dayline.cli.encryption:app", "Replace the key of secrets and voice prints."),
    LazyCommand("models", "dayline.cli.models:app", "List, install and check speech models."),
    LazyCommand("mcp", "dayline.cli.mcp:mcp", "Serve the main operations as tools for language models."),
    LazyCommand("bench", "dayline.cli.bench:app", "Run the benchmarks. They need the repository."),
)

app = typer.Typer(
    cls=lazy_group(_COMMANDS),
    no_args_is_help=True,
    add_completion=False,
    help="Finds the customer conversations in a recorded workday.",
)


@app.callback()
def _group() -> None:  # registered; keeps the app a group beside one own command
    pass


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)
