"""A receiver of webhooks."""

from __future__ import annotations

import json
import time

from bench.local_server import LocalHandler, LocalServer


class Receiver:
    """A real HTTP receiver that keeps what it gets. `answers` are given first, then 200 for ever."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        outer = self

        class Handler(LocalHandler):
            def do_POST(self) -> None:
                body = self.read_body()
                status = outer.answers.pop(0) if outer.answers else 200
                if status == 200:
                    outer.got.append((dict(self.headers.items()), body))
                self.send(status)

        self._server = LocalServer(Handler)
        self.url = f"{self._server.base_url}/hook"

    def types(self) -> list[str]:
        return [json.loads(body)["type"] for _, body in self.got]

    def wait_for(self, kind: str, *, seconds: float = 60) -> None:
        give_up = time.monotonic() + seconds
        while kind not in self.types():
            assert time.monotonic() < give_up, f"{kind} did not come; got {self.types()}"
            time.sleep(0.1)

    def close(self) -> None:
        self._server.stop()
