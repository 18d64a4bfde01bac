"""The analysis row of a segment: an ordinary analysis whose parent is the session."""

from __future__ import annotations

from typing import Any, cast

from dayline.clock import now
from dayline.db.database import Transaction
from dayline.db.records import AnalysisRecord, SegmentRecord, SessionRecord
from dayline.domain.status import AnalysisStatus
from dayline.domain.stored_json import AnalysisOptions
from dayline.ids import derived_id
from dayline.playbooks import repository as playbooks


def child_of(
    tx: Transaction,
    session: SessionRecord,
    segment: SegmentRecord,
    *,
    once: tuple[Any, ...],
    options: AnalysisOptions | None = None,
) -> AnalysisRecord:
    """Return the queued analysis of a segment. `options` overrule the session's playbook and prompts."""
    wanted = cast(AnalysisOptions, {**session.options, **(options or {})})
    playbook = playbooks.resolve(tx, session.partner_id, session.org_id, session.rep_id, wanted.get("playbook_id"))
    kept = ("playbook_id", "prompt_overrides", "language", "skip_diarization")
    return AnalysisRecord(
        id=derived_id("analysis", *once),
        partner_id=session.partner_id,
        environment=session.environment,
        parent_session_id=session.id,
        segment_id=segment.id,
        org_id=session.org_id,
        rep_id=session.rep_id,
        status=AnalysisStatus.QUEUED,
        is_current=True,
        recording_url=session.recording_url,
        file_key=session.file_key,
        transcript_url=None,
        callback_url=session.options.get("callback_url"),
        options=cast(AnalysisOptions, {n: v for n, v in wanted.items() if n in kept and v is not None}),
        metadata=session.metadata,
        start_seconds=segment.start_seconds,
        end_seconds=segment.end_seconds,
        duration_seconds=round(segment.end_seconds - segment.start_seconds, 3),
        playbook_id=playbook.id if playbook else None,
        playbook_version=playbook.version if playbook else None,
        overall_score=None,
        error=None,
        created_at=now(),
        started_at=None,
        completed_at=None,
    )
