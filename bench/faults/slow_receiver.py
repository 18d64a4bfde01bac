"""Receivers of webhooks that answer after a while, and partners with endpoints there, for `bench.faults.fairness`."""

from __future__ import annotations

import threading
import time

from bench.local_server import LocalHandler, LocalServer
from dayline.auth.service import ensure_partner
from dayline.db.database import Database
from dayline.ids import new_id
from dayline.security.ssrf import parse_networks
from dayline.webhooks import events_repository as events
from dayline.webhooks import service
from dayline.webhooks.schemas import WebhookRequest

HERE = parse_networks(["127.0.0.1"])
EVENT = "all_day_session.detected"


class TimedReceiver:
    """A server that answers every request after a while.

    arrived: the times of arrival by event id.
    count: how many requests have arrived.
    """

    def __init__(self, answer_after_seconds: float) -> None:
        self.arrived: dict[str, float] = {}
        self.count = 0
        outer, lock = self, threading.Lock()

        class Handler(LocalHandler):
            def do_POST(self) -> None:
                with lock:
                    outer.arrived[self.headers["webhook-id"]] = time.monotonic()
                    outer.count += 1
                self.read_body()
                time.sleep(answer_after_seconds)
                self.send(200)

        self.server = LocalServer(Handler)
        self.url = f"{self.server.base_url}/"


class Deliveries:
    """A partner with endpoints at one receiver."""

    def __init__(self, database: Database, name: str, url: str, *, endpoints: int = 1) -> None:
        self._database = database
        with database.write() as tx:
            self.partner_id = ensure_partner(tx, name)
            for number in range(endpoints):
                request = WebhookRequest(url=f"{url}{number}", name=name, enabled_events=[EVENT])
                service.register(tx, request, partner_id=self.partner_id, environment="production")

    def emit(self) -> str:
        """Write one event and return its id."""
        occasion = new_id()
        with self._database.write() as tx:
            owner = {"partner_id": self.partner_id, "environment": "production"}
            events.add(tx, **owner, type=EVENT, body={}, once=(occasion,))
        return events.event_id(EVENT, occasion)

    def emit_and_wait(self, receiver: TimedReceiver) -> float:
        """Write one event and return after how many seconds it arrived."""
        began, id = time.monotonic(), self.emit()
        while id not in receiver.arrived:
            time.sleep(0.01)
        return receiver.arrived[id] - began
