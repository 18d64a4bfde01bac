"""Operations on analyses of their own: submit."""

from __future__ import annotations

from typing import cast

from dayline.analyses import repository as analyses
from dayline.analyses.schemas import AnalysisAccepted, AnalysisRequest
from dayline.clock import iso, now
from dayline.db.database import Transaction
from dayline.db.records import AnalysisRecord
from dayline.domain.errors import NotFound
from dayline.domain.status import AnalysisStatus
from dayline.domain.stored_json import AnalysisOptions
from dayline.ids import new_id
from dayline.orgs import repository as orgs
from dayline.playbooks import repository as playbooks
from dayline.uploads import repository as uploads
from dayline.workflows.calls import start_call
from dayline.workflows.job_queue import JobQueue


def submit(
    tx: Transaction, jobs: JobQueue, request: AnalysisRequest, *, partner_id: str, environment: str
) -> AnalysisAccepted:
    """Write the analysis and queue its work, in one transaction. Returns {id, status, created_at}.

    Raises NotFound for a playbook of another org or a file key of another partner.
    """
    if request.file_key is not None and uploads.get(tx, request.file_key, partner_id=partner_id) is None:
        raise NotFound.of("file", request.file_key)
    wanted = request.options.playbook_id
    playbook = playbooks.resolve(tx, partner_id, request.org_id, request.rep_id, wanted)
    if wanted is not None and playbook is None:
        raise NotFound.of("playbook", wanted)
    if request.options.playbook_content is not None:
        playbook = None
    orgs.ensure(tx, partner_id, request.org_id, request.rep_id)
    analysis = AnalysisRecord(
        id=new_id(),
        partner_id=partner_id,
        environment=environment,
        parent_session_id=None,
        segment_id=None,
        org_id=request.org_id,
        rep_id=request.rep_id,
        status=AnalysisStatus.QUEUED,
        is_current=True,
        recording_url=request.recording_url,
        file_key=request.file_key,
        transcript_url=request.transcript_url,
        callback_url=request.callback_url,
        options=cast(AnalysisOptions, request.options.model_dump(mode="json")),
        metadata=request.metadata,
        start_seconds=None,
        end_seconds=None,
        duration_seconds=None,
        playbook_id=playbook.id if playbook else None,
        playbook_version=playbook.version if playbook else None,
        overall_score=None,
        error=None,
        created_at=now(),
        started_at=None,
        completed_at=None,
    )
    analyses.add(tx, analysis)
    start_call(jobs, tx, analysis)
    return {"id": analysis.id, "status": analysis.status, "created_at": iso(analysis.created_at)}
