"""Run a request that changes something at most once per Idempotency-Key.

Refusals before a route begins to execute (a malformed body, a shape that no route accepts) are not kept.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, cast

from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from dayline.db.database import Transaction
from dayline.domain.errors import DatabaseUnavailable, DaylineError
from dayline.http import errors
from dayline.http.authentication import any_caller, check_key
from dayline.http.dependencies import api_context
from dayline.http.request_body import ApiRequest
from dayline.http.responses import json_response
from dayline.idempotency import service
from dayline.security.signing import fingerprint

Work = Callable[[Transaction], Any]

_PAUSES_SECONDS = (0.001, 0.002, 0.004, 0.0)


def perform(
    request: Request,
    work: Work,
    *,
    status: int = 200,
    shown_once: tuple[str, ...] = (),
    before: Callable[[], None] | None = None,
    lasts_seconds: float = 0.0,
    checks_key: bool = False,
) -> Response:
    """Run `work` in one write transaction and answer with what it returns (a model, a dict, or None for 204).

    Validate before calling: whatever `work` raises is an outcome and is kept under the request's key.
    `shown_once` names top-level fields that are answered to the first request and kept as null. `before` runs
    outside the transaction and must be repeatable: for effects that a rollback cannot undo. `lasts_seconds` is the
    longest that it may take; until then a repetition is told to come back instead of doing it too. `checks_key` says
    that `work` begins by checking the caller's key, by a statement that reads something else as well.
    """
    database = api_context(request).database

    def checked(tx: Transaction) -> Any:
        return _checked(request, work, tx, checks_key=checks_key)

    key = request.headers.get("Idempotency-Key")
    if key is None:
        if before is not None:
            with database.read() as tx:
                check_key(request, tx)
            before()
        return _answer(status, database.in_write(checked))
    keyed = service.IdempotentRequest(
        database,
        owner=any_caller(request).owner,
        key=key,
        identity=identity_of(request),
        path=request.url.path,
        keep_hours=api_context(request).idempotency_hours,
        lock_seconds=max(api_context(request).idempotency_lock_seconds, lasts_seconds),
        failure_body=lambda error: _failure(request, error),
    )
    if before is not None:
        with database.read() as tx:
            check_key(request, tx)
    outcome = keyed.run(
        checked, status=status, shown_once=shown_once, before=before, guard=lambda tx: check_key(request, tx)
    )
    return _answer(outcome.status_code, outcome.body, {"Idempotent-Replayed": "true"} if outcome.is_replayed else None)


async def perform_shortly(request: Request, work: Work, *, status: int = 200, checks_key: bool = False) -> Response:
    """Do as `perform` for work of a few milliseconds that deletes nothing: on SQLite in the event loop.

    In a thread where the request has an Idempotency-Key, and when another writer is still at work after some
    milliseconds; `work` must change nothing but the database.
    """
    database = api_context(request).database
    if database.is_for_event_loop and "Idempotency-Key" not in request.headers:
        for pause_seconds in _PAUSES_SECONDS:
            with contextlib.suppress(DatabaseUnavailable):
                with database.write_in_event_loop() as tx:
                    body = _checked(request, work, tx, checks_key=checks_key)
                return _answer(status, body)
            # Without the pauses one write in a thread sends the next requests into threads too, which keep it so.
            await asyncio.sleep(pause_seconds)
    return await run_in_threadpool(perform, request, work, status=status, checks_key=checks_key)


def _checked(request: Request, work: Work, tx: Transaction, *, checks_key: bool) -> Any:
    """Return what `work` answers; nothing is committed when the caller's key does not work."""
    if not checks_key:
        check_key(request, tx)
    body = work(tx)
    check_key(request, tx)  # does nothing after the first check; without one nothing is committed
    return body.model_dump(mode="json") if isinstance(body, BaseModel) else body


def identity_of(request: Request) -> str:
    """Return a hash of what a request asks for: method, path, query and the content of its body.

    JSON is compared by content: the order of members, white space, escapes and 1.0 for 1 make no difference.
    """
    if isinstance(request, ApiRequest):
        body = service.canonical(request.json_body) if request.json_body is not None else request.raw_body
    else:
        body = b""
    query = sorted(request.query_params.multi_items())
    # People of one partner see different things: an outcome is answered again to nobody else.
    person = any_caller(request).visitor_id or ""
    address = (request.method.encode(), request.url.path.encode(), service.canonical(cast(Any, query)))
    return fingerprint(*address, body, person.encode())


def _failure(request: Request, error: DaylineError) -> errors.ErrorEnvelope:
    return errors.of_error(error, request_id=request.state.request_id, base_url=api_context(request).base_url)


def _answer(status: int, body: Any, headers: dict[str, str] | None = None) -> Response:
    if status == 204:
        return Response(status_code=204, headers=headers)
    return json_response(body, status, headers)
