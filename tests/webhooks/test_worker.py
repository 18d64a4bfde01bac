from __future__ import annotations

import threading

from standardwebhooks import Webhook

from dayline.workflows.engine import Worker

TYPES = [f"all_day_session.{n}" for n in ("processing_started", "detected", "completed")]


def test_a_real_worker_delivers_retries_and_keeps_the_order(app, receiver, listen):
    with listen() as other:
        endpoints = {url: app.endpoint(url, *TYPES) for url in (receiver.url, other.url)}
        receiver.answers = [(500, {}), (503, {})]
        worker = Worker(app.database, recognisers=1, is_single_node=True)
        deliverer = app.deliverer(delays_seconds=(0.2, 0.2, 0.2))

        def deliver(delivery_id: str, number: int) -> None:
            deliverer.attempt(delivery_id, number)

        step = worker.step("deliver", deliver)

        def delivery_job(delivery_id: str, number: int) -> None:
            step(delivery_id, number)

        worker.add_job("delivery", delivery_job)
        worker.start()
        relay = app.relay()
        relay.start()
        session = app.session()
        for type in TYPES:
            app.news(type, session)
        pause = threading.Event()
        for _ in range(400):
            if len(receiver.got) >= 5 and len(other.got) >= 3:
                break
            pause.wait(0.05)
        relay.stop()
        worker.stop()

        assert receiver.types == [TYPES[0], TYPES[0], *TYPES]
        assert other.types == TYPES
        for one in (receiver, other):
            for headers, body in one.got:
                Webhook(endpoints[one.url].secret).verify(body, headers)
