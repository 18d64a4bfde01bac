"""Port of a reader: a language model that reads pages of a day and divides them into conversations.

The reader is optional and its answers are data: the detector checks every number and every quote, and only
verified answers change its scores.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

ReaderKind = Literal["customer", "office", "supplier_or_errand", "personal", "broadcast", "alone", "unclear"]
READER_KINDS: tuple[ReaderKind, ...] = (
    "customer",
    "office",
    "supplier_or_errand",
    "personal",
    "broadcast",
    "alone",
    "unclear",
)

Purpose = Literal["read", "repair", "split"]
"""Why a page is shown: first reading, a piece whose quotes were not found, or a piece that may be several."""

Scope = Literal["off", "customers_only", "whole_day"]
"""Part of a day that may be shown to a reader."""


@dataclass(frozen=True, slots=True)
class Page:
    """Lines of a day as they are sent to a reader.

    Attributes:
        number: number of the page within the day.
        purpose: why it is shown.
        text: header and rows `n|speaker text`, n counting from 1.
        rows: line of the day for each row, in order.
        question: additional question; empty for a first reading.
        tokens: estimated size.
    """

    number: int
    purpose: Purpose
    text: str
    rows: tuple[int, ...]
    question: str = ""
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a page in a reader's answer.

    Attributes:
        first, last: numbers of its first and last row, both included.
        kind: what it is.
        quote_first, quote_last: words copied from its first and last rows.
        sure: whether the reader is sure.
    """

    first: int
    last: int
    kind: str
    quote_first: str
    quote_last: str
    sure: bool = True


@dataclass(frozen=True, slots=True)
class PageAnswer:
    """The pieces of a page; None in place of an answer means that the page was not read."""

    pieces: tuple[Piece, ...]


class Reader(Protocol):
    """Reads pages. An element is None where reading failed; the reader has its own time limits."""

    def __call__(self, pages: Sequence[Page], /) -> Sequence[PageAnswer | None]:
        """Return one answer per page, in order."""
        ...
