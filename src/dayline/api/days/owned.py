"""Loads what a request names, for the partner and the environment that may see it."""

from __future__ import annotations

from fastapi import Request

from dayline.api.dependencies import caller
from dayline.core.errors import NotFound
from dayline.sessions import service
from dayline.store.days import analyses
from dayline.store.db import Transaction
from dayline.store.records import AnalysisRecord, SessionRecord


def session_of(request: Request, tx: Transaction, session_id: str, *, lock: bool = False) -> SessionRecord:
    """Return a session of the caller. Raises NotFound, or Forbidden for a key of the other environment."""
    who = caller(request)
    session = service.owned(tx, session_id, partner_id=who.partner_id, lock=lock)
    who.require_environment(session.environment)
    return session


def analysis_of(request: Request, tx: Transaction, analysis_id: str) -> AnalysisRecord:
    """Return an analysis of the caller. Raises NotFound, or Forbidden for a key of the other environment."""
    who = caller(request)
    analysis = analyses.get(tx, analysis_id, partner_id=who.partner_id)
    if analysis is None:
        raise NotFound.of("analysis", analysis_id)
    who.require_environment(analysis.environment)
    return analysis
