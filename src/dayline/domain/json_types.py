"""Types of JSON values that are kept or passed on without being interpreted."""

from __future__ import annotations

from typing import TypeAlias

JsonObject: TypeAlias = dict[str, object]
"""A JSON object of any content. Check the type of a member before using it."""
