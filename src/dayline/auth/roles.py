"""Roles of people in the console, as scopes, and the scope that each operation needs.

Keys have `partner:read` and `partner:write` for everything of their partner. People have finer scopes, and what no
rule names is refused, so that a new operation is closed to them until it is listed here.
"""

from __future__ import annotations

import re
from typing import Literal, get_args
from urllib.parse import unquote

from dayline.auth.principal import UPLOADS, Principal
from dayline.domain.errors import Forbidden

Role = Literal["operator", "coach", "rep", "viewer"]
ROLES: tuple[Role, ...] = get_args(Role)

SELF = "self"
DAYS_READ = "days:read"
DAYS_SUBMIT = "days:submit"
DAYS_CORRECT = "days:correct"
DAYS_DELETE = "days:delete"
NOTES = "notes:write"
SHARES = "shares:write"
"""A link discloses a conversation to outsiders, so a rep asks a coach for it."""

ORGS_READ = "orgs:read"
ORGS_WRITE = "orgs:write"
ORGS_DELETE = "orgs:delete"
"""Only for an operator in a partner: archiving or deleting an org or a rep includes all of their days."""

PLAYBOOKS_READ = "playbooks:read"
PLAYBOOKS_WRITE = "playbooks:write"
VOICES = "voices:write"
WEBHOOKS = "webhooks:write"
ADMIN = "admin"

_VIEWER = (SELF, DAYS_READ, ORGS_READ)
# Reps are scored by the playbook, so they may read it.
_REP = (*_VIEWER, DAYS_SUBMIT, DAYS_CORRECT, NOTES, PLAYBOOKS_READ, VOICES, UPLOADS)
_COACH = (*_REP, SHARES, DAYS_DELETE, ORGS_WRITE, PLAYBOOKS_WRITE)
_OPERATOR = (SELF, ADMIN)
_SCOPES: dict[Role, tuple[str, ...]] = {"viewer": _VIEWER, "rep": _REP, "coach": _COACH, "operator": _OPERATOR}

_JOBS = r"/v1/(all-day-sessions|analyses)"
_RULES: tuple[tuple[str, str, str], ...] = (
    ("GET", r"/v1/me", SELF),
    ("*", r"/v1/console/session", SELF),
    ("*", r"/v1/console/sessions(/[^/]+)?", SELF),
    ("POST", r"/v1/console/links", ADMIN),
    ("POST", r"/v1/admin/partners/[^/]+/uploads/signed-url", UPLOADS),
    ("POST", r"/v1/uploads/signed-url", UPLOADS),
    ("*", r"/v1/admin/.+", ADMIN),
    ("*", r"/v1/webhooks(/.+)?", WEBHOOKS),
    ("*", r"/v1/callback-secret(/.+)?", WEBHOOKS),
    ("POST", _JOBS, DAYS_SUBMIT),
    ("GET", rf"{_JOBS}(/.+)?", DAYS_READ),
    ("GET", r"/v1/search", DAYS_READ),
    ("GET", r"/v1/events", DAYS_READ),
    ("*", r"/v1/all-day-sessions/[^/]+/(segments/[^/]+/)?shares(/[^/]+)?", SHARES),
    ("*", r"/v1/all-day-sessions/[^/]+/notes(/[^/]+)?", NOTES),
    ("DELETE", rf"{_JOBS}/[^/]+", DAYS_DELETE),
    ("POST", r"/v1/analyses/[^/]+/(archive|restore)", DAYS_DELETE),
    ("*", rf"{_JOBS}/.+", DAYS_CORRECT),
    ("*", r"/v1/orgs/[^/]+/reps/[^/]+/voice", VOICES),
    ("GET", r"/v1/orgs/[^/]+/(playbooks|prompts)(/.+)?", PLAYBOOKS_READ),
    ("*", r"/v1/orgs/[^/]+/(playbooks|prompts)(/.+)?", PLAYBOOKS_WRITE),
    ("DELETE", r"/v1/orgs/[^/]+(/reps/[^/]+)?", ORGS_DELETE),
    ("POST", r"/v1/orgs/[^/]+(/reps/[^/]+)?/archive", ORGS_DELETE),
    ("GET", r"/v1/orgs(/.+)?", ORGS_READ),
    ("*", r"/v1/orgs(/.+)?", ORGS_WRITE),
)
_COMPILED = tuple((method, re.compile(path), scope) for method, path, scope in _RULES)
_OF_ORG = re.compile(r"/v1/orgs/([^/]+)(?:/reps/([^/]+))?(?:/.*)?")


def scopes_of(role: Role, *, has_partner: bool) -> frozenset[str]:
    """Return the scopes of a role. An operator who opened a partner may do there what anybody may."""
    own = set(_SCOPES[role])
    if role == "operator" and has_partner:
        own.update(scope for _, _, scope in _RULES)
    return frozenset(own)


def scope_for(method: str, path: str) -> str | None:
    """Return the scope that an operation needs from a person; None when no rule names it."""
    wanted = "GET" if method in ("HEAD", "OPTIONS") else method
    for rule_method, pattern, scope in _COMPILED:
        if rule_method in ("*", wanted) and pattern.fullmatch(path):
            return scope
    return None


def check_role(caller: Principal, method: str, path: str) -> None:
    """Raise Forbidden for what a person's role does not allow, NotFound for an org or a rep out of their sight."""
    if caller.role is None:
        return
    scope = scope_for(method, path)
    if scope is None or scope not in caller.scopes:
        raise Forbidden(f"Your role, {caller.role}, does not allow this.", required_scope=scope or ADMIN)
    named = _OF_ORG.fullmatch(path)
    if named:
        caller.require_sight(unquote(named[1]), unquote(named[2]) if named[2] else None)
