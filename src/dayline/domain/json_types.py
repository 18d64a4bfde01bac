"""Types of JSON values that are stored or passed on without interpretation."""

from __future__ import annotations

from typing import TypeAlias, TypeGuard

JsonObject: TypeAlias = dict[str, object]
"""A JSON object of any content. Check the type of a member before using it."""


def is_object(value: object) -> TypeGuard[JsonObject]:
    """Return whether a JSON value is an object."""
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[list[object]]:
    """Return whether a JSON value is an array."""
    return isinstance(value, list)
