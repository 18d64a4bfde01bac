"""A receiver of webhooks that keeps the ids of the events it took and refuses some at random."""

from __future__ import annotations

import json
import random
import threading
from collections import Counter

from bench.local_server import LocalHandler, LocalServer


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

        class Handler(LocalHandler):
            def do_POST(self) -> None:
                self.send(outer.take(self.read_body(), refuse))

        self._server = LocalServer(Handler)
        self.url = f"{self._server.base_url}/hook"

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
        self._server.stop()
