"""PostgreSQL: transactions that touch the same endpoint, events and deliveries take their locks in one order."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import sqlalchemy as sa

from dayline.webhooks import repository as webhooks
from dayline.webhooks import service
from dayline.webhooks.schemas import WebhookChange

DETECTED = "all_day_session.detected"


def _wait_for_a_blocked_transaction(app: Any) -> None:
    query = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up:
        with app.database.read() as tx:
            if tx.run(sa.text(query)).first():
                return
        time.sleep(0.01)
    raise AssertionError("no transaction waits for a lock")


def _deadlocks(app: Any) -> int:
    with app.database.read() as tx:
        return tx.run(sa.text("select deadlocks from pg_stat_database where datname = current_database()")).scalar()


def _side_by_side(app: Any, holder: Callable[[Callable[[], None]], None], other: Callable[[], Any]) -> Any:
    """Run `holder`, which is handed a function that starts `other` and waits until that is blocked."""
    with ThreadPoolExecutor(1) as pool:
        started: list[Any] = []

        def start() -> None:
            started.append(pool.submit(other))
            _wait_for_a_blocked_transaction(app)

        holder(start)
        return started[0].result()


def test_an_endpoint_is_disabled_while_an_attempt_at_it_ends(postgres_app: Any, receiver: Any) -> None:
    app = postgres_app
    receiver.answers.append((500, {}))
    endpoint = app.endpoint(receiver.url, DETECTED)
    session_id = app.session()
    for _ in range(3):
        app.news(DETECTED, session_id)
    app.relay().relay_once()
    (claimed,) = app.claim()

    def disable(start: Callable[[], None]) -> None:
        with app.database.write() as tx:
            locked = webhooks.get(tx, endpoint.id, lock=True)
            assert locked is not None
            start()
            service.change(tx, locked, WebhookChange(is_active=False))

    _side_by_side(app, disable, lambda: app.deliverer().attempt(claimed))

    assert [d.status for d in app.log()] == ["cancelled", "cancelled", "cancelled"]
    assert receiver.types == [DETECTED]
    assert _deadlocks(app) == 0
