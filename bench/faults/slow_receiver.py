"""How much a receiver that answers late delays deliveries to another one.

    python bench/faults/slow_receiver.py --answer-after 28 --deliveries 60

One receiver answers every request after `--answer-after` seconds and has `--deliveries` deliveries waiting; then ten
events go to a receiver that answers at once. Prints how long each of the ten took from its event to its arrival, alone
and beside the slow receiver, on SQLite in a temporary folder.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from dayline.auth.service import ensure_partner
from dayline.bootstrap import open_store
from dayline.ids import new_id
from dayline.logs import set_up_logs
from dayline.security.ssrf import parse_networks
from dayline.settings import Settings
from dayline.webhooks import events_repository as events
from dayline.webhooks import service
from dayline.webhooks.delivery import Deliverer
from dayline.webhooks.dispatcher import Dispatcher
from dayline.webhooks.schemas import WebhookRequest

HERE = parse_networks(["127.0.0.1"])
EVENT = "all_day_session.detected"


class Receiver:
    """A server that answers every request after a while; `arrived` holds the times of arrival by event id."""

    def __init__(self, answer_after_seconds: float) -> None:
        self.arrived: dict[str, float] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.arrived[self.headers["webhook-id"]] = time.monotonic()
                self.rfile.read(int(self.headers["Content-Length"]))
                time.sleep(answer_after_seconds)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answer-after", type=float, default=28.0)
    parser.add_argument("--deliveries", type=int, default=60)
    options = parser.parse_args()
    set_up_logs(level="ERROR")
    with tempfile.TemporaryDirectory() as folder:
        database = open_store(Settings(data_folder=Path(folder)))
        slow, quick = Receiver(options.answer_after), Receiver(0.0)
        partners = {}
        with database.write() as tx:
            for name, receiver in (("slow", slow), ("quick", quick)):
                partners[name] = ensure_partner(tx, name)
                request = WebhookRequest(url=receiver.url, name=name, enabled_events=[EVENT])
                service.register(tx, request, partner_id=partners[name], environment="production")

        def emit(name: str) -> str:
            occasion = new_id()
            with database.write() as tx:
                owner = {"partner_id": partners[name], "environment": "production"}
                events.add(tx, **owner, type=EVENT, body={}, once=(occasion,))
            return events.event_id(EVENT, occasion)

        def measure() -> list[float]:
            took = []
            for _ in range(10):
                began, id = time.monotonic(), emit("quick")
                while id not in quick.arrived:
                    time.sleep(0.01)
                took.append(quick.arrived[id] - began)
            return took

        dispatcher = Dispatcher(database, Deliverer(database, allow_networks=HERE, allow_http=True))
        dispatcher.start()
        measure()
        alone = measure()
        for _ in range(options.deliveries):
            emit("slow")
        while not slow.arrived:
            time.sleep(0.01)
        beside = measure()
        for label, took in (("alone", alone), ("beside the slow receiver", beside)):
            print(f"{label}: median {statistics.median(took):.2f} s, longest {max(took):.2f} s")
        print(f"the slow receiver holds {len(slow.arrived)} requests")
        dispatcher.stop(drain_seconds=0.1)


main()
