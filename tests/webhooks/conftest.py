from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bench.local_server import LocalHandler, LocalServer
from dayline.auth import partners_repository as partners
from dayline.auth.partners_repository import PartnerRecord
from dayline.clock import now
from dayline.db.database import Database, open_database
from dayline.db.records import SessionRecord
from dayline.domain.status import SessionStatus
from dayline.domain.stored_json import EnabledEvent
from dayline.ids import new_id
from dayline.security.api_keys import make_webhook_secret
from dayline.security.ssrf import parse_networks
from dayline.sessions import repository as sessions
from dayline.webhooks import deliveries_repository as deliveries
from dayline.webhooks import events_repository as events
from dayline.webhooks import repository as webhooks
from dayline.webhooks.delivery import Deliverer, DeliveryPolicy
from dayline.webhooks.dispatcher import Dispatcher
from dayline.webhooks.repository import WebhookRecord
from dayline.workflows.job_queue import JobQueue
from tests.api_server import client, hook_receiver, partner, server, stranger

HERE = parse_networks(["127.0.0.0/8"])

__all__ = ["client", "hook_receiver", "partner", "server", "stranger"]


@dataclass
class Receiver:
    """A real HTTP server that keeps what it gets. `answers` are used up one by one, then 200."""

    url: str
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)

    @property
    def types(self) -> list[str]:
        return [headers["X-Parlay-Event"] for headers, _ in self.got]


@contextmanager
def listening(port: int = 0) -> Iterator[Receiver]:
    class Handler(LocalHandler):
        def do_POST(self) -> None:
            body = self.read_body()
            status, extra = receiver.answers.pop(0) if receiver.answers else (200, {})
            receiver.got.append((dict(self.headers.items()), body))
            self.send(status, b"ok", extra)

    server = LocalServer(Handler, port=port)
    receiver = Receiver(f"{server.base_url}/hook?token=hidden")
    try:
        yield receiver
    finally:
        server.stop()


@pytest.fixture
def listen() -> Any:
    return listening


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as one:
        yield one


@dataclass
class AppUnderTest:
    """A database with one partner, and short words for what the tests do with it."""

    database: Database
    jobs: JobQueue
    partner_id: str

    def endpoint(self, url: str, *types: EnabledEvent, **values: Any) -> WebhookRecord:
        record = WebhookRecord(
            id=new_id(), partner_id=self.partner_id, environment="production", url=url, name=None,
            enabled_events=list(types),
            secret=make_webhook_secret(), secret_previous=None, previous_until=None, is_active=True,
            disabled_reason=None, disabled_at=None, failing_since=None, deleted_at=None,
            created_at=now(), updated_at=now(),
        )  # fmt: skip
        with self.database.write() as tx:
            webhooks.add(tx, record)
            if values:
                webhooks.update(tx, record.id, **values)
            found = webhooks.get(tx, record.id)
        assert found
        return found

    def add_partner(self) -> str:
        record = _partner()
        with self.database.write() as tx:
            partners.add(tx, record)
        return record.id

    def session(self) -> str:
        record = SessionRecord(
            id=new_id(), partner_id=self.partner_id, environment="production", org_id="o", rep_id="r",
            recording_url="https://x.test/a.mp3", file_key=None, options={}, metadata={}, status=SessionStatus.QUEUED,
            stage="queued", percent=0.0, run=1, revision=1, is_ingested=False, duration_seconds=None,
            speech_seconds=None, transcribed_seconds=0.0, usage={}, rollup=None, error=None,
            cancel_requested_at=None, created_at=now(), started_at=None, completed_at=None, updated_at=now(),
        )  # fmt: skip
        with self.database.write() as tx:
            sessions.add(tx, record)
        return record.id

    def news(
        self, type: str, session_id: str | None = None, *, body: Any = None, callback_url: str | None = None
    ) -> str:
        occasion = new_id()
        with self.database.write() as tx:
            events.add(
                tx, partner_id=self.partner_id, environment="production", type=type,
                body=body or {"occasion": occasion}, session_id=session_id, callback_url=callback_url, once=(occasion,),
            )  # fmt: skip
        return events.event_id(type, occasion)

    def relay(self) -> Dispatcher:
        return self.dispatcher(self.deliverer())

    def dispatcher(self, deliverer: Deliverer, **values: Any) -> Dispatcher:
        return Dispatcher(self.database, deliverer, **{"poll_seconds": 0.02, "due_seconds": 0.02, **values})

    def deliverer(self, *, delays_seconds: tuple[float, ...] | None = None, **values: Any) -> Deliverer:
        given = {"allow_networks": HERE, "allow_http": True, "timeout_seconds": 5.0, **values}
        policy = DeliveryPolicy(delays_seconds=delays_seconds) if delays_seconds is not None else None
        return Deliverer(self.database, policy=policy, **given)

    def claim(self, **values: Any) -> list[Any]:
        """Claim what is due at any time in the next days."""
        at = now() + timedelta(days=9)
        given = {"at": at, "until": at + timedelta(seconds=60), "limit": 1000, "per_endpoint": 1000, **values}
        with self.database.write() as tx:
            return deliveries.claim_due(tx, **given)

    def heads(self) -> list[Any]:
        """The head of every ordering key, whatever its delay."""
        found = [d for d in self.log() if d.status == "pending" and d.next_attempt_at is not None]
        with self.database.read() as tx:
            return [d for d in found if deliveries.head(tx, d.ordering_key) == d]

    def run_heads(self, deliverer: Deliverer) -> int:
        """Make the next attempt of every head, whatever its delay."""
        heads = self.heads()
        for head in heads:
            deliverer.attempt(head)
        return len(heads)

    def run_all(self, deliverer: Deliverer, rounds: int = 50) -> None:
        while rounds and self.run_heads(deliverer):
            rounds -= 1

    def log(self) -> list[Any]:
        with self.database.read() as tx:
            found = [row.id for row in tx.run(sa.text("SELECT id FROM delivery ORDER BY event_number"))]
            return [deliveries.get(tx, id) for id in found]

    def attempts(self, delivery_id: str) -> list[Any]:
        with self.database.read() as tx:
            return deliveries.attempts_of(tx, [delivery_id])[delivery_id]

    def webhook(self, id: str) -> WebhookRecord | None:
        with self.database.read() as tx:
            return webhooks.get(tx, id)


def build(url: str) -> AppUnderTest:
    database = open_database(url, pool_size=10)
    app = AppUnderTest(database, JobQueue(database), "")
    return AppUnderTest(database, app.jobs, app.add_partner())


def _partner() -> PartnerRecord:
    return PartnerRecord(
        id=new_id(), name=new_id(), contact_email="p@x.test", plan_tier="starter", healthcare=False, notes=None,
        settings={}, suspended_at=None, callback_secret=make_webhook_secret(), callback_secret_previous=None,
        callback_previous_until=None, created_at=now(), updated_at=now(),
    )  # fmt: skip


@pytest.fixture
def app(tmp_path: Path, make_migrated_sqlite: Callable[[Path], str]) -> Iterator[AppUnderTest]:
    one = build(make_migrated_sqlite(tmp_path / "day.db"))
    yield one
    one.jobs.close()
    one.database.close()


@pytest.fixture
def postgres_app(make_migrated_postgres: Callable[[], str]) -> Iterator[AppUnderTest]:
    one = build(make_migrated_postgres())
    yield one
    one.jobs.close()
    one.database.close()
