"""Carries news from the outbox into deliveries. Runs as a thread in every worker; one of them works at a time."""

from __future__ import annotations

import threading
from datetime import timedelta

from dayline.clock import monotonic_seconds, now
from dayline.db.database import Database, Transaction
from dayline.db.records import EventRecord
from dayline.domain.status import EventType
from dayline.logs import get_log
from dayline.webhooks import deliveries_repository as deliveries
from dayline.webhooks import events_repository as events
from dayline.webhooks import ordering as lanes
from dayline.webhooks import repository as webhooks
from dayline.webhooks.deliveries_repository import DeliveryRecord
from dayline.webhooks.repository import WebhookRecord
from dayline.workflows.job_queue import JobQueue

log = get_log(__name__)

_BATCH = 50


class Relay:
    """Turns waiting events into deliveries, and finds deliveries whose job got lost.

    poll_seconds: how often the outbox is looked at. sweep_seconds: how often lost jobs are looked for.
    lost_after_seconds: how long an attempt may be overdue before another job is made for it.
    """

    def __init__(
        self,
        database: Database,
        jobs: JobQueue,
        *,
        poll_seconds: float = 0.3,
        sweep_seconds: float = 60.0,
        lost_after_seconds: float = 300.0,
    ) -> None:
        self._database, self._jobs = database, jobs
        self._poll_seconds, self._sweep_seconds = poll_seconds, sweep_seconds
        self._lost_after = timedelta(seconds=lost_after_seconds)
        self._halt = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to carry news."""
        self._thread = threading.Thread(target=self._carry_on, daemon=True, name="webhook-relay")
        self._thread.start()

    def stop(self) -> None:
        """Stop after what is in hand. What is left waits for the next start, or for another worker."""
        self._halt.set()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def relay_once(self) -> int:
        """Turn one batch of waiting events into deliveries. Returns how many events were carried."""
        with self._database.read() as tx:
            if not events.any_waiting(tx):
                return 0
        with self._database.write() as tx:
            batch = events.waiting(tx, limit=_BATCH)
            lanes.put(tx, self._jobs, _plan(tx, batch))
            events.mark_relayed(tx, [event.number for event in batch])
        return len(batch)

    def sweep_once(self) -> int:
        """Make another job for each delivery whose turn it is and whose job got lost. Returns how many."""
        moment = now()
        with self._database.read() as tx:
            overdue = deliveries.overdue_heads(tx, before=moment - self._lost_after, limit=500)
        if not overdue:
            return 0
        count = 0
        with self._database.write() as tx:
            deliveries.lock_lanes(tx, {record.lane for record in overdue})
            for record in overdue:
                first = deliveries.head(tx, record.lane)
                if first is not None and first.id == record.id and first.next_attempt_at == record.next_attempt_at:
                    lanes.schedule(tx, self._jobs, first, at=moment)
                    count += 1
        if count:
            log.warning("deliveries_called_up_again", deliveries=count)
        return count

    def _carry_on(self) -> None:
        swept_at_seconds = -self._sweep_seconds
        while not self._halt.is_set():
            carried = 0
            try:
                carried = self.relay_once()
                if monotonic_seconds() - swept_at_seconds >= self._sweep_seconds:
                    swept_at_seconds = monotonic_seconds()
                    self.sweep_once()
            except Exception as error:  # noqa: BLE001 - news must go on when the database is back
                log.warning("relay_failed", error=type(error).__name__)
                self._halt.wait(1.0)
            if carried == 0:
                self._halt.wait(self._poll_seconds)


def _plan(tx: Transaction, batch: list[EventRecord]) -> list[DeliveryRecord]:
    """Return a delivery for every event and every address that wants it."""
    endpoints: dict[tuple[str, str], list[WebhookRecord]] = {}
    planned: list[DeliveryRecord] = []
    moment = now()
    for event in batch:
        owner = event.partner_id, event.environment
        if owner not in endpoints:
            endpoints[owner] = webhooks.active(tx, *owner)
        planned += [
            lanes.delivery_of(event, webhook_id=endpoint.id, url=endpoint.url, at=moment)
            for endpoint in endpoints[owner]
            if _wants(endpoint, event)
        ]
        if event.callback_url:
            planned.append(lanes.delivery_of(event, webhook_id=None, url=event.callback_url, at=moment))
    return planned


def _wants(endpoint: WebhookRecord, event: EventRecord) -> bool:
    if event.type == EventType.WEBHOOK_TEST:
        return event.body.get("webhook_id") == endpoint.id
    return event.type in endpoint.enabled_events
