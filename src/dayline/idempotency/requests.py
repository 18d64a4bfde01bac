"""Requests that change something happen once, however often they are sent with the same key.

Refusals before a route begins to execute (a malformed body, a shape that no route accepts) are not kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse, Response

from dayline.db.database import Transaction
from dayline.domain.errors import DaylineError
from dayline.http import errors
from dayline.http.dependencies import any_caller, services
from dayline.idempotency import service as once
from dayline.security.signing import fingerprint

Work = Callable[[Transaction], Any]


def perform(
    request: Request,
    work: Work,
    *,
    status: int = 200,
    shown_once: tuple[str, ...] = (),
    before: Callable[[], None] | None = None,
    lasts_seconds: float = 0.0,
) -> Response:
    """Run `work` in one write transaction and answer with what it returns (a model, a dict, or None for 204).

    Validate before calling: whatever `work` raises is an outcome and is kept under the request's key.
    `shown_once` names top-level fields that are answered to the first request and kept as null. `before` runs
    outside the transaction and must bear being repeated: for what cannot be undone with it. `lasts_seconds` is the
    longest that it may take; until then a repetition is told to come back instead of doing it too.
    """
    database = services(request).database
    held = _claim(request, lasts_seconds)
    if isinstance(held, once.Kept):
        return _answer(held.status_code, held.body, {"Idempotent-Replayed": "true"})

    def encoded(tx: Transaction) -> Any:
        return jsonable_encoder(work(tx))

    if held is None:
        if before is not None:
            before()
        return _answer(status, database.in_write(encoded))
    body = once.carry_out(
        database,
        held,
        encoded,
        status=status,
        failure_body=lambda error: _failure(request, error),
        shown_once=shown_once,
        before=before,
    )
    return _answer(status, body)


def _claim(request: Request, lasts_seconds: float) -> once.Claim | once.Kept | None:
    """Return a claim, the outcome of an earlier request, or None without a key. Raises Conflict."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    parts = services(request)
    identity = fingerprint(
        request.method.encode(),
        request.url.path.encode(),
        request.url.query.encode(),
        request.state.raw_body,
        # People of one partner see different things: an outcome is answered again to nobody else.
        (any_caller(request).visitor_id or "").encode(),
    )
    return once.claim(
        parts.database,
        any_caller(request).owner,
        key,
        identity,
        keep_hours=parts.idempotency_hours,
        lock_seconds=max(parts.idempotency_lock_seconds, lasts_seconds),
    )


def _failure(request: Request, error: DaylineError) -> dict[str, Any]:
    return errors.of_error(error, request_id=request.state.request_id, base_url=services(request).base_url)


def _answer(status: int, body: Any, headers: dict[str, str] | None = None) -> Response:
    if status == 204:
        return Response(status_code=204, headers=headers)
    return JSONResponse(body, status_code=status, headers=headers)
