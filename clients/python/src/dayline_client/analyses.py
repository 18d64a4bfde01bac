"""Analyses of single conversations, and the children of sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Unpack

from dayline_client.pagination import Listing
from dayline_client.polling import FOUR_HOURS, wait_for
from dayline_client.transport import Transport, part
from dayline_client.types.analyses import Analysis, AnalysisAccepted, AnalysisRequest, AnalysisSummary, RescoreRequest
from dayline_client.types.sessions import JobStatus, Receipt

_PATH = "/v1/analyses"


class Analyses:
    """Single conversations. Every method raises ApiError, ConnectionFailed or InvalidResponse."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def submit(self, *, idempotency_key: str | None = None, **request: Unpack[AnalysisRequest]) -> AnalysisAccepted:
        """Submit one conversation of 10 seconds to 60 minutes, or its transcript."""
        return self._transport.call("POST", _PATH, body=request, idempotency_key=idempotency_key).json

    def submit_and_wait(
        self,
        *,
        timeout_seconds: float = FOUR_HOURS,
        idempotency_key: str | None = None,
        **request: Unpack[AnalysisRequest],
    ) -> Analysis:
        """Submit one conversation and return the completed analysis. Also raises JobFailed, WaitedTooLong."""
        taken = self.submit(idempotency_key=idempotency_key, **request)
        return self.wait(taken["id"], timeout_seconds=timeout_seconds)

    def wait(self, analysis_id: str, *, timeout_seconds: float = FOUR_HOURS) -> Analysis:
        """Wait for an analysis and return it when completed. Also raises JobFailed, WaitedTooLong."""
        return wait_for(lambda: self.get(analysis_id), timeout_seconds)

    def list(
        self,
        *,
        org_id: str | None = None,
        rep_id: str | None = None,
        status: JobStatus | None = None,
        parent_session_id: str | None = None,
        created_after: datetime | str | None = None,
        created_before: datetime | str | None = None,
        min_score: float | None = None,
        archived: bool = False,
        limit: int = 20,
        cursor: str | None = None,
    ) -> Listing[AnalysisSummary]:
        """List analyses without transcript and result, newest first."""
        query = {
            "org_id": org_id,
            "rep_id": rep_id,
            "status": status,
            "parent_session_id": parent_session_id,
            "created_after": created_after,
            "created_before": created_before,
            "min_score": min_score,
            "archived": archived,
            "limit": limit,
            "cursor": cursor,
        }
        return Listing(self._transport, _PATH, query)

    def get(self, analysis_id: str) -> Analysis:
        """Get an analysis with its transcript and its result."""
        return self._transport.call("GET", f"{_PATH}/{part(analysis_id)}").json

    def cancel(self, analysis_id: str) -> Analysis:
        """Stop an analysis; it is then `failed` with the code `cancelled`."""
        return self._transport.call("POST", f"{_PATH}/{part(analysis_id)}/cancel").json

    def archive(self, analysis_id: str) -> Analysis:
        """Exclude an analysis from lists."""
        return self._transport.call("POST", f"{_PATH}/{part(analysis_id)}/archive").json

    def restore(self, analysis_id: str) -> Analysis:
        """Show an archived analysis in lists again."""
        return self._transport.call("POST", f"{_PATH}/{part(analysis_id)}/restore").json

    def rescore(self, analysis_id: str, **request: Unpack[RescoreRequest]) -> AnalysisAccepted:
        """Score a conversation again from the existing transcript."""
        return self._transport.call("POST", f"{_PATH}/{part(analysis_id)}/rescore", body=request).json

    def delete(self, analysis_id: str) -> Receipt:
        """Delete an analysis and everything derived from it."""
        return self._transport.call("DELETE", f"{_PATH}/{part(analysis_id)}").json
