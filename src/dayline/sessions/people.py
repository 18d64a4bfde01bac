"""Name voices, and replace the expired address of a recording."""

from __future__ import annotations

from dayline.analyses import repository as analyses
from dayline.clock import iso, now
from dayline.db.database import Transaction
from dayline.db.records import SessionRecord
from dayline.domain.errors import InvalidRequest
from dayline.domain.serialization import unpack_transcript
from dayline.domain.stored_json import FileFacts
from dayline.search import indexing
from dayline.sessions import repository as sessions
from dayline.sessions.people_schemas import SpeakersShown
from dayline.sessions.service import transcript_of


def name_speakers(tx: Transaction, session: SessionRecord, names: dict[str, str | None]) -> SpeakersShown:
    """Give names to the voices of a day. `session` must be locked. Raises InvalidRequest for an unknown label."""
    transcript = unpack_transcript(transcript_of(tx, session))
    known = sorted({u.speaker for u in transcript.utterances if u.speaker})
    for label in names:
        if label not in known:
            raise InvalidRequest(f"No speaker of this transcript has the label {label!r}.", field=label, allowed=known)
    named = {**(session.speaker_names or {}), **names}
    kept = {label: name for label, name in named.items() if name is not None}
    sessions.set_values(tx, session.id, speaker_names=kept)
    indexing.refresh(tx, session.id)
    return {"speaker_names": kept}


def move_recording(tx: Transaction, session: SessionRecord, url: str, facts: FileFacts) -> None:
    """Write a recording's new address into the session and its analyses. `session` must be locked."""
    audio: FileFacts = {**(session.audio or {}), **facts, "problem": None, "checked_at": iso(now())}
    sessions.set_values(tx, session.id, recording_url=url, audio=audio)
    for child in analyses.children(tx, session.id, current_only=False):
        analyses.update(tx, child.id, recording_url=url)
