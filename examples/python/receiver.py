"""Receives webhooks, verifies every one of them, and prints what happened. Standard library alone.

DAYLINE_WEBHOOK_SECRET=whsec_... python examples/python/receiver.py [port]

In production this stands behind HTTPS, and puts events in a queue of its own: an answer must come within 30 seconds.
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOLERANCE_SECONDS = 300
MAX_BODY_BYTES = 16 * 1024 * 1024


def is_genuine(headers: dict[str, str], body: bytes, secret: str, now: float) -> bool:
    """Verify a delivery by Standard Webhooks: one good signature of the list is enough, old deliveries are refused."""
    name, moment = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not moment.isdigit() or abs(now - int(moment)) > TOLERANCE_SECONDS:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{name}.{moment}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    # While a secret is being changed there are two signatures, one of each secret.
    given = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(expected.encode(), one.encode()) for one in given)


class Receiver(BaseHTTPRequestHandler):
    seen: set[str] = set()  # noqa: RUF012 - on purpose one for all requests; a database in real life

    def do_POST(self) -> None:
        size = int(self.headers.get("Content-Length", 0))
        if size > MAX_BODY_BYTES:
            return self.answer(413)
        body = self.rfile.read(size)
        headers = {name.lower(): value for name, value in self.headers.items()}
        if not is_genuine(headers, body, os.environ["DAYLINE_WEBHOOK_SECRET"], time.time()):
            return self.answer(401)
        if headers["webhook-id"] not in self.seen:  # delivery is at least once
            self.seen.add(headers["webhook-id"])
            event = json.loads(body)
            print(event["type"], event["data"].get("id", ""), flush=True)
        return self.answer(204)

    def answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 8500), Receiver)
    print(f"receiving on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
