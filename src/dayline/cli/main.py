"""The entry point of the command `dayline`."""

from __future__ import annotations

import os
import sys

from dayline import __version__
from dayline.domain.errors import DaylineError
from dayline.security.files import PRIVATE_UMASK


def run() -> None:
    """Run the command line. A known failure prints one line to standard error and exits with status 1."""
    os.umask(PRIVATE_UMASK)
    if sys.argv[1:] == ["version"]:  # answered without the libraries of the other commands
        sys.stdout.write(f"{__version__}\n")
        return
    from dayline.cli.app import app

    try:
        app()
    except DaylineError as error:
        from rich.console import Console

        Console(stderr=True).print(f"[red]{error.code}[/red] {error.message}", highlight=False)
        sys.exit(1)
