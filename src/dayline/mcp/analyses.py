"""Tools for analyses: read one, create another."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from dayline.analyses import repository as analyses
from dayline.analyses.schemas import AnalysisShown
from dayline.analyses.view import analysis_view
from dayline.auth.principal import READ, WRITE
from dayline.domain.errors import NotFound
from dayline.http.schemas import PromptOverrides, Uuid
from dayline.mcp.context import Ask, IdempotencyKey, ToolContext, checked
from dayline.sessions import service
from dayline.sessions.schemas import AnalysisHandle, AnalyzeSegment


class AnalysisTools:
    """The tools; models read the docstrings of the methods."""

    def __init__(self, tools: ToolContext) -> None:
        self._tools = tools

    def read_analysis(
        self,
        ask: Ask,
        analysis_id: Annotated[str, Field(description="Id of the analysis, as a segment of get_day gives it.")],
        include_transcript: Annotated[bool, Field(description="Also give every word with its times.")] = False,
    ) -> AnalysisShown:
        """Read the analysis of one conversation: scores, feedback, action plan, objections, next steps, and for every
        claim a quote that was found in the transcript. Without the transcript unless asked for."""
        who = self._tools.caller(ask, READ)
        with self._tools.database.read() as tx:
            record = analyses.get(tx, analysis_id, partner_id=who.partner_id)
            if record is None:
                raise NotFound.of("analysis", analysis_id)
            who.require_environment(record.environment)
            found = analysis_view(tx, analysis_id)
        shown: Any = found if include_transcript else {**found, "transcript": None}
        return shown

    def analyze_segment(
        self,
        ask: Ask,
        session_id: Annotated[str, Field(description="Id of the day.")],
        segment_id: Annotated[str, Field(description="Id of one of its segments, also below the threshold.")],
        playbook_id: Annotated[Uuid | None, Field(description="Go by this playbook of the org.")] = None,
        prompt_overrides: Annotated[
            PromptOverrides | None, Field(description="Questions of this analysis alone.")
        ] = None,
        idempotency_key: IdempotencyKey = None,
    ) -> AnalysisHandle:
        """Analyse one segment of a completed day again, also with another playbook or other prompts. Nothing is
        transcribed again. Follow it with read_analysis until its status is completed or failed."""
        who = self._tools.caller(ask, WRITE)
        wanted = checked(AnalyzeSegment, {"playbook_id": playbook_id, "prompt_overrides": prompt_overrides})
        return self._tools.once(
            who,
            idempotency_key,
            "analyze_segment",
            {"session_id": session_id, "segment_id": segment_id, **wanted.model_dump(mode="json")},
            lambda tx: service.analyze_segment(
                tx, self._tools.jobs, self._tools.session(tx, who, session_id, lock=True), segment_id, wanted
            ),
        )
