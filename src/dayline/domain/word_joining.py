"""Join words to text as their script is written: with or without spaces between words."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

_CJK = (
    (0x2E80, 0x312F),  # radicals, CJK punctuation, kana, bopomofo
    (0x31A0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0xFF00, 0xFFEF),  # full-width forms, half-width kana
    (0x20000, 0x323AF),
)
_SOUTH_EAST_ASIAN = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
)


def join_words(texts: Iterable[str]) -> str:
    """Return one line of text from words in order.

    No space is written beside Chinese and Japanese characters, and none between two words in Thai, Lao, Khmer or
    Burmese.
    """
    line = ""
    for text in texts:
        stripped = text.strip()
        if not stripped:
            continue
        line += f" {stripped}" if line and needs_blank(line[-1], stripped[0]) else stripped
    return line


def needs_blank(before: str, after: str) -> bool:
    """Return whether a space is written between two words that end and begin with these characters."""
    if _is_in(before, _CJK) or _is_in(after, _CJK):
        return False
    return not (_is_in(before, _SOUTH_EAST_ASIAN) and _is_in(after, _SOUTH_EAST_ASIAN))


def is_written_without_blanks(character: str) -> bool:
    """Return whether a character belongs to a script without spaces between words."""
    return _is_in(character, _CJK) or _is_in(character, _SOUTH_EAST_ASIAN)


def is_attached(character: str) -> bool:
    """Return whether a character is a mark or punctuation, which never begins a word of such a script."""
    return unicodedata.category(character)[0] in "MP"


def _is_in(character: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    code = ord(character)
    return any(low <= code <= high for low, high in ranges)
