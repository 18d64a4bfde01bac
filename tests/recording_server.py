"""An HTTPS server of recordings."""

from __future__ import annotations

import re
import socket
import threading
import time
from pathlib import Path
from typing import Any

from bench.certificate import server_context
from bench.local_server import LocalHandler, LocalServer


class Recordings:
    """An HTTPS server of files, with manners that a path's first part chooses."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        context, self.ca_file = server_context(folder)
        self.files: dict[str, bytes] = {}
        self.cuts: dict[str, int] = {}
        self._held: dict[str, tuple[int, threading.Event]] = {}
        outer = self

        class Handler(LocalHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                manner, _, name = self.path.lstrip("/").split("?")[0].partition("/")
                outer.answer(self, manner, name)

            do_HEAD = do_GET

        self._server = LocalServer(Handler, tls=context)
        self.base_url = self._server.base_url

    def answer(self, request: LocalHandler, manner: str, name: str) -> None:
        if manner == "redirect":
            request.send(302, headers={"Location": "https://10.0.0.1/private.mp3"})
            return
        body = self.files.get(name)
        if body is None:
            request.send_error(404)
            return
        span = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("Range", ""))
        total, start, end = len(body), 0, len(body)
        if span and manner not in ("whole", "cut-whole"):
            start = int(span[1])
            end = min(total, int(span[2]) + 1) if span[2] else total
            if start >= total:
                request.send(416, headers={"Content-Range": f"bytes */{total}"})
                return
            request.send_response(206)
            request.send_header("Content-Range", f"bytes {start}-{end - 1}/{total}")
        else:
            request.send_response(200)
        request.send_header("Content-Length", str(end - start))
        request.send_header("Content-Type", "audio/ogg")
        request.send_header("ETag", '"one"')
        request.end_headers()
        if request.command == "HEAD":
            return
        if manner == "held":
            self._send_held(request, body, start, end, name)
        else:
            self._send(request, body[start:end], manner, name)

    def _send(self, request: Any, piece: bytes, manner: str, name: str) -> None:
        left = self.cuts.get(name, 0)
        if manner.startswith("cut") and left > 0 and len(piece) > 1000:
            self.cuts[name] = left - 1
            request.wfile.write(piece[: len(piece) // 2])
            request.wfile.flush()
            request.connection.shutdown(socket.SHUT_RDWR)
            request.close_connection = True
            return
        if manner == "slow":
            for offset in range(0, len(piece), 65536):
                request.wfile.write(piece[offset : offset + 65536])
                time.sleep(0.05)
            return
        request.wfile.write(piece)

    def hold(self, name: str, position: int) -> None:
        """Send a file under `held/` up to a position, and the rest when it is released."""
        self._held[name] = (position, threading.Event())

    def release(self, name: str) -> None:
        self._held[name][1].set()

    def _send_held(self, request: Any, body: bytes, start: int, end: int, name: str) -> None:
        position, released = self._held[name]
        request.wfile.write(body[start : max(start, min(position, end))])
        request.wfile.flush()
        if end > position:
            released.wait(120)
            request.wfile.write(body[max(start, position) : end])

    def close(self) -> None:
        for _position, released in self._held.values():
            released.set()
        self._server.stop()
