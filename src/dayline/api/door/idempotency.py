"""Requests that change something happen once, however often they are sent with the same key.

The first outcome that began to execute is kept with its status and body, and answered again; refusals
before that point (a malformed body, a shape that no route accepts) are not kept. What a request changes
and the record of its outcome are written in one transaction: a process that dies in between leaves
neither, and its claim on the key ends by itself after `idempotency_lock_seconds`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from fastapi import Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse, Response

from dayline.api.dependencies import any_caller, services
from dayline.api.door import errors
from dayline.core.errors import Conflict, DaylineError, InvalidRequest, Unavailable
from dayline.kit.clock import now
from dayline.kit.logs import get_log
from dayline.kit.signing import fingerprint
from dayline.store.db import Database, Transaction
from dayline.store.tenants import idempotency

log = get_log(__name__)

Work = Callable[[Transaction], Any]
MAX_KEY_CHARACTERS = 255


@dataclass(frozen=True, slots=True)
class _Claim:
    """A key that this request works under."""

    database: Database
    owner: str
    key: str
    locked_until: Any

    def finish(self, tx: Transaction, status: int, body: Any) -> None:
        """Keep the outcome. Raises Conflict when the claim was lost."""
        kept = idempotency.finish(
            tx, self.owner, self.key, locked_until=self.locked_until, status_code=status, body=body
        )
        if not kept:
            # Somebody took the key over because this request was slower than its lock: they own the effect.
            raise Conflict(
                "Another request with the same Idempotency-Key took over. Send it again to read its outcome.",
                code="idempotency_in_progress",
            )

    def release(self) -> None:
        """Give the key back: nothing was changed, and trying again with the same key is what 503 asks for."""
        with self.database.write() as tx:
            idempotency.release(tx, self.owner, self.key, locked_until=self.locked_until)


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
    claim = _claim(request, lasts_seconds)
    if isinstance(claim, Response):
        return claim
    if claim is None:
        if before is not None:
            before()
        return _answer(status, jsonable_encoder(database.in_write(work)))
    try:
        if before is not None:
            before()
        with database.write() as tx:
            body = jsonable_encoder(work(tx))
            claim.finish(tx, status, {**body, **dict.fromkeys(shown_once)} if shown_once else body)
    except DaylineError as error:
        if isinstance(error, Unavailable):
            claim.release()
        elif error.code != "idempotency_in_progress":
            _keep_failure(request, claim, error)
        raise
    except Exception:
        _keep_failure(request, claim, DaylineError("Something went wrong on our side. The failure has been recorded."))
        raise
    return _answer(status, body)


def _claim(request: Request, lasts_seconds: float) -> _Claim | Response | None:
    """Return a claim, the answer of an earlier request, or None without a key. Raises Conflict."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not key or len(key) > MAX_KEY_CHARACTERS or not key.isprintable():
        raise InvalidRequest(
            f"An Idempotency-Key has 1 to {MAX_KEY_CHARACTERS} printable characters.", field="Idempotency-Key"
        )
    parts = services(request)
    owner = any_caller(request).owner
    moment = now()
    locked_until = moment + timedelta(seconds=max(parts.idempotency_lock_seconds, lasts_seconds))
    identity = fingerprint(
        request.method.encode(),
        request.url.path.encode(),
        request.url.query.encode(),
        request.state.raw_body,
    )
    with parts.database.write() as tx:
        held = idempotency.claim(
            tx,
            owner,
            key,
            identity,
            locked_until=locked_until,
            expires_at=moment + timedelta(hours=parts.idempotency_hours),
        )
    if held is None:
        return _Claim(parts.database, owner, key, locked_until)
    if held.fingerprint != identity:
        raise Conflict(
            "This Idempotency-Key was used for another request. Use a new key for new content.",
            code="idempotency_conflict",
        )
    if held.status_code is None:
        raise Conflict(
            "The first request with this Idempotency-Key is still being worked on. Send it again in a moment.",
            code="idempotency_in_progress",
        )
    return _answer(held.status_code, held.body, {"Idempotent-Replayed": "true"})


def _keep_failure(request: Request, claim: _Claim, error: DaylineError) -> None:
    body = errors.of_error(error, request_id=request.state.request_id, base_url=services(request).base_url)
    try:
        with claim.database.write() as tx:
            claim.finish(tx, error.status, body)
    except Exception as trouble:  # noqa: BLE001 - the caller's own error matters more than our record of it
        log.warning("idempotent_failure_not_kept", error=type(trouble).__name__)


def _answer(status: int, body: Any, headers: dict[str, str] | None = None) -> Response:
    if status == 204:
        return Response(status_code=204, headers=headers)
    return JSONResponse(body, status_code=status, headers=headers)
