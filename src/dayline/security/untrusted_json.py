"""Parse untrusted JSON: limit size, number of values and depth first, and refuse unstorable values.

Unstorable values are accepted by Python but not by databases or other JSON parsers: NaN, Infinity, numbers
beyond a double such as 1e999, halves of surrogate pairs, NUL characters.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from pydantic_core import from_json

from dayline.domain.json_types import is_array, is_object

MAX_DEPTH = 40
MAX_VALUES = 20_000
_MAX_INTEGER = 10**308
_PIECE_BYTES = 64 * 1024
_REST_OF_ESCAPE = re.compile(rb"\\*.?", re.DOTALL)
_BRACKETS = re.compile(rb"[\[\]{}]")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class BadJson(ValueError):
    """A text that is not JSON, or JSON that is not accepted. The message completes "The body ..."."""


@dataclass(frozen=True, slots=True)
class JsonLimits:
    """Limits of accepted JSON.

    max_values: objects, arrays, members and items together. max_depth: levels of nesting.
    """

    max_values: int = MAX_VALUES
    max_depth: int = MAX_DEPTH


def parse_json(text: bytes, limits: JsonLimits = JsonLimits()) -> Any:
    """Return the value of a JSON text. Raises BadJson."""
    check_size(text, limits)
    try:
        value = from_json(text, allow_inf_nan=False)
    except (ValueError, RecursionError) as error:
        raise BadJson("is not valid JSON") from error
    check_value(value, limits)
    return value


def check_size(text: bytes, limits: JsonLimits = JsonLimits()) -> None:
    """Refuse too many values, or too deep ones, by counting bytes; what is refused is not read to its end.

    Raises BadJson. A text that passes holds at most `max_values` values, whether it is valid JSON or not.
    """
    if len(text) > _PIECE_BYTES or _values(text) > limits.max_values or _openings(text) > limits.max_depth:
        _check_pieces(text, limits)


def check_value(value: Any, limits: JsonLimits = JsonLimits()) -> None:
    """Refuse unstorable values and too deep nesting in parsed JSON. Raises BadJson."""
    waiting: list[tuple[Any, int]] = [(value, 0)]
    while waiting:
        item, depth = waiting.pop()
        if isinstance(item, str):
            _check_text(item)
        elif is_object(item) or is_array(item):
            if depth >= limits.max_depth:
                raise _too_deep(limits)
            if is_object(item):
                for name, inner in item.items():
                    _check_text(name)
                    waiting.append((inner, depth + 1))
            else:
                waiting.extend((inner, depth + 1) for inner in item)
        elif isinstance(item, float):
            if not math.isfinite(item):
                raise BadJson("holds a number that is not finite")
        elif isinstance(item, int) and abs(item) >= _MAX_INTEGER:
            raise BadJson("holds a number that is too large")


def clean_text(text: str) -> str:
    """Return `text` with NUL characters and halves of surrogate pairs replaced by U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)


def clean_value(value: Any, *, max_depth: int = 200) -> Any:
    """Return storable JSON: bad characters become U+FFFD, numbers that are not finite null, deep levels null."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, int) and not isinstance(value, bool):
        return value if abs(value) < _MAX_INTEGER else None
    if is_object(value):
        if max_depth <= 0:
            return None
        return {clean_text(str(k)): clean_value(v, max_depth=max_depth - 1) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        if max_depth <= 0:
            return None
        return [clean_value(item, max_depth=max_depth - 1) for item in cast("Sequence[object]", value)]
    return value


def _check_pieces(text: bytes, limits: JsonLimits) -> None:
    """Count outside of strings, piece by piece: one call over megabytes would keep every other thread waiting."""
    values = quotes = depth = 0
    for piece in _pieces(text):
        parts = piece.split(b'"')
        outside = b" ".join(parts[quotes % 2 :: 2])
        quotes += len(parts) - 1
        values += _values(outside)
        # Every string is a value or the name of a member, and has two quotes.
        if values > limits.max_values or quotes > 4 * limits.max_values + 4:
            raise BadJson(f"holds more than {limits.max_values} values")
        opened = _openings(outside)
        if depth + opened > limits.max_depth:
            depth = _depth_after(outside, depth, limits)
        else:
            depth += opened - outside.count(b"]") - outside.count(b"}")


def _pieces(text: bytes) -> Iterator[bytes]:
    """Yield a JSON text in parts, without escaped quotes and backslashes."""
    start = 0
    while start < len(text):
        end = start + _PIECE_BYTES
        if text[end - 1 : end] == b"\\" and (rest := _REST_OF_ESCAPE.match(text, end)):
            end = rest.end()
        piece = text[start:end]
        yield piece.replace(b"\\\\", b"").replace(b'\\"', b"") if b"\\" in piece else piece
        start = end


def _values(text: bytes) -> int:
    return text.count(b",") + text.count(b":") + _openings(text)


def _openings(text: bytes) -> int:
    return text.count(b"[") + text.count(b"{")


def _depth_after(outside: bytes, depth: int, limits: JsonLimits) -> int:
    """Return the depth at the end of a text without strings that begins at `depth`. Raises BadJson."""
    for match in _BRACKETS.finditer(outside):
        depth += 1 if match[0] in b"[{" else -1
        if depth > limits.max_depth:
            raise _too_deep(limits)
    return depth


def _check_text(text: str) -> None:
    if "\0" in text or (not text.isascii() and _UNSTORABLE.search(text)):
        raise BadJson("holds a text with NUL or with half of a surrogate pair")


def _too_deep(limits: JsonLimits) -> BadJson:
    return BadJson(f"is nested deeper than {limits.max_depth} levels")
