"""Whether an API key still works, read along with a row that the caller asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dayline.db.tables import api_key, partner


@dataclass(frozen=True, slots=True)
class KeyState:
    """Whether a key still works: both moments are None when it does."""

    revoked_at: datetime | None
    suspended_at: datetime | None


def with_state(query: sa.Select[Any], table: sa.Table) -> sa.Select[Any]:
    """Return a query of `table` that also reads the state of the key bound as `caller_key_id`: see `state_in`."""
    joined = table.outerjoin(api_key, api_key.c.key_id == sa.bindparam("caller_key_id"))
    joined = joined.outerjoin(partner, partner.c.id == api_key.c.partner_id)
    return query.select_from(joined).add_columns(
        api_key.c.key_id.label("caller_key"),
        api_key.c.revoked_at.label("caller_revoked_at"),
        partner.c.suspended_at.label("caller_suspended_at"),
    )


def key_and(condition: sa.ColumnElement[bool]) -> sa.Select[Any, Any, Any, bool]:
    """Return a query of the key bound as `caller_key_id`: its state and, as `is_there`, whether a condition holds.

    It returns no row when the key is gone.
    """
    joined = api_key.outerjoin(partner, partner.c.id == api_key.c.partner_id)
    return (
        sa.select(
            api_key.c.key_id.label("caller_key"),
            api_key.c.revoked_at.label("caller_revoked_at"),
            partner.c.suspended_at.label("caller_suspended_at"),
            condition.label("is_there"),
        )
        .select_from(joined)
        .where(api_key.c.key_id == sa.bindparam("caller_key_id"))
    )


def state_in(row: Any) -> KeyState | None:
    """Return the state of the key in a row of a query made by `with_state`, or None when the key is gone."""
    return None if row.caller_key is None else KeyState(row.caller_revoked_at, row.caller_suspended_at)
