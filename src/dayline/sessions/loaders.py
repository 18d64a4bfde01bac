"""Loads what a request names, for the partner and the environment that may see it."""

from __future__ import annotations

from dayline.analyses import repository as analyses
from dayline.auth.principal import Principal
from dayline.db.database import Transaction
from dayline.db.key_state import KeyState
from dayline.db.records import AnalysisRecord, SessionRecord
from dayline.domain.errors import NotFound
from dayline.sessions import repository as sessions
from dayline.sessions import service


def session_of(who: Principal, tx: Transaction, session_id: str, *, lock: bool = False) -> SessionRecord:
    """Return a session of the caller. Raises NotFound, or Forbidden for a key of the other environment."""
    return checked(who, service.owned(tx, session_id, partner_id=who.partner_id, lock=lock))


def session_and_key(who: Principal, tx: Transaction, session_id: str) -> tuple[SessionRecord, KeyState | None] | None:
    """Return a session of the caller's partner and the state of the caller's key, by one statement.

    None without such a session. Check the state before anything else, then call `checked`.
    """
    return sessions.get_with_key(tx, session_id, partner_id=who.partner_id, key_id=who.key_id)


def checked(who: Principal, session: SessionRecord) -> SessionRecord:
    """Return a session of the caller's partner. Raises NotFound, or Forbidden for a key of the other environment."""
    if not who.visibility.covers(session.org_id, session.rep_id):
        raise NotFound.of("session", session.id)
    who.require_environment(session.environment)
    return session


def analysis_of(who: Principal, tx: Transaction, analysis_id: str) -> AnalysisRecord:
    """Return an analysis of the caller. Raises NotFound, or Forbidden for a key of the other environment."""
    analysis = analyses.get(tx, analysis_id, partner_id=who.partner_id)
    if analysis is None or not who.visibility.covers(analysis.org_id, analysis.rep_id):
        raise NotFound.of("analysis", analysis_id)
    who.require_environment(analysis.environment)
    return analysis
