"""Small HTTP servers of this machine for tests and benchmarks: receivers, providers, servers of files."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class LocalHandler(BaseHTTPRequestHandler):
    """A request handler that reads and sends whole bodies and logs nothing."""

    def read_body(self) -> bytes:
        """Return the body of the request, empty when it has no Content-Length."""
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def send(self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        """Send a whole response."""
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def send_json(self, value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        """Send a value as JSON; bytes are sent as they are."""
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send(status, body, {"Content-Type": "application/json", **(headers or {})})

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


class LocalServer(ThreadingHTTPServer):
    """An HTTP server on 127.0.0.1 that serves in a thread from its construction until `stop`.

    `base_url` is its address. With `tls` it speaks HTTPS. Errors of connections that the other side closed are not
    printed, since tests and benchmarks close them on purpose.
    """

    daemon_threads = True

    def __init__(
        self, handler: type[BaseHTTPRequestHandler], *, port: int = 0, tls: ssl.SSLContext | None = None
    ) -> None:
        super().__init__(("127.0.0.1", port), handler)
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        self.base_url = f"{'https' if tls else 'http'}://127.0.0.1:{self.server_port}"
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print nothing."""

    def stop(self) -> None:
        """Stop listening."""
        self.shutdown()
        self.server_close()
        self._thread.join()
