"""`dayline encryption`: replace the key of secrets and voice prints."""

from __future__ import annotations

from typing import IO

import typer

from dayline.db.encryption import use_cipher
from dayline.security.encryption import Cipher, generate_key, parse_keys, write_key_file
from dayline.settings import InvalidSetting, read_settings
from dayline.store import open_store
from dayline.workflows.heartbeat import take_single_node_lock

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The key of secrets and voice prints at rest.")


@app.callback()
def _group() -> None:  # registered; keeps the app a group beside one command
    pass


@app.command()
def generate() -> None:
    """Print a new key for DAYLINE_ENCRYPTION_KEY."""
    typer.echo(generate_key())


@app.command()
def rotate() -> None:
    """Make a new key in the data folder and encrypt everything with it. Stop the service first.

    With DAYLINE_ENCRYPTION_KEY set, nothing is made: put the new key before the old one, restart every process, and
    everything is under the new key.
    """
    settings = read_settings()
    if settings.encryption_key.get_secret_value():
        raise InvalidSetting(
            "encryption_key",
            "it is set, so the key is yours to make: `dayline encryption generate`, write it before the old one, "
            "separated by a comma, and restart. After that the old one can go.",
        )
    locks: list[IO[str]] = []
    if settings.is_single_node:
        for name, holder in (("serve.lock", "service"), ("worker.lock", "worker")):
            locks.append(take_single_node_lock(settings.folder / name, holder=holder, wait_seconds=0.0))
    database = open_store(settings, has_jobs=False)
    path = settings.encryption_key_file
    keys = [generate_key(), *parse_keys(path.read_text())]
    # Both keys stay in the file until every row is encrypted with the new one, even if this is interrupted.
    write_key_file(path, keys)
    count = use_cipher(database, Cipher(keys))
    write_key_file(path, keys[:1])
    database.close()
    for lock in locks:
        lock.close()
    typer.echo(f"{count} values are encrypted with a new key in {path}. Back it up apart from the database.")
