"""A receiver of webhooks that keeps the ids of the events it took and refuses some at random."""

from __future__ import annotations

import json
import random
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Receiver:
    """An HTTP server on this machine.

    refuse: share of the requests that are answered with 503.
    taken: how often each event was accepted, by the event's id.
    bodies: the different bodies of each event.
    """

    def __init__(self, *, refuse: float = 0.05, seed: int = 1) -> None:
        self.taken: Counter[str] = Counter()
        self.bodies: dict[str, set[bytes]] = {}
        self._chance, self._lock = random.Random(seed), threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = outer.take(body, refuse)
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def take(self, body: bytes, refuse: float) -> int:
        """Keep one event, or refuse it. Returns the status to answer with."""
        event_id = json.loads(body)["id"]
        with self._lock:
            if self._chance.random() < refuse:
                return 503
            self.taken[event_id] += 1
            self.bodies.setdefault(event_id, set()).add(body)
        return 200

    def stop(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
