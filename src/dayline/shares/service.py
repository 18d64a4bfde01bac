"""Make, list and revoke share links, and show what one of them opens.

A link opens one conversation and nothing else: what was shared when it was made, as far as it still belongs to that
conversation. It ends when it expires, when it is revoked, when the conversation is no more (a correction, a deletion),
when the org's setting `share_links` is not `on`, and while the partner is suspended.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from dayline.auth.principal import Principal
from dayline.clock import now
from dayline.console import repository as visitors
from dayline.db.database import Database, Transaction
from dayline.db.records import SegmentRecord, SessionRecord
from dayline.domain.errors import Conflict, InvalidRequest, NotFound
from dayline.domain.serialization import unpack_between
from dayline.ids import new_id
from dayline.orgs import repository as orgs
from dayline.security.api_keys import hash_secret
from dayline.sessions import documents_repository as documents
from dayline.sessions import repository as sessions
from dayline.sessions import segments_repository as segments
from dayline.shares import repository as shares
from dayline.shares.repository import ShareRecord
from dayline.shares.schemas import SharedConversation, SharedLine, ShareRequest, ShareShown, ShareShownOnce

MAX_OPEN = 100
"""Links of one session that work at a time."""


@dataclass(frozen=True, slots=True)
class OpenedShare:
    """Target of a link's token."""

    share: ShareRecord
    session: SessionRecord
    segment: SegmentRecord
    start_seconds: float
    end_seconds: float


def make(
    tx: Transaction, session: SessionRecord, segment_id: str, who: Principal, request: ShareRequest, *, base_url: str
) -> ShareShownOnce:
    """Make a link to one conversation. `session` must be locked by this transaction.

    Raises NotFound for the segment, Conflict (invalid_state) when the org does not allow links or there are too many.
    """
    segment = segments.get(tx, session.id, segment_id)
    if segment is None:
        raise NotFound.of("segment", segment_id)
    if not orgs.allows_shares(tx, session.partner_id, session.org_id):
        raise Conflict(
            "This org does not allow share links. Set its `settings.share_links` to `on` first.", reason="share_links"
        )
    if shares.count_open(tx, session.id) >= MAX_OPEN:
        raise Conflict(f"A day has {MAX_OPEN} open links at most. Revoke some first.", reason="too_many")
    token, moment = secrets.token_urlsafe(32), now()
    record = ShareRecord(
        id=new_id(),
        partner_id=session.partner_id,
        session_id=session.id,
        segment_id=segment.id,
        token_hash=hash_secret(token),
        start_seconds=segment.start_seconds,
        end_seconds=segment.end_seconds,
        has_audio=request.audio,
        name=request.name,
        author=who.author,
        opened_count=0,
        last_opened_at=None,
        expires_at=moment + timedelta(hours=request.expires_in_hours),
        revoked_at=None,
        created_at=moment,
    )
    shares.add(tx, record)
    return ShareShownOnce(**shown(record).model_dump(), url=f"{base_url}/s/{token}")


def shown(record: ShareRecord) -> ShareShown:
    """Write a link as it is listed."""
    return ShareShown(
        id=record.id,
        session_id=record.session_id,
        segment_id=record.segment_id,
        audio=record.has_audio,
        name=record.name,
        author=record.author,
        is_open=record.revoked_at is None and record.expires_at > now(),
        opened_count=record.opened_count,
        last_opened_at=record.last_opened_at,
        expires_at=record.expires_at,
        revoked_at=record.revoked_at,
        created_at=record.created_at,
    )


def revoke(tx: Transaction, session: SessionRecord, share_id: str) -> None:
    """Close a link at once. Idempotent. Raises NotFound."""
    if shares.get(tx, session.id, share_id) is None:
        raise NotFound.of("share", share_id)
    shares.revoke(tx, share_id)


def open_share(tx: Transaction, token: str) -> OpenedShare:
    """Return the target of a token. Raises NotFound (share_not_found) without a reason."""
    record = shares.find_open(tx, hash_secret(token))
    session = sessions.get(tx, record.session_id) if record is not None else None
    segment = segments.get(tx, record.session_id, record.segment_id) if record is not None else None
    if record is None or session is None or segment is None:
        raise no_such_share()
    start = max(record.start_seconds, segment.start_seconds)
    end = min(record.end_seconds, segment.end_seconds)
    if end <= start or not orgs.allows_shares(tx, session.partner_id, session.org_id):
        raise no_such_share()
    return OpenedShare(record, session, segment, start, end)


def no_such_share() -> NotFound:
    """Return the error for a link that does not work, for whatever reason."""
    return NotFound(
        "This link does not work: it has expired, was revoked, or is not complete. Ask whoever sent it for a new one.",
        code="share_not_found",
    )


def conversation(tx: Transaction, opened: OpenedShare) -> SharedConversation:
    """Return the conversation that a link opens, on its own clock."""
    packed = documents.get_json(tx, opened.session.id, "transcript")
    names = opened.session.speaker_names or {}
    lines: list[SharedLine] = []
    if packed is not None:
        for said in unpack_between(packed, opened.start_seconds, opened.end_seconds).utterances:
            label = said.speaker
            lines.append(
                SharedLine(
                    start_seconds=_since(said.start_seconds, opened),
                    end_seconds=_since(said.end_seconds, opened),
                    speaker=names.get(label, label) if label is not None else None,
                    text=said.text,
                )
            )
    recorded_at = opened.session.recorded_at
    return SharedConversation(
        title=_title(opened),
        recorded_at=None if recorded_at is None else recorded_at + timedelta(seconds=opened.start_seconds),
        duration_seconds=round(opened.end_seconds - opened.start_seconds, 3),
        has_transcript=packed is not None,
        lines=lines,
        audio=opened.share.has_audio,
        is_demo_quality=bool(opened.session.usage.get("is_demo_quality", False)),
        expires_at=opened.share.expires_at,
    )


def _title(opened: OpenedShare) -> str | None:
    """Return the title; None where the conversation has grown beyond what was shared, since it may name others."""
    share, segment = opened.share, opened.segment
    is_inside = share.start_seconds <= segment.start_seconds and segment.end_seconds <= share.end_seconds
    return segment.title if is_inside else None


def clip_range(opened: OpenedShare, start_seconds: float, end_seconds: float) -> tuple[float, float]:
    """Return the range of the recording for a range of the conversation. Raises NotFound, InvalidRequest."""
    if not opened.share.has_audio:
        raise no_such_share()
    length = opened.end_seconds - opened.start_seconds
    if start_seconds >= length:
        raise InvalidRequest(f"The conversation ends at {length:.3f} seconds.", field="start")
    return opened.start_seconds + start_seconds, opened.start_seconds + min(end_seconds, length)


def note_opening(database: Database, opened: OpenedShare, action: str) -> None:
    """Count an opening and write it into the access log of the day."""
    share = opened.share

    def write(tx: Transaction) -> None:
        if sessions.lock(tx, share.session_id) is None:
            return  # deleted meanwhile
        if action == "share_opened":
            shares.count_opening(tx, share.id)
        visitors.add_access(
            tx,
            partner_id=share.partner_id,
            visitor_id=None,
            name=share.name,
            role="share",
            action=action,
            session_id=share.session_id,
            subject_id=share.id,
        )

    database.in_write(write)


def _since(seconds: float, opened: OpenedShare) -> float:
    return round(max(0.0, seconds - opened.start_seconds), 3)
