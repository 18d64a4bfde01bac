"""Changes that are made once, however often they are asked for with the same key, through whichever door.

The first outcome that began to execute is kept with its status and body, and answered again. What a request changes
and the record of its outcome are written in one transaction: a process that dies in between leaves neither, and its
claim on the key ends by itself after `lock_seconds`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dayline.clock import now
from dayline.db.database import Database, Transaction
from dayline.domain.errors import Conflict, DaylineError, InvalidRequest, Unavailable
from dayline.idempotency import repository as idempotency
from dayline.logs import get_log

log = get_log(__name__)

Work = Callable[[Transaction], Any]
"""Makes a change and returns the body that is answered: JSON, or None."""

MAX_KEY_CHARACTERS = 255
KEEP_HOURS = 24.0
LOCK_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Kept:
    """The outcome of an earlier request with the same key."""

    status_code: int
    body: Any


@dataclass(frozen=True, slots=True)
class Claim:
    """A key that this request works under."""

    owner: str
    key: str
    locked_until: datetime


def claim(
    database: Database,
    owner: str,
    key: str,
    identity: str,
    *,
    keep_hours: float = KEEP_HOURS,
    lock_seconds: float = LOCK_SECONDS,
) -> Claim | Kept:
    """Take a key for the request that `identity` is a hash of, or return what an earlier one came to.

    Raises InvalidRequest for a key that is none, Conflict (idempotency_conflict) when it was used for another request,
    Conflict (idempotency_in_progress) while the first is still being worked on.
    """
    if not key or len(key) > MAX_KEY_CHARACTERS or not key.isprintable():
        raise InvalidRequest(
            f"An Idempotency-Key has 1 to {MAX_KEY_CHARACTERS} printable characters.", field="Idempotency-Key"
        )
    moment = now()
    locked_until = moment + timedelta(seconds=lock_seconds)
    with database.write() as tx:
        held = idempotency.claim(
            tx, owner, key, identity, locked_until=locked_until, expires_at=moment + timedelta(hours=keep_hours)
        )
    if held is None:
        return Claim(owner, key, locked_until)
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
    return Kept(held.status_code, held.body)


def carry_out(
    database: Database,
    held: Claim,
    work: Work,
    *,
    status: int,
    failure_body: Callable[[DaylineError], Any],
    shown_once: tuple[str, ...] = (),
    before: Callable[[], None] | None = None,
) -> Any:
    """Run `work` in one write transaction with the record of its outcome, and return what it returns.

    `before` runs first, outside the transaction. `shown_once` names fields that are kept as null. A failure is an
    outcome too and is kept as `failure_body` writes it, but for 503, which asks to be tried again.
    """

    def change(tx: Transaction) -> Any:
        body = work(tx)
        _finish(tx, held, status, {**body, **dict.fromkeys(shown_once)} if shown_once else body)
        return body

    try:
        if before is not None:
            before()
        body = database.in_write(change)
    except DaylineError as error:
        if isinstance(error, Unavailable):
            with database.write() as tx:
                idempotency.release(tx, held.owner, held.key, locked_until=held.locked_until)
        elif error.code != "idempotency_in_progress":
            _keep_failure(database, held, error.status, failure_body(error))
        raise
    except Exception:
        unforeseen = DaylineError("Something went wrong on our side. The failure has been recorded.")
        _keep_failure(database, held, unforeseen.status, failure_body(unforeseen))
        raise
    return body


def _finish(tx: Transaction, held: Claim, status: int, body: Any) -> None:
    kept = idempotency.finish(tx, held.owner, held.key, locked_until=held.locked_until, status_code=status, body=body)
    if not kept:
        # Somebody took the key over because this request was slower than its lock: they own the effect.
        raise Conflict(
            "Another request with the same Idempotency-Key took over. Send it again to read its outcome.",
            code="idempotency_in_progress",
        )


def _keep_failure(database: Database, held: Claim, status: int, body: Any) -> None:
    try:
        with database.write() as tx:
            _finish(tx, held, status, body)
    except Exception as trouble:  # noqa: BLE001 - the caller's own error matters more than our record of it
        log.warning("idempotent_failure_not_kept", error=type(trouble).__name__)
