"""`dayline serve` as a process, and uploads to it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx2
import psutil

from dayline.cli.keys import make
from dayline.domain.stored_json import KeyEnvironment
from dayline.security.ssrf import default_tls
from dayline.settings import Settings
from dayline.store import open_store

TERMINAL = ("completed", "failed")
_STORE_SETTINGS = ("data_folder", "database_url", "encryption_key")


class RunningService:
    """`dayline serve` as a process of its own, with a data folder that outlives it."""

    def __init__(self, folder: Path, environment: dict[str, str], arguments: tuple[str, ...] = ()) -> None:
        self.folder = folder
        self.arguments = arguments
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("DAYLINE_")},
            "DAYLINE_DATA_FOLDER": str(folder),
            "DAYLINE_LOG_STYLE": "json",
            "DAYLINE_SPEECH_ENGINE": "pocketsphinx",
            **environment,
        }
        self.process: subprocess.Popen[str] | None = None
        self.base_url = ""
        self.log_path = folder / "service.log"
        self.key = ""

    def start(self) -> RunningService:
        self.folder.mkdir(parents=True, exist_ok=True)
        log = self.log_path.open("a")
        command = [sys.executable, "-m", "dayline", "serve", "--port", "0", *self.arguments]
        self.process = subprocess.Popen(
            command, env=self.environment, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True
        )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            match = re.search(r"Dayline listens on (\S+)", line)
            if match:
                self.base_url = match[1]
                break
        assert self.base_url, self.log_path.read_text()[-3000:]
        threading.Thread(target=self._drain, args=(self.process.stdout,), daemon=True).start()
        if not self.key:
            self.key = self.make_key()
        return self

    @staticmethod
    def _drain(stream: Any) -> None:
        with contextlib.suppress(ValueError):
            for _ in stream:
                pass

    def make_key(self, environment: KeyEnvironment = "production", partner: str = "tests") -> str:
        """Make a key as `dayline keys create` does, without the start of another process."""
        # Values as texts, which the settings read as they read the environment.
        texts: dict[str, Any] = {
            name: text for name in _STORE_SETTINGS if (text := self.environment.get(f"DAYLINE_{name.upper()}"))
        }
        database = open_store(Settings(**texts), has_jobs=False)
        try:
            return make(database, partner_name=partner, environment=environment)
        finally:
            database.close()

    def kill(self) -> None:
        """kill -9 of the API process; what it started must end by itself."""
        assert self.process is not None
        children = psutil.Process(self.process.pid).children(recursive=True)
        self.process.kill()
        self.process.wait()
        _gone, alive = psutil.wait_procs(children, timeout=60)
        assert not alive, f"outlived the service: {[p.cmdline() for p in alive]}"

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(90)  # a busy machine takes longer than the service's own limits
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            raise

    def children(self, marker: str) -> list[psutil.Process]:
        """Return the service's processes whose command line holds `marker`."""
        assert self.process is not None
        found = []
        for process in psutil.Process(self.process.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                if marker in " ".join(process.cmdline()):
                    found.append(process)
        return found

    @property
    def web(self) -> httpx2.Client:
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx2.Client(base_url=self.base_url, headers=headers, timeout=30, verify=default_tls())

    def admin(self) -> httpx2.Client:
        """Return a client with an admin key."""
        headers = {"Authorization": f"Bearer {self.make_key('admin')}"}
        return httpx2.Client(base_url=self.base_url, headers=headers, timeout=30, verify=default_tls())

    def get(self, path: str) -> Any:
        with self.web as web:
            answer = web.get(path)
        assert answer.is_success, answer.text
        return answer.json()

    def post(self, path: str, body: Any, **headers: str) -> Any:
        with self.web as web:
            answer = web.post(path, json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer.json()

    def submit(self, **fields: Any) -> str:
        return self.post("/v1/all-day-sessions", {"org_id": "org-1", "rep_id": "rep-1", **fields})["id"]

    def wait(self, session_id: str, *, seconds: float = 600) -> dict[str, Any]:
        give_up, session = time.monotonic() + seconds, None
        while time.monotonic() < give_up:
            session = self.get(f"/v1/all-day-sessions/{session_id}")
            if session["status"] in TERMINAL:
                return session
            time.sleep(0.3)
        raise AssertionError(f"not finished: {session}\n{self.log_path.read_text()[-4000:]}")

    def rows(self, sql: str, *parameters: Any) -> list[Any]:
        with contextlib.closing(sqlite3.connect(self.folder / "dayline.db", timeout=30)) as database:
            return database.execute(sql, parameters).fetchall()

    def scratch_files(self, session_id: str = "") -> list[str]:
        """Return the scratch files of a session, or of all."""
        places = (self.folder / "scratch", self.folder / "objects" / "scratch")
        return [str(p) for place in places for p in place.rglob("*") if p.is_file() and session_id in str(p)]

    def log_lines(self) -> list[dict[str, Any]]:
        lines = []
        for line in self.log_path.read_text().splitlines():
            with contextlib.suppress(json.JSONDecodeError):
                lines.append(json.loads(line))
        return lines


def upload(service: RunningService, name: str, body: bytes) -> str:
    """Upload bytes by a signed link and return the file key."""
    return upload_for(service, service.rows("select id from partner where name = 'tests'")[0][0], name, body)


def upload_for(service: RunningService, partner_id: str, name: str, body: bytes) -> str:
    """Upload bytes for a partner by a signed link and return the file key."""
    signed = service.post(
        f"/v1/admin/partners/{partner_id}/uploads/signed-url",
        {"file_name": name, "content_type": "audio/wav", "size_bytes": len(body)},
    )
    answer = httpx2.put(signed["upload_url"], content=body, headers=signed["headers"], timeout=60, verify=default_tls())
    answer.raise_for_status()
    return signed["file_key"]
