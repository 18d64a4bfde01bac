"""Authentication and scopes as dependencies of the routes, so that the OpenAPI document states them.

A route declares who may call it by the type of a parameter: `who: Reader`, `who: Writer`, `who: AdminKey` or
`who: AnyKey`. People signed in to the console are identified by a cookie and authorised by the table of roles.
`http.routing.ApiRoute` authenticates the key before anything else; `reading` and `idempotency.requests` check in the
route's first transaction that the key is still valid.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Annotated, TypeVar, cast

from fastapi import Request, Security
from fastapi.openapi.models import HTTPBearer
from fastapi.security import SecurityScopes
from fastapi.security.base import SecurityBase
from starlette.concurrency import run_in_threadpool

from dayline.auth.authenticator import Authenticator, require_working
from dayline.auth.principal import ADMIN, READ, WRITE, Principal
from dayline.auth.roles import check_role
from dayline.console.service import check_session, visitor_of
from dayline.db.database import Database, Transaction
from dayline.db.key_state import KeyState
from dayline.domain.errors import DatabaseUnavailable
from dayline.http import browser
from dayline.http.context import ApiContext

T = TypeVar("T")


class BearerKey(SecurityBase):
    """The security scheme of every route under /v1 that is not a signed link."""

    def __init__(self) -> None:
        self.model = HTTPBearer(description="A key such as pk_live_<id>_<secret>.")
        self.scheme_name = "bearer"

    async def __call__(self, request: Request, security: SecurityScopes) -> Principal:
        """Return the caller. Raises Forbidden when the key lacks a scope that the route names."""
        who = any_caller(request)
        if who.role is not None:
            # A person: the table of roles has finer scopes than keys, and lists the visible orgs and reps.
            check_role(who, request.method, request.url.path)
            if {READ, WRITE} & set(security.scopes):
                who.require_partner()
            return who
        for scope in security.scopes:
            if scope == ADMIN:
                who.require_admin()
            else:
                who.require_partner(scope)
                who.require(scope)
        return who


bearer = BearerKey()

Reader = Annotated[Principal, Security(bearer, scopes=[READ])]
"""A partner's key with the scope to read."""

Writer = Annotated[Principal, Security(bearer, scopes=[WRITE])]
"""A partner's key with the scope to write."""

AdminKey = Annotated[Principal, Security(bearer, scopes=[ADMIN])]
"""The operator's key."""

AnyKey = Annotated[Principal, Security(bearer)]
"""Any key; the route decides by itself."""


def any_caller(request: Request) -> Principal:
    """Return the caller, partner or admin."""
    return cast(Principal, request.state.caller)


def caller(request: Request) -> Principal:
    """Return the partner who calls. Raises Forbidden for an admin key."""
    who = any_caller(request)
    who.require_partner()
    return who


async def authenticate(request: Request) -> Principal:
    """Identify the caller by a key or, without a key, by a console session, and store it in `request.state`.

    Raises Unauthenticated, or Forbidden for a cookie sent from a page of another origin.
    """
    authorization = request.headers.get("authorization")
    context = _context(request)
    token = None if authorization is not None else browser.session_token(request.headers, context.base_url)
    request.state.is_checked, request.state.session_token = True, token
    if token is not None:
        browser.check_visit(request.headers, request.method, context.base_url)
        request.state.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        who = await run_in_threadpool(visitor_of, context.database, token)
    else:
        known = _authenticator(request)
        recognised = known.recognise(authorization)
        request.state.is_checked = recognised is None
        who = recognised or await run_in_threadpool(known.authenticate, authorization)
    request.state.caller = who
    return who


def check_key(request: Request, tx: Transaction) -> None:
    """Check once per request, in a transaction of the route, that its key still works. Raises Unauthenticated."""
    if not request.state.is_checked:
        _authenticator(request).check(tx, any_caller(request))
        request.state.is_checked = True


def check_key_state(request: Request, state: KeyState | None) -> None:
    """Check a key like `check_key`, with a state already read by a statement of the route. Raises Unauthenticated."""
    require_working(state)
    request.state.is_checked = True


async def check_key_if_open(request: Request) -> None:
    """Check the key of a request whose route opened no transaction. Raises Unauthenticated."""
    if not request.state.is_checked:
        await run_in_threadpool(_authenticator(request).check_now, any_caller(request))
        request.state.is_checked = True


def still_valid(request: Request) -> Callable[[Transaction], None]:
    """Return a function that checks the caller again in a later transaction; it raises Unauthenticated."""
    who, token, known = any_caller(request), request.state.session_token, _authenticator(request)
    if token is not None:
        return lambda tx: check_session(tx, token)
    return lambda tx: known.check(tx, who)


@contextmanager
def reading(request: Request) -> Generator[Transaction]:
    """Open a read transaction, after checking that the caller's key is still valid."""
    with _context(request).database.read() as tx:
        check_key(request, tx)
        yield tx


async def read_for(
    request: Request, work: Callable[[Transaction], T], *, is_short: bool = True, checks_key: bool = False
) -> T:
    """Run a read and return what it returns: short ones on SQLite in the event loop, others in a thread.

    The way to a thread and back costs a third of a read of 2 ms, and threads that compute at once take turns anyway.
    Where SQLite would have to wait, the read is made once more in a thread, so `work` must be repeatable.

    is_short: it takes at most a few milliseconds. checks_key: `work` begins by checking the caller's key.
    """

    def run(tx: Transaction) -> T:
        if not checks_key:
            check_key(request, tx)
        return work(tx)

    database = _context(request).database
    if is_short and database.is_for_event_loop:
        with contextlib.suppress(DatabaseUnavailable), database.read_in_event_loop() as tx:
            return run(tx)
    return await run_in_threadpool(_read, database, run)


def _read(database: Database, work: Callable[[Transaction], T]) -> T:
    with database.read() as tx:
        return work(tx)


def _context(request: Request) -> ApiContext:
    return cast(ApiContext, request.app.state.context)


def _authenticator(request: Request) -> Authenticator:
    return cast(Authenticator, request.app.state.authenticator)
