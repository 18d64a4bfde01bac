"""One attempt at one delivery: the body of the job `delivery`. A later attempt is a later job."""

from __future__ import annotations

import json
import random
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dayline.auth import partners_repository as partners
from dayline.clock import iso, now
from dayline.db.database import Database, Transaction
from dayline.db.records import EventRecord
from dayline.ids import new_id
from dayline.logs import get_log
from dayline.security.signing import webhook_headers
from dayline.security.ssrf import Network
from dayline.webhooks import deliveries_repository as deliveries
from dayline.webhooks import events_repository as events
from dayline.webhooks import ordering as lanes
from dayline.webhooks import repository as webhooks
from dayline.webhooks.deliveries_repository import PENDING, AttemptRecord, DeliveryRecord
from dayline.webhooks.http_client import Outcome, guarded_post
from dayline.workflows.job_queue import JobQueue

log = get_log(__name__)

DELAYS_SECONDS: tuple[float, ...] = (60.0, 300.0, 1500.0, 7200.0, 28800.0)
"""How long to wait after the first failure, the second, and so on; after the last of them comes one more try."""

_GONE = 410


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """What is sent: where to, which bytes, and the secrets that sign them."""

    url: str
    event: EventRecord
    body: bytes
    secrets: tuple[str, ...]


class Deliverer:
    """Makes attempts at addresses of partners, through the guard. Delays and limits are seconds.

    delays_seconds: how long to wait after the first failure, the second, and so on.
    jitter: share of a delay by which it varies, so that many retries do not come at once.
    retry_after_cap_seconds: the longest wait that a receiver may ask for.
    disable_after_seconds: how long an endpoint may fail before it is disabled.
    """

    def __init__(
        self,
        database: Database,
        jobs: JobQueue,
        *,
        allow_networks: Sequence[Network] = (),
        allow_http: bool = False,
        verify: ssl.SSLContext | None = None,
        timeout_seconds: float = 30.0,
        delays_seconds: Sequence[float] = DELAYS_SECONDS,
        jitter: float = 0.1,
        retry_after_cap_seconds: float = 8 * 3600.0,
        disable_after_seconds: float = 5 * 86400.0,
    ) -> None:
        self._database, self._jobs = database, jobs
        self._post = guarded_post(
            allow_networks=allow_networks, allow_http=allow_http, verify=verify, timeout_seconds=timeout_seconds
        )
        self._delays_seconds, self._jitter = tuple(delays_seconds), jitter
        self._retry_after_cap_seconds = retry_after_cap_seconds
        self._disable_after = timedelta(seconds=disable_after_seconds)

    def attempt(self, delivery_id: str, number: int) -> None:
        """Make attempt `number` if it was not made before and is first in its lane."""
        with self._database.read() as tx:
            record = deliveries.get(tx, delivery_id)
            if record is None or record.status != PENDING or record.attempts != number - 1:
                return
            first = deliveries.head(tx, record.lane)
            letter = _letter(tx, record)
        if first is not None and first.id != record.id:
            with self._database.write() as tx:
                lanes.requeue(tx, self._jobs, record)
            return
        if letter is None:
            self._end(record, "cancelled", "the endpoint is disabled or deleted")
            return
        attempt_id, moment = new_id(), now()
        headers = webhook_headers(
            letter.body,
            event_id=letter.event.id,
            event_type=letter.event.type,
            attempt_id=attempt_id,
            timestamp=int(moment.timestamp()),
            secrets=letter.secrets,
        )
        outcome = self._post(letter.url, letter.body, headers)
        self._keep(
            record,
            AttemptRecord(
                id=attempt_id,
                delivery_id=record.id,
                number=number,
                status_code=outcome.status_code,
                error=outcome.error,
                duration_seconds=round(outcome.duration_seconds, 3),
                attempted_at=moment,
            ),
            outcome,
        )

    def _keep(self, seen: DeliveryRecord, attempt: AttemptRecord, outcome: Outcome) -> None:
        """Log an attempt and decide what follows from it."""
        with self._database.write() as tx:
            deliveries.lock_lanes(tx, [seen.lane])
            record = deliveries.get(tx, seen.id, lock=True)
            if record is None or record.attempts >= attempt.number:
                return  # The session was deleted, or another worker made this attempt too and was quicker.
            deliveries.add_attempt(tx, attempt)
            deliveries.update(
                tx,
                record.id,
                attempts=attempt.number,
                last_status_code=outcome.status_code,
                last_error=outcome.error,
                next_attempt_at=None,
            )
            if outcome.error is None:
                self._succeed(tx, record)
            elif record.status == PENDING:
                self._fail(tx, record, attempt.number, outcome)
        log.info(
            "delivery_attempted",
            delivery_id=seen.id,
            event_type=seen.event_type,
            number=attempt.number,
            status_code=outcome.status_code,
            error=outcome.error,
        )

    def _succeed(self, tx: Transaction, record: DeliveryRecord) -> None:
        deliveries.update(tx, record.id, status="succeeded", delivered_at=now())
        if record.webhook_id:
            webhooks.note_success(tx, record.webhook_id)
        lanes.schedule_head(tx, self._jobs, record.lane)

    def _fail(self, tx: Transaction, record: DeliveryRecord, number: int, outcome: Outcome) -> None:
        gone = outcome.status_code == _GONE
        if record.webhook_id and self._disable_if_hopeless(tx, record.webhook_id, gone):
            deliveries.update(tx, record.id, status="failed")
            deliveries.cancel_all(tx, record.webhook_id, reason="the endpoint was disabled")
            return
        if gone or number > len(self._delays_seconds):
            deliveries.update(tx, record.id, status="failed")
            lanes.schedule_head(tx, self._jobs, record.lane)
            return
        fresh = deliveries.get(tx, record.id)
        assert fresh is not None
        lanes.schedule(tx, self._jobs, fresh, at=self._next_moment(number, outcome))

    def _disable_if_hopeless(self, tx: Transaction, webhook_id: str, gone: bool) -> bool:
        since = webhooks.note_failure(tx, webhook_id)
        if gone:
            reason = "It answered 410 Gone."
        elif since is not None and now() - since >= self._disable_after:
            reason = f"It has failed since {iso(since)} without one success."
        else:
            return False
        webhooks.disable(tx, webhook_id, reason=reason)
        log.warning("webhook_disabled", webhook_id=webhook_id, reason=reason)
        return True

    def _next_moment(self, number: int, outcome: Outcome) -> datetime:
        delay = self._delays_seconds[number - 1]
        delay *= 1 + random.uniform(-self._jitter, self._jitter)
        if outcome.retry_after_seconds is not None:
            delay = max(delay, min(outcome.retry_after_seconds, self._retry_after_cap_seconds))
        return now() + timedelta(seconds=delay)

    def _end(self, record: DeliveryRecord, status: str, error: str) -> None:
        with self._database.write() as tx:
            deliveries.lock_lanes(tx, [record.lane])
            deliveries.update(tx, record.id, status=status, last_error=error, next_attempt_at=None)
            lanes.schedule_head(tx, self._jobs, record.lane)


def _letter(tx: Transaction, record: DeliveryRecord) -> SignedRequest | None:
    """Return what to send, or None when its endpoint takes nothing any more."""
    event = events.get(tx, record.event_id)
    if event is None:
        return None
    if record.webhook_id is None:
        partner = partners.get(tx, record.partner_id)
        if partner is None or event.callback_url is None:
            return None
        secrets = _valid(partner.callback_secret, partner.callback_secret_previous, partner.callback_previous_until)
        return SignedRequest(event.callback_url, event, body_of(event), secrets)
    endpoint = webhooks.get(tx, record.webhook_id)
    if endpoint is None or not endpoint.is_active:
        return None
    secrets = _valid(endpoint.secret, endpoint.secret_previous, endpoint.previous_until)
    return SignedRequest(endpoint.url, event, body_of(event), secrets)


def _valid(current: str, previous: str | None, previous_until: datetime | None) -> tuple[str, ...]:
    if previous is not None and previous_until is not None and now() < previous_until:
        return current, previous
    return (current,)


def body_of(event: EventRecord) -> bytes:
    """Return the bytes of an event, the same at every attempt: signatures are made over them."""
    envelope: dict[str, Any] = {
        "id": event.id,
        "type": event.type,
        "created_at": iso(event.created_at),
        "data": event.body,
    }
    return json.dumps(envelope, separators=(",", ":")).encode()
