"""`dayline keys`: make, list and revoke API keys."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from dayline.auth import keys_repository as keys
from dayline.auth import partners_repository as partners
from dayline.auth.service import ensure_partner
from dayline.bootstrap import open_store
from dayline.clock import iso, now
from dayline.db.database import Database
from dayline.domain.errors import NotFound
from dayline.http.dependencies import DEFAULT_SCOPES
from dayline.ids import new_id
from dayline.security.api_keys import KeyKind, make_key
from dayline.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False, help="API keys. A key is shown once, when it is made.")
_REST = ("prefix", "environment", "name", "created", "revoked")
_KINDS: dict[str, KeyKind] = {"production": "live", "sandbox": "sandbox", "admin": "admin"}


@app.command()
def create(
    partner: Annotated[str, typer.Option(help="Name of the partner; made when there is none of that name.")] = "local",
    environment: Annotated[str, typer.Option(help="production, sandbox or admin.")] = "production",
    name: Annotated[str, typer.Option(help="What the key is for.")] = "",
) -> None:
    """Make a key and print it, alone, to standard output."""
    if environment not in _KINDS:
        raise typer.BadParameter(f"{environment!r} is none of {', '.join(_KINDS)}")
    database = open_store(Settings())
    typer.echo(make(database, partner_name=partner, environment=environment, name=name or None))


def make(database: Database, *, partner_name: str, environment: str, name: str | None = None) -> str:
    """Make a key for a partner, found by name or made, and return its text."""
    key = make_key(_KINDS[environment])
    with database.write() as tx:
        partner_id = None if environment == "admin" else ensure_partner(tx, partner_name)
        keys.add(
            tx,
            keys.KeyRecord(
                id=new_id(),
                key_id=key.key_id,
                partner_id=partner_id,
                environment=environment,
                secret_hash=key.secret_hash,
                key_prefix=key.prefix,
                scopes=[*DEFAULT_SCOPES, "uploads:write"],
                name=name,
                description=None,
                revoked_at=None,
                created_at=now(),
            ),
        )
    return key.text


@app.command("list")
def list_keys(partner: Annotated[str, typer.Option(help="Name of the partner.")] = "local") -> None:
    """List a partner's keys, without their secrets."""
    database = open_store(Settings())
    with database.read() as tx:
        known = partners.find_by_name(tx, partner)
        if known is None:
            raise NotFound.of("partner", partner)
        rows = keys.list_of_partner(tx, known.id)
    # The id is there to be copied: other columns wrap before it is cut.
    table = Table(Column("id", no_wrap=True), *(Column(name, overflow="fold") for name in _REST))
    for row in rows:
        created, revoked = row.created_at.date().isoformat(), iso(row.revoked_at) or ""
        table.add_row(row.id, row.key_prefix, row.environment, row.name or "", created, revoked)
    Console().print(table)


@app.command()
def revoke(id: Annotated[str, typer.Argument(help="Id of the key, as `list` shows it.")]) -> None:
    """Revoke a key; requests with it are refused from now on."""
    database = open_store(Settings())
    with database.write() as tx:
        if not keys.revoke(tx, id):
            raise NotFound.of("key", id)
    typer.echo("revoked")
