"""Sends deliveries: a thread of every worker plans and claims them, a pool of threads makes the attempts.

The delivery's row is the only state. A worker claims a due row for longer than an attempt can take, so the row of a
worker that died is due again when its claim ends. Attempts are bounded per receiver and per partner, so that slow
receivers occupy their own places only.
"""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from typing import Any

from dayline.clock import monotonic_seconds, now
from dayline.db.database import Database
from dayline.domain.errors import DatabaseUnavailable
from dayline.logs import get_log
from dayline.webhooks import deliveries_repository as deliveries
from dayline.webhooks import events_repository as events
from dayline.webhooks.deliveries_repository import DeliveryRecord
from dayline.webhooks.delivery import Deliverer
from dayline.webhooks.outbox import BATCH, relay_batch

log = get_log(__name__)

_CLAIM_MARGIN_SECONDS = 30.0
_PAUSE_AFTER_ERROR_SECONDS = 1.0
_REPAIR_SECONDS = 600.0
_IDLE_AFTER_SECONDS = 60.0
_LEAVE_FREE = 3
"""A partner may hold a place for every so many that are left free."""


class Dispatcher:
    """Plans, claims and sends deliveries until it is stopped.

    poll_seconds: how often events and due deliveries are looked for while there are none; on SQLite, when the database
        has changed.
    due_seconds: how often due deliveries are looked for while SQLite has not changed.
    idle_poll_seconds: how often either is after a minute without any.
    at_once: most attempts in progress in this worker.
    per_endpoint: most attempts in progress for one receiver.
    per_partner: most attempts in progress for one partner; fewer while others hold places, see `_most_of_partner`.
    """

    def __init__(
        self,
        database: Database,
        deliverer: Deliverer,
        *,
        poll_seconds: float = 0.3,
        due_seconds: float = 1.0,
        idle_poll_seconds: float = 3.0,
        at_once: int = 64,
        per_endpoint: int = 2,
        per_partner: int = 16,
    ) -> None:
        self._database, self._deliverer = database, deliverer
        self._poll_seconds, self._due_seconds, self._idle_poll_seconds = poll_seconds, due_seconds, idle_poll_seconds
        self._changes = database.watch_changes()
        self._at_once, self._per_endpoint, self._per_partner = at_once, per_endpoint, per_partner
        self._halt, self._wake = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        self._in_progress: dict[str, DeliveryRecord] = {}
        self._futures: set[Any] = set()
        self._set_aside: dict[int, float] = {}
        self._pool = ThreadPoolExecutor(max_workers=at_once, thread_name_prefix="delivery")
        self._thread = threading.Thread(target=self._keep_sending, daemon=True, name="webhook-dispatcher")

    def start(self) -> None:
        """Start sending."""
        self._thread.start()

    def stop(self, *, drain_seconds: float = 10.0) -> None:
        """Claim nothing more and wait for attempts in progress. The claim of one that does not end expires."""
        self._halt.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=drain_seconds)
        with self._lock:
            futures = set(self._futures)
        wait(futures, timeout=drain_seconds)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def relay_once(self) -> int:
        """Plan the deliveries of one batch of events. Return how many events that were.

        When the batch cannot be planned its events are planned one by one, and those that cannot are set aside for ten
        minutes, so that one of them does not hold up the others. Raises DatabaseUnavailable.
        """
        moment = monotonic_seconds()
        self._set_aside = {number: until for number, until in self._set_aside.items() if until > moment}
        try:
            return self._database.in_write(lambda tx: relay_batch(tx, but=self._set_aside))
        except DatabaseUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - found below, event by event
            log.warning("events_not_planned", error=type(error).__name__)
        with self._database.read() as tx:
            numbers = events.waiting_numbers(tx, limit=BATCH, but=self._set_aside)
        return sum(self._relay_one(numbers, number) for number in numbers)

    def _relay_one(self, numbers: list[int], number: int) -> int:
        others = {*self._set_aside, *(other for other in numbers if other < number)}
        try:
            return self._database.in_write(lambda tx: relay_batch(tx, but=others, limit=1))
        except DatabaseUnavailable:
            raise
        except Exception:
            log.exception("event_not_planned", number=number)
            self._set_aside[number] = monotonic_seconds() + _REPAIR_SECONDS
            return 0

    def claim_once(self) -> list[DeliveryRecord]:
        """Claim what is due within the limits of this worker, and count it as in progress."""
        moment = now()
        with self._lock:
            held = list(self._in_progress.values())
        free = self._at_once - len(held)
        if free <= 0:
            return []
        of_endpoint = Counter(record.endpoint_key for record in held)
        of_partner = Counter(record.partner_id for record in held)
        until = moment + timedelta(seconds=self._deliverer.timeout_seconds + _CLAIM_MARGIN_SECONDS)
        claimed = self._database.in_write(
            lambda tx: deliveries.claim_due(
                tx,
                at=moment,
                until=until,
                limit=free,
                per_endpoint=self._per_endpoint,
                full_endpoints=[key for key, count in of_endpoint.items() if count >= self._per_endpoint],
                full_partners=[id for id, count in of_partner.items() if count >= self._most_of_partner(free)],
            )
        )
        kept = self._within_limits(claimed, of_endpoint, of_partner, free)
        with self._lock:
            self._in_progress.update({record.id: record for record in kept})
        return kept

    def _most_of_partner(self, free: int) -> int:
        """Return how many places one partner may hold while `free` are left.

        A dynamic threshold (Choudhury and Hahne, 1998): the fewer places are left, the fewer a partner may add to its
        own, so that some partners with slow receivers together leave places for those who come later.
        """
        return min(self._per_partner, max(1, free // _LEAVE_FREE))

    def repair_once(self) -> int:
        """Make heads due that were lost, such as those of a database that was restored. Return how many."""
        count = self._database.in_write(lambda tx: deliveries.make_lost_heads_due(tx, at=now()))
        if count:
            log.warning("lost_deliveries_made_due", deliveries=count)
        return count

    def _within_limits(
        self, claimed: list[DeliveryRecord], of_endpoint: Counter[str], of_partner: Counter[str], free: int
    ) -> list[DeliveryRecord]:
        """Give back claims beyond the limits, which count what is in progress as well."""
        kept: list[DeliveryRecord] = []
        for record in claimed:
            if of_endpoint[record.endpoint_key] < self._per_endpoint and of_partner[
                record.partner_id
            ] < self._most_of_partner(free):
                free -= 1
                of_endpoint[record.endpoint_key] += 1
                of_partner[record.partner_id] += 1
                kept.append(record)
        beyond = [record for record in claimed if record not in kept]
        if beyond:
            self._database.in_write(lambda tx: deliveries.release(tx, beyond))
        return kept

    def _keep_sending(self) -> None:
        repaired_at_seconds = looked_at_seconds = -_REPAIR_SECONDS
        worked_at_seconds = monotonic_seconds()
        while not self._halt.is_set():
            is_idle = monotonic_seconds() - worked_at_seconds >= _IDLE_AFTER_SECONDS
            if not self._has_changed() and monotonic_seconds() - looked_at_seconds < self._seconds_between(is_idle):
                self._pause(is_idle)
                continue
            busy = False
            try:
                if monotonic_seconds() - repaired_at_seconds >= _REPAIR_SECONDS:
                    self.repair_once()
                    repaired_at_seconds = monotonic_seconds()
                busy = self._send_due()
                looked_at_seconds = monotonic_seconds()
            except Exception as error:  # noqa: BLE001 - sending goes on when the database is back
                log.warning("dispatch_failed", error=type(error).__name__)
                looked_at_seconds = -_REPAIR_SECONDS
                self._halt.wait(_PAUSE_AFTER_ERROR_SECONDS)
            if busy:
                worked_at_seconds, looked_at_seconds = monotonic_seconds(), -_REPAIR_SECONDS
                continue
            self._pause(is_idle)

    def _send_due(self) -> bool:
        """Plan waiting events and send what is due. Return whether there was anything."""
        is_waiting, is_due = self._look()
        busy = is_waiting and self.relay_once() > 0
        if is_due or busy:
            for record in self.claim_once():
                busy = True
                self._send(record)
        return busy

    def _look(self) -> tuple[bool, bool]:
        if self._changes.counts:
            return deliveries.look_by_driver(self._changes.rows, at=now())
        with self._database.read() as tx:
            return deliveries.look(tx, at=now())

    def _has_changed(self) -> bool:
        return not self._changes.counts or self._changes.has_changed()

    def _seconds_between(self, is_idle: bool) -> float:
        return self._idle_poll_seconds if is_idle else self._due_seconds

    def _pause(self, is_idle: bool) -> None:
        self._wake.wait(self._idle_poll_seconds if is_idle and not self._changes.counts else self._poll_seconds)
        self._wake.clear()

    def _send(self, record: DeliveryRecord) -> None:
        with self._lock:
            future = self._pool.submit(self._attempt, record)
            self._futures.add(future)
        future.add_done_callback(self._forget)

    def _forget(self, future: Any) -> None:
        with self._lock:
            self._futures.discard(future)

    def _attempt(self, record: DeliveryRecord) -> None:
        try:
            self._deliverer.attempt(record)
        except Exception as error:  # noqa: BLE001 - the claim ends by itself and the delivery is due again
            log.warning("delivery_not_recorded", delivery_id=record.id, error=type(error).__name__)
        finally:
            with self._lock:
                self._in_progress.pop(record.id, None)
            self._wake.set()
