"""Score one conversation: talk metrics by code, scores by the analyst, every quote verified."""

from __future__ import annotations

from typing import cast

from dayline.clock import monotonic_seconds
from dayline.db.records import AnalysisRecord
from dayline.domain.analysis import AnalysisTask
from dayline.domain.json_types import JsonObject
from dayline.domain.transcript import REP_LABEL, Transcript
from dayline.playbooks import repository as playbooks
from dayline.scoring.rubric import RubricAnalyst
from dayline.workflows.analysis import org_memory
from dayline.workflows.analysis.fallback import ask_model
from dayline.workflows.analysis.guidance import characteristic_words, prompts_for
from dayline.workflows.cancellation import analysis_stop_check
from dayline.workflows.computing import Scored, score_in_child
from dayline.workflows.worker_context import WorkerContext

_NOTHING_SENT = "the org lets nothing be sent to a language model"


def analyze_conversation(context: WorkerContext, analysis: AnalysisRecord, talk: Transcript) -> Scored:
    """Return (transcript, analysis) of one conversation as the API shows them.

    Everything that grows with the transcript runs in a computing process and ends when the analysis is cancelled.
    Raises Unavailable when the analyst cannot answer now, Cancelled.
    """
    began = monotonic_seconds()
    with context.database.read() as tx:
        content = analysis.options.get("playbook_content")
        if content is None and analysis.playbook_id:
            content = playbooks.content_of(tx, analysis.playbook_id, analysis.playbook_version)
        prompts = prompts_for(tx, analysis.partner_id, analysis.org_id, analysis.options)
        may_be_sent = org_memory.reading_scope(tx, analysis.partner_id, analysis.org_id) != "off"
    rep = REP_LABEL if any(u.speaker == REP_LABEL for u in talk.utterances) else None
    task = AnalysisTask(
        rep_label=rep,
        playbook=content or "",
        prompts=prompts,
        language=talk.language,
        vocabulary=characteristic_words(content) if content else (),
    )
    analyst = context.analyst
    assessment, reason = None, None
    if not isinstance(analyst, RubricAnalyst):
        assessment, reason = ask_model(analyst, talk, task) if may_be_sent else (None, _NOTHING_SENT)
    should_stop = analysis_stop_check(context, analysis.id)
    transcript, result = context.compute.run(
        score_in_child,
        talk,
        task,
        assessment,
        analyst.info,
        reason,
        should_stop=should_stop,
        owner=analysis.partner_id,
    )
    usage = {**cast(JsonObject, result["usage"]), "wall_seconds": round(monotonic_seconds() - began, 3)}
    return transcript, {**result, "usage": usage}
