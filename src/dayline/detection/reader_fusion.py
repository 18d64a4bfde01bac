"""Query a reader about a day, and apply its verified pieces to the scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dayline.detection import day_evidence, reader_page, scoring
from dayline.detection.day_features import DayFeatures, kind_rows
from dayline.detection.features import boundary_features, candidates
from dayline.detection.reader_verification import Question, VerifiedPiece, snapped, verify
from dayline.domain.reading import Page, PageAnswer, Reader, Scope
from dayline.domain.timeline import DayContext

F = NDArray[np.float64]

EDGE_LOG_ODDS = 3.0
"""Log-odds of the boundaries of a verified piece."""

KIND_LOG_ODDS, UNSURE_LOG_ODDS = 5.0, 2.5
"""Log-odds added to the kind of a verified piece, and subtracted from other candidates on lines that were read."""

OFFLINE_LIMIT = 3.0
"""Maximum absolute value of the offline log-odds on lines that were read."""

MOST_QUESTIONS = 8
"""Maximum number of pages shown again in one day."""

JOIN_LINES, JOIN_SILENCE_SECONDS = 3, 600.0
"""A conversation that ends within this number of lines of a page's end may continue on the next page."""

_SAME_SHARE = 0.8
_REPAIR = (
    "Your quotes were not found in these rows. Mark the conversation in them again and copy four to twelve words "
    "exactly from its first and from its last row."
)
_SPLIT = "Is this one conversation or several? Divide it again."


@dataclass(slots=True)
class Reading:
    """Result of reading a day.

    Attributes:
        pieces: verified pieces in order of the day, not overlapping.
        read: lines of verified pieces whose kind is clear, shape (n,).
        windows_read: pages with an answer.
        windows_failed: pages without an answer, including those beyond the budget.
        supports: index of the verified piece by row of `DayFeatures.candidates`.
    """

    pieces: list[VerifiedPiece]
    read: NDArray[np.bool_]
    windows_read: int
    windows_failed: int
    supports: dict[int, int] = field(default_factory=dict[int, int])


def read_day(h: DayFeatures, context: DayContext | None, reader: Reader, scope: Scope) -> Reading:
    """Show a day to a reader, ask once more about uncertain lines, and verify all answers."""
    pages, left_out = reader_page.pages(h, context, scope)
    answers = _ask(reader, pages)
    pieces: list[VerifiedPiece] = []
    questions: list[Question] = []
    failed = left_out
    for page, answer in zip(pages, answers, strict=True):
        if answer is None:
            failed += 1
            continue
        held, asked = verify(h, page, answer)
        pieces += held
        questions += asked
    questions += _open_ends(h, pages, pieces)
    pieces = _ask_again(h, context, reader, pieces, questions[:MOST_QUESTIONS], pages)
    pieces = _apart([snapped(h, p) for p in pieces])
    read = np.zeros(len(h.utterances), dtype=bool)
    for p in pieces:
        read[p.first : p.last] = p.kind != "unclear"
    return Reading(pieces, read, len(pages) + left_out - failed, failed)


def _ask(reader: Reader, pages: Sequence[Page]) -> list[PageAnswer | None]:
    """Ask the reader; on a failure the pages stay unread."""
    if not pages:
        return []
    try:
        answers = list(reader(pages))
    except Exception:  # noqa: BLE001 - a reader that fails leaves the offline result as it is
        return [None] * len(pages)
    found = [a if isinstance(a, PageAnswer) else None for a in answers[: len(pages)]]
    return [*found, *[None] * (len(pages) - len(found))]


def _open_ends(h: DayFeatures, pages: Sequence[Page], pieces: Sequence[VerifiedPiece]) -> list[Question]:
    """Return pairs of customer pieces that meet at the end of a page and may be one conversation."""
    gap = boundary_features.gaps(h.utterances)
    out: list[Question] = []
    for page, following in pairwise(pages):
        end, begin = page.rows[-1] + 1, following.rows[0]
        if end != begin or gap[begin] > JOIN_SILENCE_SECONDS:
            continue
        before = [p for p in pieces if p.kind == "customer" and end - JOIN_LINES <= p.last <= end]
        after = [p for p in pieces if p.kind == "customer" and begin <= p.first <= begin + JOIN_LINES]
        if before and after:
            out.append(Question(before[-1].first, after[0].last, "split"))
    return out


def _ask_again(
    h: DayFeatures,
    context: DayContext | None,
    reader: Reader,
    pieces: list[VerifiedPiece],
    questions: Sequence[Question],
    pages: Sequence[Page],
) -> list[VerifiedPiece]:
    """Ask once more about uncertain lines; a verified answer replaces the previous one on these lines."""
    shown = {r for p in pages for r in p.rows}
    again: list[Page] = []
    for q in questions:
        rows = [r for r in range(max(0, q.first - 30), min(len(h.utterances), q.last + 30)) if r in shown]
        text = _REPAIR if q.purpose == "repair" else _SPLIT
        page = reader_page.page(
            h, context, rows[: reader_page.PAGE_LINES], len(pages) + len(again),
            "repair" if q.purpose == "repair" else "split", text,
        )  # fmt: skip
        again.append(page)
    for q, page, answer in zip(questions, again, _ask(reader, again), strict=True):
        if answer is None:
            continue
        held = [p for p in verify(h, page, answer)[0] if p.first < q.last and p.last > q.first]
        if held:
            pieces = [p for p in pieces if p.first >= q.last or p.last <= q.first] + held
    return pieces


def _apart(pieces: Sequence[VerifiedPiece]) -> list[VerifiedPiece]:
    """Order pieces and drop overlapping ones: customer pieces take precedence, then those that begin earlier."""
    out: list[VerifiedPiece] = []
    for p in sorted(pieces, key=lambda p: (p.kind != "customer", not p.sure, p.first)):
        if p.last > p.first and all(p.first >= q.last or p.last <= q.first for q in out):
            out.append(p)
    return sorted(out, key=lambda p: p.first)


def fuse(h: DayFeatures, reading: Reading) -> None:
    """Apply verified pieces to the candidates of a day: new candidates, kind and boundaries."""
    customers = [p for p in reading.pieces if p.kind == "customer"]
    _add_candidates(h, customers)
    found = h.candidates
    kind = np.zeros(len(found))
    size = np.maximum(found.last - found.first, 1)
    lines = np.concatenate([[0], np.cumsum(reading.read)])
    seen = (lines[found.last] - lines[found.first]) / size
    against = np.full(len(h.utterances), KIND_LOG_ODDS)
    for p in reading.pieces:
        if not p.sure or p.kind == "unclear":
            against[p.first : p.last] = UNSURE_LOG_ODDS
    total = np.concatenate([[0.0], np.cumsum(against)])
    kind -= np.where(seen > 0.5, (total[found.last] - total[found.first]) / size, 0.0)
    edge = h.edge.copy()
    for k, p in enumerate(customers):
        shared = np.clip(np.minimum(found.last, p.last) - np.maximum(found.first, p.first), 0, None)
        union = size + (p.last - p.first) - shared
        like = shared / union
        strength = KIND_LOG_ODDS if p.sure else UNSURE_LOG_ODDS
        mostly = shared > 0.5 * size
        kind = np.where(mostly, strength, kind)
        edge = np.where(mostly & (like < _SAME_SHARE), np.minimum(edge, -EDGE_LOG_ODDS), edge)
        exact = int(np.argmax((found.first == p.first) & (found.last == p.last)))
        edge[exact] = max(edge[exact], EDGE_LOG_ODDS)
        reading.supports[exact] = reading.pieces.index(customers[k])
    h.edge = edge
    offline = h.kind_log_odds
    weaker = np.clip(offline, -OFFLINE_LIMIT, OFFLINE_LIMIT) - offline
    h.added["reader"] = kind
    # Apart from the reader's log-odds, so that a reason tells what the reader added.
    h.added["offline_limit"] = np.where(kind != 0, weaker, 0.0)


def _add_candidates(h: DayFeatures, pieces: Sequence[VerifiedPiece]) -> None:
    """Append the pieces that are not candidates yet."""
    known = {(int(a), int(b)) for a, b in zip(h.candidates.first, h.candidates.last, strict=True)}
    new = [p for p in pieces if (p.first, p.last) not in known]
    if not new:
        return
    u = h.utterances
    first = np.array([p.first for p in new], dtype=np.int64)
    last = np.array([p.last for p in new], dtype=np.int64)
    more = candidates.Candidates(
        first, last, u.start[first], np.array([float(u.end[p.first : p.last].max()) for p in new]), np.zeros(len(new))
    )
    rows = candidates.measure(u, h.roles, h.act_counts, h.boundary_chance, more)
    inputs = kind_rows(rows, h.language, first, last)
    _extend(h, more, rows, inputs)


def _extend(h: DayFeatures, more: candidates.Candidates, rows: F, inputs: F) -> None:
    old = h.candidates
    h.candidates = candidates.Candidates(
        np.concatenate([old.first, more.first]),
        np.concatenate([old.last, more.last]),
        np.concatenate([old.start, more.start]),
        np.concatenate([old.end, more.end]),
        np.concatenate([old.prior, more.prior]),
    )
    h.rows = np.vstack([h.rows, rows])
    h.kind_rows = np.vstack([h.kind_rows, inputs])
    kind = day_evidence.kind_log_odds(inputs, h.utterances.has_voices)
    h.kind = np.concatenate([h.kind, h.forest_share * kind])
    h.edge = np.concatenate([h.edge, scoring.edge_log_odds(h, more, rows, kind)])
    h.added = {name: np.concatenate([v, np.zeros(len(more))]) for name, v in h.added.items()}
