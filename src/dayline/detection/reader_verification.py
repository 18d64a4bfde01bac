"""Verify a reader's answer line by line: numbers, order, quotes, extent.

What cannot be verified is asked once more or dropped; edges move to the likeliest boundary nearby.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dayline.detection.day_features import DayFeatures
from dayline.detection.features import boundary_features
from dayline.domain.reading import READER_KINDS, Page, PageAnswer, Piece

LEAST_QUOTE_WORDS, MOST_QUOTE_WORDS = 4, 20
EDGE_LINES = 3
"""A quote counts as copied from an edge when it begins within this number of lines of it."""

SEVERAL_PIECES = 4
"""Pieces from which on an answer is judged as a whole.

A model that copies most of its quotes wrong does not read: a small one cut a page into equal parts, and the one part
that happened to have a right quote joined the radio to a visit.
"""

SNAP_LINES = 6
TRIM_SILENCE_SECONDS, TRIM_LINES = 60.0, 6
LEAST_LINES, MOST_SECONDS, LARGE_SHARE = 4, 3 * 3600.0, 0.6
_LIKELY_BOUNDARY = 0.5
_DISTANCE_COST = 0.25
_WRONG_WORD_IN = 5
_WORD = re.compile(r"[a-z0-9']+")


@dataclass(frozen=True, slots=True)
class VerifiedPiece:
    """A piece whose edges and quotes were found in the day.

    Attributes:
        first, last: lines of the day, [first, last).
        kind: label assigned by the reader.
        sure: whether the reader is sure.
        quote: the words at its beginning, as they were transcribed.
        quote_line: line of the day in which the quote begins.
    """

    first: int
    last: int
    kind: str
    sure: bool
    quote: str
    quote_line: int


@dataclass(frozen=True, slots=True)
class Question:
    """A piece that the model is asked about once more: lines [first, last) of the day and the problem."""

    first: int
    last: int
    purpose: str


def verify(h: DayFeatures, page: Page, answer: PageAnswer) -> tuple[list[VerifiedPiece], list[Question]]:
    """Verify an answer against its page. Return verified pieces and questions to ask, in order of the day.

    Nothing is used of an answer of several pieces most of which cannot be verified.
    """
    held: list[VerifiedPiece] = []
    questions: list[Question] = []
    words = [_words(h.utterances.texts[r]) for r in page.rows]
    pieces = _in_order(answer.pieces, len(page.rows))
    found_edges = [_edges(piece, words) for piece in pieces]
    if len(pieces) >= SEVERAL_PIECES and 2 * sum(edges is not None for edges in found_edges) < len(pieces):
        return [], []
    for piece, edges in zip(pieces, found_edges, strict=True):
        if edges is None:
            if piece.kind == "customer":
                questions.append(Question(page.rows[piece.first - 1], page.rows[piece.last - 1] + 1, "repair"))
            continue
        first, last, at, quote = edges
        a, b = _trimmed(h, page.rows[first], page.rows[last] + 1)
        found = VerifiedPiece(a, b, piece.kind, piece.sure, quote, page.rows[at])
        if piece.kind == "customer" and _implausible(h, found, page):
            questions.append(Question(a, b, "split"))
        held.append(found)
    return held, questions


def snapped(h: DayFeatures, piece: VerifiedPiece) -> VerifiedPiece:
    """Move both edges to the likeliest boundary within `SNAP_LINES` lines; nearer ones are preferred."""
    first = _likeliest(h, piece.first, 0, piece.last - LEAST_LINES)
    last = _likeliest(h, piece.last, first + LEAST_LINES, len(h.utterances))
    return replace(piece, first=first, last=last)


def _likeliest(h: DayFeatures, row: int, least: int, most: int) -> int:
    rows = np.arange(max(least, row - SNAP_LINES), min(most, row + SNAP_LINES) + 1)
    if not len(rows):
        return row
    p = np.clip(h.boundary_chance[rows], 1e-3, 1 - 1e-3)
    worth = np.log(p / (1 - p)) - _DISTANCE_COST * np.abs(rows - row)
    return int(rows[int(worth.argmax())])


def _in_order(pieces: Sequence[Piece], rows: int) -> list[Piece]:
    """Return the pieces of known kinds and existing line numbers, in order; of two that overlap, the later is cut."""
    out: list[Piece] = []
    for p in sorted(pieces, key=lambda p: (p.first, p.last)):
        if p.kind not in READER_KINDS or not 1 <= p.first <= p.last <= rows:
            continue
        first = max(p.first, out[-1].last + 1) if out else p.first
        if first <= p.last:
            out.append(replace(p, first=first))
    return out


def _edges(piece: Piece, words: Sequence[list[str]]) -> tuple[int, int, int, str] | None:
    """Return the first and last row (from 0) of a piece, the row of its first quote and that quote as transcribed.

    An edge whose quote is found on another line moves there. None when a quote is not found.
    """
    begin = find_quote(piece.quote_first, words, piece.first - 1)
    end = find_quote(piece.quote_last, words, piece.last - 1)
    if begin is None or end is None:
        return None
    first = piece.first - 1 if abs(begin[0] - (piece.first - 1)) <= EDGE_LINES else begin[0]
    last = piece.last - 1 if abs(end[1] - (piece.last - 1)) <= EDGE_LINES else end[1]
    if last - first + 1 < LEAST_LINES:
        return None
    return first, last, begin[0], begin[2]


def find_quote(quote: str, rows: Sequence[list[str]], near: int) -> tuple[int, int, str] | None:
    """Return the rows in which a quote begins and ends and the words found there; the match nearest to `near` wins.

    One word in five may differ. None for quotes of fewer than four words or without a match.
    """
    wanted = _words(quote)[:MOST_QUOTE_WORDS]
    k = len(wanted)
    if k < LEAST_QUOTE_WORDS:
        return None
    flat = [w for row in rows for w in row]
    row_of = [i for i, row in enumerate(rows) for _ in row]
    allowed = k // _WRONG_WORD_IN
    best: tuple[int, int, int] | None = None
    for i in range(len(flat) - k + 1):
        wrong = 0
        for a, b in zip(flat[i : i + k], wanted, strict=True):
            wrong += a != b
            if wrong > allowed:
                break
        else:
            distance = abs(row_of[i] - near)
            if best is None or (distance, wrong) < best[:2]:
                best = (distance, wrong, i)
    if best is None:
        return None
    i = best[2]
    return row_of[i], row_of[i + k - 1], " ".join(flat[i : i + k])


def _trimmed(h: DayFeatures, first: int, last: int) -> tuple[int, int]:
    """Trim a few leading or trailing lines that a minute of silence separates from the rest."""
    gap = boundary_features.gaps(h.utterances)
    size = last - first
    for r in range(first + min(TRIM_LINES, size // 3), first, -1):
        if gap[r] >= TRIM_SILENCE_SECONDS:
            first = r
            break
    for r in range(last - min(TRIM_LINES, size // 3), last):
        if gap[r] >= TRIM_SILENCE_SECONDS:
            last = r
            break
    return first, last


def _implausible(h: DayFeatures, piece: VerifiedPiece, page: Page) -> bool:
    """Whether a piece is very short, very long, or a large part of its page with a likely boundary inside."""
    lines = piece.last - piece.first
    seconds = float(h.utterances.end[piece.last - 1] - h.utterances.start[piece.first])
    if page.purpose != "read":
        return False
    inside = h.boundary_chance[piece.first + SNAP_LINES : max(piece.first + SNAP_LINES, piece.last - SNAP_LINES)]
    parted = len(inside) > 0 and float(inside.max()) > _LIKELY_BOUNDARY
    return lines <= LEAST_LINES or seconds > MOST_SECONDS or (lines > LARGE_SHARE * len(page.rows) and parted)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower().replace("’", "'"))
