"""Fall back to the rubric when a language model cannot score a conversation, and state it in the analysis.

Failures that waiting or the operator can fix are raised: rate limits (with the requested wait), a refused key, a
server that is down. A model without a usable answer, or with none in time, would fail again.
"""

from __future__ import annotations

from dayline.domain.analysis import AnalysisTask, Assessment
from dayline.domain.errors import Unavailable
from dayline.domain.transcript import Transcript
from dayline.llm.ports import Analyst
from dayline.logs import get_log

log = get_log(__name__)

_CANNOT = {
    "unusable_answer": "the language model gave no usable answer",
    "time_out": "the language model did not answer in time",
    "too_long": "the conversation is too long for the language model",
}


def ask_model(analyst: Analyst, talk: Transcript, task: AnalysisTask) -> tuple[Assessment | None, str | None]:
    """Return the model's result, or None and the reason. Raises `Unavailable` for failures that can be fixed."""
    try:
        return analyst.analyze(talk, task), None
    except Unavailable as error:
        reason = _CANNOT.get(str(error.details.get("reason")))
        if reason is None:
            raise
        log.warning("analysis_without_model", reason=str(error.details.get("reason")))
        return None, reason
