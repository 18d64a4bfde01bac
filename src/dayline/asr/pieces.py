"""Build words from the output of engines: pieces with a space where a word begins, or words beside a line of text.

Recognisers time pieces of words. `$1,500` comes as ` $1` and `,500`, `cold-hearted` as ` cold` and `-hearted`, a phone
number in two halves. Only the space before a piece, or the line of text, tells which pieces belong to one word.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from dayline.domain.transcript import Word
from dayline.domain.word_joining import is_attached, is_written_without_blanks

_CONTINUES = re.compile(r"^(?:[,.:;'’\-–/]\w|[%°]|['’]$)")
"""Pieces that cannot begin a word: `,500`, `:30`, `-hearted`, `'s`, `%`."""
_JOINED_TO_NEXT = ("Sc",)
"""A currency sign that stands alone belongs to the number after it."""
_JOINED_TO_PREVIOUS = "%°"


@dataclass(frozen=True, slots=True)
class Piece:
    """A timed piece of text as the engine wrote it, with its spaces. Times are seconds from the recording's start."""

    text: str
    start_seconds: float
    end_seconds: float
    confidence: float | None = None
    speaker: str | None = None


def words_from_pieces(pieces: Sequence[Piece]) -> list[Word]:
    """Join pieces to words; a space begins a new word.

    When no piece has a space, the engine lists words, and each is one, except for what cannot begin a word. In
    scripts without spaces every piece is a word, and marks and punctuation go to the word before.
    """
    has_blanks = any(p.text[:1].isspace() or p.text[-1:].isspace() for p in pieces)
    groups: list[list[Piece]] = []
    for piece in pieces:
        if not piece.text:
            continue
        if not groups or _begins_word(groups[-1][-1], piece, has_blanks=has_blanks):
            groups.append([])
        groups[-1].append(piece)
    return [_word("".join(p.text for p in g), g) for g in groups if any(p.text.strip() for p in g)]


def words_from_text(text: str, pieces: Sequence[Piece]) -> list[Word]:
    """Give the words of a line of text the times of the pieces that spell them.

    The line decides where words begin and what punctuation they carry; letters and digits of both must be the same.
    Where they are not, the pieces alone are used.
    """
    spelled = [_letters(p.text) for p in pieces]
    tokens = _tokens(text)
    if not pieces or "".join(spelled) != "".join(_letters(t) for t in tokens):
        return words_from_pieces(pieces)
    owners = [(index, at, len(letters)) for index, letters in enumerate(spelled) for at in range(len(letters))]
    words: list[Word] = []
    position = 0
    for token in tokens:
        count = len(_letters(token))
        first, last = owners[position], owners[position + count - 1]
        used = [pieces[i] for i in range(first[0], last[0] + 1)]
        word = _word(token, used)
        start = _inside(pieces[first[0]], first[1] / first[2])
        end = _inside(pieces[last[0]], (last[1] + 1) / last[2])
        words.append(Word(word.text, start, end, word.confidence, word.speaker))
        position += count
    return words


def _begins_word(before: Piece, piece: Piece, *, has_blanks: bool) -> bool:
    if piece.speaker != before.speaker:
        return True
    if piece.text[0].isspace() or before.text[-1].isspace():
        return True
    if is_written_without_blanks(before.text[-1]) or is_written_without_blanks(piece.text[0]):
        return not is_attached(piece.text[0])
    return not has_blanks and not _CONTINUES.match(piece.text)


def _word(text: str, pieces: Sequence[Piece]) -> Word:
    heard = [p for p in pieces if p.text.strip()] or list(pieces)
    return Word(
        text=text.strip(),
        start_seconds=heard[0].start_seconds,
        end_seconds=max(p.end_seconds for p in heard),
        confidence=_mean([p.confidence for p in heard if p.confidence is not None]),
        speaker=heard[0].speaker,
    )


def _mean(probabilities: Sequence[float]) -> float | None:
    """Return the geometric mean, as probabilities of pieces of one word multiply."""
    if not probabilities:
        return None
    logs = [math.log(max(p, 1e-6)) for p in probabilities]
    return round(min(1.0, math.exp(sum(logs) / len(logs))), 4)


def _inside(piece: Piece, share: float) -> float:
    return piece.start_seconds + (piece.end_seconds - piece.start_seconds) * share


def _letters(text: str) -> str:
    """Return the letters, digits and marks of a text in one spelling."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in plain if c.isalnum() or unicodedata.category(c)[0] == "M")


def _tokens(text: str) -> list[str]:
    """Split a line into words that hold a letter or digit; signs that stand alone go to a neighbour or are left out."""
    tokens: list[str] = []
    ahead = ""
    for part in text.split():
        if _letters(part):
            tokens += _without_blanks(ahead + part)
            ahead = ""
        elif unicodedata.category(part[-1]) in _JOINED_TO_NEXT:
            ahead = part
        elif tokens and part[0] in _JOINED_TO_PREVIOUS:
            tokens[-1] += part
    return tokens


def _without_blanks(part: str) -> list[str]:
    """Split a run of characters of a script without blanks into characters, with marks and punctuation kept on."""
    if not any(is_written_without_blanks(c) for c in part):
        return [part]
    tokens: list[str] = []
    for character in part:
        starts = not tokens or (
            not is_attached(character)
            and (is_written_without_blanks(character) or is_written_without_blanks(tokens[-1][-1]))
        )
        if starts:
            tokens.append(character)
        else:
            tokens[-1] += character
    return tokens if all(_letters(t) for t in tokens) else [part]
