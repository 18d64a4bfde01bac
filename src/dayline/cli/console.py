"""`dayline console`: print a link that signs one person in to the web console, once."""

from __future__ import annotations

from typing import Annotated

import typer

from dayline.auth import partners_repository as partners
from dayline.auth.roles import ROLES
from dayline.console.service import link_url, make_link
from dayline.db.database import Transaction
from dayline.domain.errors import InvalidRequest, NotFound
from dayline.settings import read_settings
from dayline.store import open_store


def console(
    role: Annotated[str, typer.Option(help="operator, coach, rep or viewer.")] = "coach",
    partner: Annotated[str, typer.Option(help="Name of the partner; may be left out while there is only one.")] = "",
    org: Annotated[
        list[str] | None, typer.Option(help="Org that may be seen; repeat it for more. Default: all.")
    ] = None,
    rep: Annotated[str, typer.Option(help="Role rep: id of the rep whose days may be seen.")] = "",
    name: Annotated[str, typer.Option(help="Name of the person, for notes and the access log.")] = "",
    sandbox: Annotated[bool, typer.Option(help="Show the made-up days of sandbox keys.")] = False,
    base_url: Annotated[str, typer.Option(help="Where the console is reached; default from the settings.")] = "",
) -> None:
    """Print a link that signs one person in to the web console. It works once, within ten minutes."""
    if role not in ROLES:
        raise typer.BadParameter(f"{role!r} is none of {', '.join(ROLES)}")
    settings = read_settings()
    database = open_store(settings, has_jobs=False)
    with database.write() as tx:
        link = make_link(
            tx,
            role=role,
            partner_id=_partner_id(tx, partner, is_needed=role != "operator"),
            environment="sandbox" if sandbox else "production",
            org_ids=org or [],
            rep_id=rep or None,
            name=name or None,
        )
    database.close()
    typer.echo(link_url(base_url.rstrip("/") or settings.effective_base_url, link.token))


def _partner_id(tx: Transaction, name: str, *, is_needed: bool) -> str | None:
    """Return the id of the partner with that name, or of the only partner; None for an operator without a name."""
    if name:
        found = partners.find_by_name(tx, name)
        if found is None:
            raise NotFound.of("partner", name)
        return found.id
    if not is_needed:
        return None
    known = partners.page(tx, limit=20)
    if len(known) != 1:
        names = (
            ", ".join(sorted(repr(row.name) for row in known)) or "none yet: make a key first, `dayline keys create`"
        )
        raise InvalidRequest(f"Say whose days with --partner NAME. Partners here: {names}.")
    return known[0].id
