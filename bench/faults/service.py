"""The service under test: an API process and workers as an operator runs them, started again whenever they end."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx2
import psutil

MARKERS = {
    "api": "dayline serve",
    "worker": "dayline worker",
    "recogniser": "dayline.asr.transcriber_main",
    "decoder": "dayline.audio.decoder_main",
    "compute": "dayline.processes.compute_main",
}
"""Kinds of processes, and what their command line holds."""


class Kept:
    """A process that is started again whenever it ends."""

    def __init__(self, command: list[str], environment: dict[str, str], log: Path) -> None:
        self._command, self._environment, self._log = command, environment, log
        self._halt = threading.Event()
        self.process: subprocess.Popen[str] | None = None
        self.lines: list[str] = []
        self._thread = threading.Thread(target=self._keep, daemon=True)
        self._thread.start()

    def _keep(self) -> None:
        while not self._halt.is_set():
            with self._log.open("a") as log:
                self.process = subprocess.Popen(
                    self._command, env=self._environment, stdout=subprocess.PIPE, stderr=log, text=True
                )
                assert self.process.stdout is not None
                for line in self.process.stdout:
                    self.lines.append(line)
                self.process.wait()
            self._halt.wait(0.5)

    def stop(self) -> int | None:
        """SIGTERM, and SIGKILL after 30 s. Returns the exit status."""
        self._halt.set()
        process = self.process
        if process is None:
            return None
        process.terminate()
        try:
            return process.wait(40)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()


class Service:
    """One API process and `workers` workers beside it; on SQLite the API process keeps its one worker itself."""

    def __init__(
        self,
        folder: Path,
        *,
        database_url: str,
        workers: int,
        environment: dict[str, str],
        log: Path | None = None,
    ) -> None:
        self.folder, self.log = folder, log or folder / "service.log"
        folder.mkdir(parents=True, exist_ok=True)
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("DAYLINE_")},
            "DAYLINE_DATA_FOLDER": str(folder),
            "DAYLINE_DATABASE_URL": database_url,
            "DAYLINE_LOG_STYLE": "json",
            "DAYLINE_PORT": str(_free_port()),
            "DAYLINE_LEASE_SECONDS": "8",
            "DAYLINE_RECOGNISERS": "2",
            "DAYLINE_REQUESTS_PER_MINUTE": "100000",
            **environment,
        }
        command = [sys.executable, "-m", "dayline"]
        embedded = not database_url
        self._kept = [
            Kept([*command, "serve", *([] if embedded else ["--no-workers"])], self.environment, self.log),
            *(Kept([*command, "worker"], self.environment, self.log) for _ in range(0 if embedded else workers)),
        ]
        self.base_url = f"http://127.0.0.1:{self.environment['DAYLINE_PORT']}"
        self.wait_until_up()

    def wait_until_up(self, *, seconds: float = 240.0) -> None:
        """Wait until the API answers and a worker is alive."""
        give_up = time.monotonic() + seconds
        while time.monotonic() < give_up:
            with contextlib.suppress(httpx2.TransportError):
                if httpx2.get(f"{self.base_url}/readyz", timeout=5).is_success:
                    return
            time.sleep(0.3)
        raise RuntimeError(f"not ready: {self.log.read_text()[-3000:]}")

    def make_key(self, environment: str, *, partner: str = "faults") -> str:
        """Create a key of a partner by the command line."""
        command = [sys.executable, "-m", "dayline", "keys", "create", "--environment", environment]
        done = subprocess.run(
            [*command, "--partner", partner], env=self.environment, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def request(self, method: str, path: str, key: str, body: Any = None, *, once: str | None = None) -> Any:
        """Repeat a request until it succeeds. Raises RuntimeError for a refusal."""
        headers = {"Authorization": f"Bearer {key}", **({"Idempotency-Key": once} if once else {})}
        give_up = time.monotonic() + 240
        while time.monotonic() < give_up:
            try:
                answer = httpx2.request(method, f"{self.base_url}{path}", json=body, headers=headers, timeout=20)
            except httpx2.TransportError:
                time.sleep(0.3)
                continue
            if answer.is_success:
                return answer.json()
            if answer.status_code not in (409, 429, 503):
                raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
            time.sleep(0.5)
        raise RuntimeError(f"{method} {path}: no answer in 240 s")

    def roots(self) -> list[psutil.Process]:
        """Return the living processes that were started directly."""
        found: list[psutil.Process] = []
        for kept in self._kept:
            if kept.process is not None and kept.process.poll() is None:
                with contextlib.suppress(psutil.NoSuchProcess):
                    found.append(psutil.Process(kept.process.pid))
        return found

    def processes(self, kind: str) -> list[psutil.Process]:
        """Return the living processes of one kind."""
        found: list[psutil.Process] = []
        for root in self.roots():
            with contextlib.suppress(psutil.NoSuchProcess):
                for process in (root, *root.children(recursive=True)):
                    with contextlib.suppress(psutil.NoSuchProcess):
                        if MARKERS[kind] in " ".join(process.cmdline()):
                            found.append(process)
        return found

    def log_lines(self) -> list[dict[str, Any]]:
        """Return the structured log lines of every process."""
        lines: list[dict[str, Any]] = []
        for line in self.log.read_text(errors="replace").splitlines():
            with contextlib.suppress(json.JSONDecodeError):
                parsed = json.loads(line)
                if isinstance(parsed, dict):
                    lines.append(parsed)
        return lines

    def stop_api(self) -> int | None:
        """Stop the API process, and leave the workers. Returns its exit status."""
        return self._kept[0].stop()

    def stop(self) -> list[int | None]:
        """Stop everything. Returns the exit statuses."""
        return [kept.stop() for kept in reversed(self._kept)]


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def upload(service: Service, key: str, partner_id: str, name: str, body: bytes) -> str:
    """Upload a recording by a signed link and return its file key."""
    signed = service.request(
        "POST",
        f"/v1/admin/partners/{partner_id}/uploads/signed-url",
        key,
        {"file_name": name, "content_type": "audio/wav", "size_bytes": len(body)},
    )
    url = re.sub(r"^https?://[^/]+", service.base_url, signed["upload_url"])
    httpx2.put(url, content=body, headers=signed["headers"], timeout=60).raise_for_status()
    return signed["file_key"]
