"""Update the search index of a day, in the transaction that changes it.

`index_session` reads the transcript and is for changes of segments or words; `refresh` is for changes of titles and
names. Both lock nothing: the caller holds the session's row.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from dayline.analyses import repository as analyses
from dayline.db.columns import is_damaged
from dayline.db.database import Transaction
from dayline.db.records import SegmentRecord, SessionRecord
from dayline.domain.json_types import is_object
from dayline.domain.serialization import PackedTranscript, unpack_between
from dayline.domain.status import SessionKind
from dayline.domain.transcript import Utterance
from dayline.search import repository as index
from dayline.search.repository import Line, SearchEntry
from dayline.sessions import documents_repository as documents
from dayline.sessions import repository as sessions
from dayline.sessions import segments_repository as segments


def index_session(tx: Transaction, session_id: str, *, changed: Collection[str] | None = None) -> None:
    """Write the entries of a day from its segments, its transcript and its analyses. Single calls have none.

    changed: ids of the segments to write; entries of the day's other segments stay. None writes all of them.
    Entries of segments that the day no longer has are deleted either way.
    """
    session = sessions.get(tx, session_id)
    if session is None or session.kind != SessionKind.DAY:
        return
    rows = segments.list_all(tx, session_id)
    index.keep_only(tx, session_id, [row.id for row in rows])
    wanted = [row for row in rows if changed is None or row.id in changed]
    packed = documents.get_json(tx, session_id, "transcript") if wanted else None
    heard = None if packed is None or is_damaged(packed) else packed
    for row in wanted:
        index.put(tx, _entry(tx, session, row, _lines(heard, row)))


def refresh(tx: Transaction, session_id: str, segment_id: str | None = None) -> None:
    """Write titles and names anew, of a whole day or of one conversation; the words stay."""
    session = sessions.get(tx, session_id)
    if session is None:
        return
    rows = {row.id: row for row in segments.list_all(tx, session_id)}
    for entry in index.of_session(tx, session_id, segment_id):
        if entry.segment_id not in rows:
            continue
        changed = _entry(tx, session, rows[entry.segment_id], entry.lines)
        if (changed.title, changed.people) != (entry.title, entry.people):
            index.put(tx, changed)


def clear_words(tx: Transaction, session_id: str) -> None:
    """Delete the words from the entries of a day; titles and names stay."""
    for entry in index.of_session(tx, session_id):
        index.put(tx, replace(entry, lines=[]))


def _entry(tx: Transaction, session: SessionRecord, row: SegmentRecord, lines: list[Line]) -> SearchEntry:
    return SearchEntry(
        partner_id=session.partner_id,
        session_id=session.id,
        segment_id=row.id,
        recorded_at=session.recorded_at or session.created_at,
        sort_key=f"{session.id}:{round(row.start_seconds * 1000):010d}",
        title=row.title,
        people=_people(tx, session, row, lines),
        lines=lines,
    )


def _people(tx: Transaction, session: SessionRecord, row: SegmentRecord, lines: list[Line]) -> list[str]:
    """Return who a conversation is known to be with: the prospect's name, and names that people gave to its voices."""
    found: list[str] = []
    result: object = analyses.large_parts(tx, row.analysis_id)[1] if row.analysis_id is not None else None
    if is_object(result) and result.get("prospect_name"):
        found.append(str(result["prospect_name"]))
    names = session.speaker_names or {}
    heard = dict.fromkeys(line[2] for line in lines if line[2] in names)
    found += [names[label] for label in heard if names[label] not in found]
    return found


def _lines(heard: PackedTranscript | None, row: SegmentRecord) -> list[Line]:
    if heard is None:
        return []
    between = unpack_between(heard, row.start_seconds, row.end_seconds)
    return [_line(said) for said in between.utterances if said.text]


def _line(said: Utterance) -> Line:
    places: list[list[int]] = []
    at = 0
    for word in said.words:
        found = said.text.find(word.text, at)
        if found >= 0:
            places.append([found, round(word.start_seconds * 1000)])
            at = found + len(word.text)
    return [round(said.start_seconds * 1000), round(said.end_seconds * 1000), said.speaker, said.text, places]
