"""At most one execution per Idempotency-Key, whether a request comes over HTTP or from a tool.

The first outcome that began to execute is kept with its status and body, and answered again. The claim on the key, the
change and the record of the outcome are written in one transaction: a process that dies leaves none of them. A
concurrent request is refused with `idempotency_in_progress`, by the same process from memory and by others from a lock
in the database. Work that also acts outside of the database (`before`) commits its claim first, which holds until it
ends or `lock_seconds` have passed.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from dayline.clock import now
from dayline.db.database import Database, Transaction
from dayline.domain.errors import Conflict, DaylineError, InvalidRequest, Unauthenticated, Unavailable
from dayline.domain.json_types import is_object
from dayline.idempotency import repository as idempotency
from dayline.logs import get_log

log = get_log(__name__)

Work = Callable[[Transaction], Any]
"""Makes a change and returns the body that is answered: JSON, or None."""

MAX_KEY_CHARACTERS = 255
KEEP_HOURS = 24.0
LOCK_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """Outcome of a request; `is_replayed` when it is that of an earlier one with the same key."""

    status_code: int
    body: Any
    is_replayed: bool = False


_in_work: dict[tuple[int, str, str], str] = {}
"""Requests in progress in this process: the hash of the request by (database, owner, key)."""

_in_work_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """One request under a key.

    Attributes:
        owner: whose keys are compared: a partner, or one admin key.
        identity: hash of what is asked for; another request under the same key is refused.
        failure_body: writes the body that is kept for a failure.
        path: the request's path, by which a deletion finds the answer; None for a tool call.
    """

    database: Database
    owner: str
    key: str
    identity: str
    failure_body: Callable[[DaylineError], Any]
    path: str | None = None
    keep_hours: float = KEEP_HOURS
    lock_seconds: float = LOCK_SECONDS

    def run(
        self,
        work: Work,
        *,
        status: int,
        shown_once: tuple[str, ...] = (),
        before: Callable[[], None] | None = None,
        guard: Callable[[Transaction], None] | None = None,
    ) -> Outcome:
        """Run `work` in one write transaction with the record of its outcome, or return an earlier outcome.

        `before` runs first, outside the transaction. `guard` runs before anything is read or written. `shown_once`
        names fields that are kept as null. A failure is an outcome too and is kept, but for 401 and 503, which ask to
        be sent again. Raises what `work` raises, InvalidRequest for a key that is none, Conflict
        (idempotency_conflict, idempotency_in_progress).
        """
        if not self.key or len(self.key) > MAX_KEY_CHARACTERS or not self.key.isprintable():
            raise InvalidRequest(
                f"An Idempotency-Key has 1 to {MAX_KEY_CHARACTERS} printable characters.", field="Idempotency-Key"
            )
        with self._alone():
            return self._run(work, status=status, shown_once=shown_once, before=before, guard=guard)

    @contextmanager
    def _alone(self) -> Generator[None]:
        """Refuse concurrent requests under the key in this process while the block runs. Raises Conflict."""
        name = (id(self.database.engine), self.owner, self.key)
        with _in_work_lock:
            other = _in_work.get(name)
            if other is None:
                _in_work[name] = self.identity
        if other is not None:
            raise in_progress() if other == self.identity else other_content()
        try:
            yield
        finally:
            with _in_work_lock:
                del _in_work[name]

    def _run(
        self,
        work: Work,
        *,
        status: int,
        shown_once: tuple[str, ...],
        before: Callable[[], None] | None,
        guard: Callable[[Transaction], None] | None,
    ) -> Outcome:
        claimed_until = now() + timedelta(seconds=self.lock_seconds)
        is_claimed = before is not None
        if before is not None:
            earlier = self._claim_and_prepare(claimed_until, before)
            if earlier is not None:
                return earlier

        def change(tx: Transaction) -> Outcome:
            if guard is not None:
                guard(tx)
            earlier = None if is_claimed else self._claim(tx, claimed_until)
            if earlier is not None:
                return earlier
            body = work(tx)
            self._finish(tx, claimed_until, status, {**body, **dict.fromkeys(shown_once)} if shown_once else body)
            return Outcome(status, body)

        return self._execute(change, claimed_until, is_claimed=is_claimed)

    def _execute(
        self, change: Callable[[Transaction], Outcome], claimed_until: datetime, *, is_claimed: bool
    ) -> Outcome:
        """Run the transaction; keep its failure as the outcome, unless it asks to be sent again."""
        try:
            return self.database.in_write(change)
        except Unavailable:
            if is_claimed:
                self._release(claimed_until)
            raise
        except Unauthenticated:
            raise
        except DaylineError as error:
            if error.code in ("idempotency_conflict", "idempotency_in_progress"):
                raise
            earlier = self._keep_failure(error, claimed_until, is_claimed=is_claimed)
            if earlier is not None:
                return earlier
            raise
        except Exception:
            self._keep_unexpected(claimed_until, is_claimed=is_claimed)
            raise

    def _keep_failure(self, error: DaylineError, claimed_until: datetime, *, is_claimed: bool) -> Outcome | None:
        """Keep a failure as the outcome; return the outcome of a concurrent request that was faster."""
        with self.database.write() as tx:
            earlier = None if is_claimed else self._claim(tx, claimed_until)
            if earlier is None:
                self._finish(tx, claimed_until, error.status, self.failure_body(error))
            return earlier

    def _claim_and_prepare(self, claimed_until: datetime, before: Callable[[], None]) -> Outcome | None:
        with self.database.write() as tx:
            earlier = self._claim(tx, claimed_until)
        if earlier is not None:
            return earlier
        try:
            before()
        except Unavailable:
            self._release(claimed_until)
            raise
        except DaylineError as error:
            self._keep_failure(error, claimed_until, is_claimed=True)
            raise
        except Exception:
            self._keep_unexpected(claimed_until, is_claimed=True)
            raise
        return None

    def _claim(self, tx: Transaction, claimed_until: datetime) -> Outcome | None:
        """Take the key, or return the outcome of the request that has it. Raises Conflict."""
        if not idempotency.try_lock(tx, self.owner, self.key):
            raise in_progress()
        expires_at = now() + timedelta(hours=self.keep_hours)
        held = idempotency.claim(
            tx,
            self.owner,
            self.key,
            self.identity,
            path=self.path,
            locked_until=claimed_until,
            expires_at=expires_at,
        )
        if held is None:
            return None
        if held.fingerprint != self.identity:
            raise other_content()
        if held.status_code is None:
            raise in_progress()
        return Outcome(held.status_code, held.body, is_replayed=True)

    def _finish(self, tx: Transaction, claimed_until: datetime, status: int, body: Any) -> None:
        kept = idempotency.finish(tx, self.owner, self.key, locked_until=claimed_until, status_code=status, body=body)
        if not kept:
            # Another request took the key over because this one was slower than its claim: it owns the effect.
            raise Conflict(
                "Another request with the same Idempotency-Key took over. Send it again to read its outcome.",
                code="idempotency_in_progress",
            )

    def _release(self, claimed_until: datetime) -> None:
        with self.database.write() as tx:
            idempotency.release(tx, self.owner, self.key, locked_until=claimed_until)

    def _keep_unexpected(self, claimed_until: datetime, *, is_claimed: bool) -> None:
        """Keep a 500 for an unexpected exception."""
        error = DaylineError("Something went wrong on our side. The failure has been recorded.")
        try:
            self._keep_failure(error, claimed_until, is_claimed=is_claimed)
        except Exception as second:  # noqa: BLE001 - the caller's own error matters more than our record of it
            log.warning("idempotent_failure_not_kept", error=type(second).__name__)


def in_progress() -> Conflict:
    """Return the error for a request whose first occurrence is still in progress."""
    return Conflict(
        "The first request with this Idempotency-Key is still being worked on. Send it again in a moment.",
        code="idempotency_in_progress",
    )


def other_content() -> Conflict:
    """Return the error for a key that was used for another request."""
    return Conflict(
        "This Idempotency-Key was used for another request. Use a new key for new content.",
        code="idempotency_conflict",
    )


def canonical(value: Any) -> bytes:
    """Return JSON in one form for the same content: sorted members, no white space, whole numbers as integers."""
    return json.dumps(_plain_numbers(value), sort_keys=True, separators=(",", ":")).encode()


def _plain_numbers(value: object) -> object:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if is_object(value):
        return {name: _plain_numbers(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain_numbers(inner) for inner in cast("Sequence[object]", value)]
    return value
