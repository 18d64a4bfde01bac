"""JSON values that every part behind a door can store: no NaN, NUL, half characters or deep nests."""

from __future__ import annotations

import math
from typing import Any

from dayline.core.errors import InvalidRequest

MAX_DEPTH = 40


def check_storable(value: Any) -> None:
    """Refuse what Python reads and a database does not. Raises InvalidRequest."""
    waiting: list[tuple[Any, int]] = [(value, 0)]
    while waiting:
        item, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise too_deep()
        if isinstance(item, str):
            _check_text(item)
        elif isinstance(item, dict):
            for name, inner in item.items():
                _check_text(name)
                waiting.append((inner, depth + 1))
        elif isinstance(item, list):
            waiting.extend((inner, depth + 1) for inner in item)
        elif isinstance(item, float) and not math.isfinite(item):
            raise InvalidRequest("The body holds a number that is too large.")


def too_deep() -> InvalidRequest:
    """Return the error for a value that is nested too deep."""
    return InvalidRequest(f"The body is nested deeper than {MAX_DEPTH} levels.")


def _check_text(text: str) -> None:
    if "\0" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise InvalidRequest("The body holds a text with NUL or with half of a character.")
