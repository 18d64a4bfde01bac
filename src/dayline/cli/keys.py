"""`dayline keys`: make, list and revoke API keys."""

from __future__ import annotations

import re
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from dayline.auth import keys_repository as keys
from dayline.auth import partners_repository as partners
from dayline.auth.principal import DEFAULT_SCOPES
from dayline.auth.service import ensure_partner
from dayline.clock import now
from dayline.db.database import Database
from dayline.domain.errors import NotFound
from dayline.domain.stored_json import KeyEnvironment
from dayline.ids import new_id
from dayline.security.api_keys import KeyKind, make_key
from dayline.settings import read_settings
from dayline.store import open_store

app = typer.Typer(no_args_is_help=True, add_completion=False, help="API keys. A key is shown once, when it is made.")
_PREFIX = re.compile(r"^pk_(?:live|sandbox|admin)_([a-z0-9]{12})(?:_.*)?$")
_KINDS: dict[KeyEnvironment, KeyKind] = {"production": "live", "sandbox": "sandbox", "admin": "admin"}


@app.command()
def create(
    partner: Annotated[str, typer.Option(help="Name of the partner; made when there is none of that name.")] = "local",
    environment: Annotated[KeyEnvironment, typer.Option(help="production, sandbox or admin.")] = "production",
    name: Annotated[str, typer.Option(help="What the key is for.")] = "",
) -> None:
    """Make a key and print it, alone, to standard output."""
    database = open_store(read_settings(), has_jobs=False)
    typer.echo(make(database, partner_name=partner, environment=environment, name=name or None))


def make(database: Database, *, partner_name: str, environment: KeyEnvironment, name: str | None = None) -> str:
    """Create a key for a partner, who is created if no partner has this name, and return the key's text."""
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
def list_keys(
    partner: Annotated[str | None, typer.Option(help="Name of the partner; every partner when left out.")] = None,
) -> None:
    """List keys without their secrets, newest first. `revoke` takes what stands in the column `key`."""
    database = open_store(read_settings(), has_jobs=False)
    with database.read() as tx:
        rows = keys.list_named(tx, partner_name=partner)
        if partner is not None and not rows and partners.find_by_name(tx, partner) is None:
            raise NotFound.of("partner", partner)
    table = Table(Column("key", no_wrap=True), Column("partner", overflow="fold"), Column("name", overflow="fold"))
    table.add_column("created", no_wrap=True)
    table.add_column("revoked", no_wrap=True)
    for row in rows:
        key, revoked_at = row.key, row.key.revoked_at
        table.add_row(
            key.key_prefix,
            row.partner_name or "(admin)",
            key.name or "",
            key.created_at.date().isoformat(),
            revoked_at.date().isoformat() if revoked_at else "",
        )
    Console().print(table)


@app.command()
def revoke(
    key: Annotated[str, typer.Argument(help="The key as `list` shows it (pk_live_<id>), or the id in it.")],
) -> None:
    """Revoke a key; requests with it are refused from now on."""
    database = open_store(read_settings(), has_jobs=False)
    match = _PREFIX.match(key)
    with database.write() as tx:
        found = keys.find_holder(tx, match[1] if match else key)
        if not keys.revoke(tx, found.key.id if found else key):
            raise NotFound("There is no such key. `dayline keys list` shows the keys.", code="key_not_found")
    typer.echo("revoked")
