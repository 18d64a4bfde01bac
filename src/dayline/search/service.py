"""Find conversations, and show where in them the words of a query stand."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from dayline.db.database import Transaction
from dayline.db.pagination import Position
from dayline.db.visibility import Visibility
from dayline.search import repository as index
from dayline.search.repository import Found
from dayline.search.schemas import ConversationFound, PlaceShown, TextPart
from dayline.search.text import Query

MAX_PLACES = 5
"""Places of one conversation that are shown; the others are counted."""

_MOST_BATCHES = 5
_LONGEST_TEXT = 600
_TEXT_BEFORE = 200


@dataclass(frozen=True, slots=True)
class Filters:
    """Which conversations to search. `since` and `until` bound when their day was recorded."""

    environment: str
    visibility: Visibility
    org_id: str | None = None
    rep_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def scope(self, query: str) -> str:
        """Return the text that binds a cursor to a query and its filters."""
        return "|".join(map(str, (query, self.environment, self.org_id, self.rep_id, self.since, self.until)))


def search(
    tx: Transaction, partner_id: str, query: Query, *, filters: Filters, limit: int, after: Position | None
) -> tuple[list[ConversationFound], Position | None]:
    """Return up to `limit` conversations, newest first, and where the next page goes on (None at the end).

    A page may hold fewer than `limit` before the end: phrases are looked up in a bounded number of conversations.
    """
    found: list[ConversationFound] = []
    for _ in range(_MOST_BATCHES):
        rows = index.find(
            tx,
            partner_id,
            query,
            environment=filters.environment,
            limit=limit + 1,
            visibility=filters.visibility,
            after=after,
            org_id=filters.org_id,
            rep_id=filters.rep_id,
            since=filters.since,
            until=filters.until,
        )
        for row in rows:
            if len(found) == limit:
                return found, after
            shown = _shown(row, query)
            if shown is not None:
                found.append(shown)
            after = Position(row.recorded_at, row.sort_key)
        if len(rows) <= limit:
            return found, None
    return found, after


def _shown(row: Found, query: Query) -> ConversationFound | None:
    """Return a conversation with its places; None when words that must follow one another do not."""
    terms: set[int] = set()
    places: list[tuple[int, PlaceShown]] = []
    named: list[tuple[Literal["title", "person"], str]] = [("title", row.title or "")]
    named.extend(("person", name) for name in row.people)
    for where, text in named:
        matches = query.matches(text)
        if matches.ranges:
            terms |= matches.terms
            parts = _parts(text, matches.ranges)
            place = PlaceShown(where=where, at_seconds=None, line_start_seconds=None, speaker=None, parts=parts)
            places.append((len(matches.terms), place))
    for start_ms, _end_ms, speaker, text, word_places in row.lines:
        matches = query.matches(text)
        if matches.ranges:
            terms |= matches.terms
            at_ms = _spoken_at(word_places, matches.ranges[0][0], start_ms)
            parts = _parts(text, matches.ranges)
            place = PlaceShown(
                where="words",
                at_seconds=at_ms / 1000,
                line_start_seconds=start_ms / 1000,
                speaker=speaker,
                parts=parts,
            )
            places.append((len(matches.terms), place))
    if len(terms) < len(query.terms):
        return None
    best = sorted(range(len(places)), key=lambda number: -places[number][0])[:MAX_PLACES]
    return ConversationFound(
        session_id=row.session_id,
        segment_id=row.segment_id,
        analysis_id=row.analysis_id,
        org_id=row.org_id,
        rep_id=row.rep_id,
        recorded_at=row.recorded_at,
        title=row.title,
        people=row.people,
        start_seconds=round(row.start_seconds, 3),
        end_seconds=round(row.end_seconds, 3),
        overall_score=row.overall_score,
        places=[places[number][1] for number in sorted(best)],
        place_count=len(places),
    )


def _spoken_at(word_places: list[list[int]], character: int, start_ms: int) -> int:
    """Return when the word at a character was spoken, or when its utterance began where no word has a time."""
    number = bisect_right(word_places, character, key=lambda place: place[0]) - 1
    return word_places[number][1] if number >= 0 else start_ms


def _parts(text: str, ranges: tuple[tuple[int, int], ...]) -> list[TextPart]:
    """Divide a text into what matches and what does not; a long one is cut around its first match."""
    first, last = 0, len(text)
    if len(text) > _LONGEST_TEXT:
        first = max(0, ranges[0][0] - _TEXT_BEFORE)
        last = min(len(text), first + _LONGEST_TEXT)
    found: list[TextPart] = []
    at = first
    for start, end in ranges:
        if end > last:
            break
        if start > at:
            found.append(TextPart(text=text[at:start], is_match=False))
        found.append(TextPart(text=text[start:end], is_match=True))
        at = end
    if at < last:
        found.append(TextPart(text=text[at:last], is_match=False))
    return found
