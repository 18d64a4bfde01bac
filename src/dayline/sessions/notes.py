"""Notes that people write at a second of a day, and who may read them."""

from __future__ import annotations

from dayline.auth.principal import Principal
from dayline.clock import iso, now
from dayline.console.service import role_of
from dayline.db.database import Transaction
from dayline.db.records import SessionRecord
from dayline.domain.errors import Conflict, Forbidden, InvalidRequest, NotFound
from dayline.domain.stored_json import NoteVisibility
from dayline.ids import new_id
from dayline.sessions import notes_repository as notes
from dayline.sessions import segments_repository as segments
from dayline.sessions.notes_repository import NoteRecord
from dayline.sessions.people_schemas import NoteShown

MAX_NOTES = 1000
_READABLE: dict[str, tuple[str, ...]] = {"viewer": ("org",), "rep": ("org", "rep")}


def list_visible(tx: Transaction, session: SessionRecord, who: Principal) -> list[NoteShown]:
    """Return the notes of a day that a caller may read, in the order of the day.

    `org` is for everybody who may see the day, `rep` for its rep and coaches, `coaches` for coaches. A rep also reads
    what the rep wrote.
    """
    return [note_json(row) for row in notes.list_all(tx, session.id) if _may_read(row, who)]


def add(
    tx: Transaction,
    session: SessionRecord,
    who: Principal,
    *,
    at_seconds: float,
    segment_id: str | None,
    text: str,
    visibility: NoteVisibility,
) -> NoteShown:
    """Write a note. `session` must be locked. Raises NotFound for the segment, InvalidRequest past the day's end."""
    if segment_id is not None and segments.get(tx, session.id, segment_id) is None:
        raise NotFound.of("segment", segment_id)
    if session.duration_seconds is not None and at_seconds > session.duration_seconds:
        raise InvalidRequest(f"The recording ends at {session.duration_seconds:.3f} seconds.", field="at_seconds")
    if len(notes.list_all(tx, session.id)) >= MAX_NOTES:
        raise Conflict(f"A day holds {MAX_NOTES} notes at most. Delete some first.")
    record = NoteRecord(
        id=new_id(),
        partner_id=session.partner_id,
        session_id=session.id,
        segment_id=segment_id,
        at_seconds=at_seconds,
        text=text,
        visibility=visibility,
        author=who.author,
        author_role=role_of(who),
        created_at=now(),
    )
    notes.add(tx, record)
    return note_json(record)


def delete(tx: Transaction, session: SessionRecord, who: Principal, note_id: str) -> None:
    """Delete a note: a rep what the rep wrote, coaches and keys any. Raises NotFound, Forbidden."""
    record = notes.get(tx, session.id, note_id)
    if record is None or not _may_read(record, who):
        raise NotFound.of("note", note_id)
    if who.role == "rep" and record.author_role != "rep":
        raise Forbidden("You may delete your own notes only.", required_scope="notes:delete")
    notes.delete(tx, note_id)


def note_json(record: NoteRecord) -> NoteShown:
    """Write a note as the API shows it."""
    return {
        "id": record.id,
        "at_seconds": record.at_seconds,
        "segment_id": record.segment_id,
        "text": record.text,
        "visibility": record.visibility,
        "author": record.author,
        "author_role": record.author_role,
        "created_at": iso(record.created_at),
    }


def _may_read(record: NoteRecord, who: Principal) -> bool:
    readable = _READABLE.get(who.role or "")
    if readable is None:
        return True
    return record.visibility in readable or (who.role == "rep" and record.author_role == "rep")
