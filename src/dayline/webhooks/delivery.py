"""One attempt at one delivery, and the state that follows from its outcome."""

from __future__ import annotations

import json
import random
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dayline.auth import partners_repository as partners
from dayline.clock import iso, now
from dayline.db.database import Database, Transaction
from dayline.db.records import EventRecord
from dayline.domain.errors import DatabaseUnavailable
from dayline.domain.json_types import JsonObject
from dayline.domain.status import DeliveryStatus
from dayline.ids import new_id
from dayline.logs import get_log
from dayline.security.signing import webhook_headers
from dayline.security.ssrf import Network
from dayline.tracing import span
from dayline.webhooks import deliveries_repository as deliveries
from dayline.webhooks import events_repository as events
from dayline.webhooks import ordering
from dayline.webhooks import repository as webhooks
from dayline.webhooks.deliveries_repository import AttemptRecord, DeliveryRecord
from dayline.webhooks.http_client import Outcome, guarded_post

log = get_log(__name__)

DELAYS_SECONDS: tuple[float, ...] = (60.0, 300.0, 1500.0, 7200.0, 28800.0)
"""Waits after the first failure, the second, and so on; after the last of them comes one more attempt."""

_GONE = 410


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request that is ready to be signed.

    url: the whole address.
    event: the event that it carries.
    body: the bytes that are signed and sent.
    secrets: every secret that is valid now, the newest first.
    """

    url: str
    event: EventRecord
    body: bytes
    secrets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NextState:
    """State after an attempt.

    status: the delivery's state from now on.
    next_attempt_at: when the next attempt is due; None when the delivery has ended.
    disable_reason: why the endpoint is disabled; None when it stays as it is.
    """

    status: DeliveryStatus
    next_attempt_at: datetime | None = None
    disable_reason: str | None = None


@dataclass(frozen=True, slots=True)
class DeliveryPolicy:
    """Retries and limits.

    delays_seconds: waits after the first failure, the second, and so on.
    jitter: share of a wait by which it varies at random, so that retries spread.
    retry_after_cap_seconds: the longest wait that a receiver may ask for.
    disable_after_seconds: how long an endpoint may fail before it is disabled.
    """

    delays_seconds: tuple[float, ...] = DELAYS_SECONDS
    jitter: float = 0.1
    retry_after_cap_seconds: float = 8 * 3600.0
    disable_after_seconds: float = 5 * 86400.0

    def next_state(self, outcome: Outcome, number: int, *, failing_since: datetime | None) -> NextState:
        """Return what follows from the outcome of attempt `number`.

        failing_since: the endpoint's first failure after its last success; None for callback addresses.
        """
        if outcome.error is None:
            return NextState(DeliveryStatus.SUCCEEDED)
        if outcome.status_code == _GONE:
            return NextState(DeliveryStatus.FAILED, disable_reason="It answered 410 Gone.")
        if failing_since is not None and now() - failing_since >= timedelta(seconds=self.disable_after_seconds):
            reason = f"It has failed since {iso(failing_since)} without one success."
            return NextState(DeliveryStatus.FAILED, disable_reason=reason)
        if number > len(self.delays_seconds):
            return NextState(DeliveryStatus.FAILED)
        return NextState(DeliveryStatus.PENDING, next_attempt_at=self._next_moment(number, outcome))

    def _next_moment(self, number: int, outcome: Outcome) -> datetime:
        delay_seconds = self.delays_seconds[number - 1] * (1 + random.uniform(-self.jitter, self.jitter))
        if outcome.retry_after_seconds is not None:
            delay_seconds = max(delay_seconds, min(outcome.retry_after_seconds, self.retry_after_cap_seconds))
        return now() + timedelta(seconds=delay_seconds)


class Deliverer:
    """Makes attempts at addresses of partners and records their outcomes."""

    def __init__(
        self,
        database: Database,
        *,
        allow_networks: Sequence[Network] = (),
        allow_http: bool = False,
        verify: ssl.SSLContext | None = None,
        timeout_seconds: float = 30.0,
        policy: DeliveryPolicy | None = None,
    ) -> None:
        self._database, self._policy = database, policy or DeliveryPolicy()
        self.timeout_seconds = timeout_seconds
        self._post = guarded_post(
            allow_networks=allow_networks, allow_http=allow_http, verify=verify, timeout_seconds=timeout_seconds
        )

    def attempt(self, record: DeliveryRecord) -> None:
        """Make the next attempt at a claimed delivery. Raises DatabaseUnavailable; the claim then ends by itself."""
        attempt_id, moment = new_id(), now()
        try:
            outcome = self._send(record, attempt_id, moment)
        except DatabaseUnavailable:
            raise
        except Exception as error:
            # Recorded like a refusal: an attempt that nobody records would be made again every minute, for ever.
            log.exception("delivery_not_sent", delivery_id=record.id, event_type=record.event_type)
            outcome = Outcome(None, f"the event could not be sent ({type(error).__name__})", 0.0)
        if outcome is None:
            self._database.in_write(lambda tx: self._cancel(tx, record))
            return
        attempt = AttemptRecord(
            id=attempt_id,
            delivery_id=record.id,
            number=record.attempts + 1,
            status_code=outcome.status_code,
            error=outcome.error,
            duration_seconds=round(outcome.duration_seconds, 3),
            attempted_at=moment,
        )
        self._database.in_write(lambda tx: self._finish(tx, record, attempt, outcome))
        log.info(
            "delivery_attempted",
            delivery_id=record.id,
            event_type=record.event_type,
            number=attempt.number,
            status_code=outcome.status_code,
            error=outcome.error,
        )

    def _send(self, record: DeliveryRecord, attempt_id: str, moment: datetime) -> Outcome | None:
        """Sign and send the event. Return None when its address takes nothing any more."""
        with self._database.read() as tx:
            request = _request_of(tx, record)
        if request is None:
            return None
        headers = webhook_headers(
            request.body,
            event_id=request.event.id,
            event_type=request.event.type,
            attempt_id=attempt_id,
            timestamp=int(moment.timestamp()),
            secrets=request.secrets,
        )
        with span("delivery", id=record.id, event_type=record.event_type, attempt=record.attempts + 1):
            return self._post(request.url, request.body, headers)

    def _finish(self, tx: Transaction, seen: DeliveryRecord, attempt: AttemptRecord, outcome: Outcome) -> None:
        if seen.webhook_id is not None:
            webhooks.lock(tx, seen.webhook_id)
        record = deliveries.get(tx, seen.id, lock=True)
        if record is None or record.attempts >= attempt.number:
            return  # the session was deleted, or another worker made this attempt after the claim had ended
        deliveries.add_attempt(tx, attempt)
        failing_since = _note_outcome(tx, record.webhook_id, outcome)
        state = self._policy.next_state(outcome, attempt.number, failing_since=failing_since)
        if record.status != DeliveryStatus.PENDING and state.status != DeliveryStatus.SUCCEEDED:
            state = NextState(DeliveryStatus(record.status))  # it was cancelled during the attempt
        deliveries.finish_attempt(
            tx,
            record.id,
            number=attempt.number,
            status=state.status,
            status_code=outcome.status_code,
            error=outcome.error,
            next_attempt_at=state.next_attempt_at,
            delivered_at=now() if state.status == DeliveryStatus.SUCCEEDED else None,
        )
        if state.disable_reason is not None and record.webhook_id is not None:
            webhooks.disable(tx, record.webhook_id, reason=state.disable_reason)
            deliveries.cancel_all(tx, record.webhook_id, reason="the endpoint was disabled")
            log.warning("webhook_disabled", webhook_id=record.webhook_id, reason=state.disable_reason)
        if state.status != DeliveryStatus.PENDING:
            ordering.make_head_due(tx, record.ordering_key)

    def _cancel(self, tx: Transaction, record: DeliveryRecord) -> None:
        if record.webhook_id is not None:
            webhooks.lock(tx, record.webhook_id)
        if deliveries.get(tx, record.id, lock=True) is not None:
            deliveries.cancel(tx, record.id, reason="the endpoint is disabled or deleted")
            ordering.make_head_due(tx, record.ordering_key)


def _note_outcome(tx: Transaction, webhook_id: str | None, outcome: Outcome) -> datetime | None:
    """Record a success or failure of an endpoint. Return since when it fails."""
    if webhook_id is None:
        return None
    if outcome.error is None:
        webhooks.note_success(tx, webhook_id)
        return None
    return webhooks.note_failure(tx, webhook_id)


def _request_of(tx: Transaction, record: DeliveryRecord) -> SignedRequest | None:
    """Return what to send, or None when its address takes nothing any more."""
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
    envelope: JsonObject = {
        "id": event.id,
        "type": event.type,
        "created_at": iso(event.created_at),
        "data": event.body,
    }
    return json.dumps(envelope, separators=(",", ":")).encode()
