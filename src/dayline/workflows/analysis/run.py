"""One conversation is judged: measured by code, scored by the analyst, every quote verified."""

from __future__ import annotations

from typing import Any

from dayline.clock import monotonic_seconds
from dayline.db.records import AnalysisRecord
from dayline.domain.analysis import AnalysisTask
from dayline.domain.transcript import Transcript
from dayline.playbooks import repository as playbooks
from dayline.scoring.metrics import measure
from dayline.scoring.quote_verification import verify
from dayline.scoring.report import assemble, transcript_json
from dayline.workflows.analysis.guidance import characteristic_words, prompts_for
from dayline.workflows.worker_context import WorkerContext

REP_LABEL = "REP"


def judge(parts: WorkerContext, analysis: AnalysisRecord, talk: Transcript) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return (transcript, analysis) of one conversation as the API shows them. Raises Unavailable."""
    began = monotonic_seconds()
    with parts.database.read() as tx:
        content = analysis.options.get("playbook_content")
        if content is None and analysis.playbook_id:
            content = playbooks.content_of(tx, analysis.playbook_id, analysis.playbook_version)
        prompts = prompts_for(tx, analysis.partner_id, analysis.org_id, analysis.options)
    rep = REP_LABEL if any(u.speaker == REP_LABEL for u in talk.utterances) else None
    task = AnalysisTask(
        rep_label=rep,
        playbook=content or "",
        prompts=prompts,
        language=talk.language,
        extra={"vocabulary": characteristic_words(content)} if content else {},
    )
    judgement = parts.analyst.judge(talk, task)
    verified = verify(judgement, talk)
    usage = {
        "input_tokens": judgement.input_tokens,
        "output_tokens": judgement.output_tokens,
        "wall_seconds": round(monotonic_seconds() - began, 3),
        "transcriber": talk.engine,
        "is_demo_quality": talk.is_demo_quality,
        "rep_confidence": talk.notes.get("rep_confidence"),
    }
    result = assemble(talk, verified, measure(talk, rep), parts.analyst.info, usage)
    return transcript_json(talk), result
