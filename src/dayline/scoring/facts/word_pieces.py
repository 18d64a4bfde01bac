"""Words in pieces of a fixed vocabulary, longest piece first (WordPiece, Schuster and Nakajima 2012)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

UNKNOWN = "[UNK]"
_PARTS = re.compile(r"[a-z0-9]+|[^\sa-z0-9]")
_LONGEST_WORD, _MOST_KNOWN = 40, 50_000


class WordPieces:
    """The vocabulary; a piece that goes on within a word begins with "##". Each word is divided once."""

    def __init__(self, pieces: Sequence[str]) -> None:
        self._number = {piece: number for number, piece in enumerate(pieces)}
        self._known: dict[str, tuple[int, ...]] = {}

    def of(self, word: str) -> tuple[int, ...]:
        """Return the numbers of the pieces of a word as it was written; punctuation stands alone."""
        known = self._known.get(word)
        if known is None:
            if len(self._known) >= _MOST_KNOWN:  # a service runs for months, and recognisers invent words
                self._known.clear()
            bare = unicodedata.normalize("NFD", word.lower().replace("’", "'"))
            parts = _PARTS.findall("".join(c for c in bare if unicodedata.category(c) != "Mn"))
            known = self._known[word] = tuple(piece for part in parts for piece in self._divided(part))
        return known

    def _divided(self, part: str) -> list[int]:
        found: list[int] = []
        at = 0
        while at < len(part):
            prefix = "##" if at else ""
            for end in range(min(len(part), at + _LONGEST_WORD), at, -1):
                number = self._number.get(prefix + part[at:end])
                if number is not None:
                    found.append(number)
                    at = end
                    break
            else:
                return [self._number[UNKNOWN]]
        return found
