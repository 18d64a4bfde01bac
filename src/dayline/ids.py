"""Identifiers: random for rows, derived for what must come out the same when work is repeated."""

from __future__ import annotations

import uuid

_NAMESPACE = uuid.UUID("6b0f9d0e-4c57-4a52-9d0a-3c7e7d1a9b10")


def new_id() -> str:
    """Return a random UUID as text."""
    return str(uuid.uuid4())


def derived_id(*parts: object) -> str:
    """Return the same UUID for the same parts, so that a repeated step makes no second row."""
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join(str(p) for p in parts)))
