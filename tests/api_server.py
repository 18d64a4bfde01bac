"""A real API server in this process, with fixtures for partners, clients and a receiver of webhooks."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn

from bench.local_server import LocalHandler, LocalServer
from dayline.auth import keys_repository as keys
from dayline.bootstrap import source_opener
from dayline.clock import now
from dayline.db.blobs import Blobs
from dayline.db.database import open_database
from dayline.http.app import create_api
from dayline.http.context import ApiContext
from dayline.http.rate_limit import RateLimiter
from dayline.ids import new_id
from dayline.orgs.enrolment import Enroller
from dayline.processes.compute_pool import ComputePool
from dayline.security.api_keys import make_key, make_signing_key
from dayline.security.ssrf import default_tls, guarded_client, parse_networks
from dayline.webhooks.delivery import Deliverer
from dayline.webhooks.dispatcher import Dispatcher
from dayline.workflows.job_queue import JobQueue

HERE = parse_networks(["127.0.0.0/8"])
MAX_UPLOAD_BYTES = 3 * 1024 * 1024


@dataclass
class Server:
    """A real server; `admin` is a client with an admin key."""

    services: ApiContext
    base_url: str
    admin: httpx2.Client
    scratch: Path

    def client(self, key: str | None = None) -> httpx2.Client:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx2.Client(base_url=self.base_url, headers=headers, timeout=30, trust_env=False, verify=default_tls())

    def partner(self) -> str:
        answer = self.admin.post("/v1/admin/partners", json={"name": f"P {uuid.uuid4()}", "contact_email": "p@x.test"})
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def key(self, partner_id: str, environment: str = "production", scopes: list[str] | None = None) -> str:
        body: dict[str, Any] = {"partner_id": partner_id, "environment": environment}
        if scopes:
            body["scopes"] = scopes
        answer = self.admin.post("/v1/admin/api-keys", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()["key"]

    def run_news(self) -> None:
        """Plan and send everything that waits, whatever its delay."""
        from dayline.webhooks import deliveries_repository as deliveries

        deliverer = Deliverer(self.services.database, allow_networks=HERE, allow_http=True)
        dispatcher = Dispatcher(self.services.database, deliverer)
        while dispatcher.relay_once():
            pass
        moment = now().replace(year=2100)
        while True:
            with self.services.database.write() as tx:
                due = deliveries.claim_due(tx, at=moment, until=moment, limit=1000, per_endpoint=1000)
            if not due:
                return
            for record in due:
                deliverer.attempt(record)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, make_migrated_sqlite: Callable[[Path], str]) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("app")
    database = open_database(make_migrated_sqlite(folder / "day.db"))
    made = make_key("admin")
    with database.write() as tx:
        keys.add(
            tx,
            keys.KeyRecord(
                id=new_id(), key_id=made.key_id, partner_id=None, environment="admin", secret_hash=made.secret_hash,
                key_prefix=made.prefix, scopes=[], name=None, description=None, revoked_at=None, created_at=now(),
            ),
        )  # fmt: skip
    config = uvicorn.Config("x:y", host="127.0.0.1", port=0, log_level="warning")
    socket = config.bind_socket()
    base_url = f"http://127.0.0.1:{socket.getsockname()[1]}"
    blobs, scratch, compute = Blobs(str(folder / "objects")), folder / "scratch", ComputePool(1)
    strangers = guarded_client()

    services = ApiContext(
        database=database,
        jobs=JobQueue(database),
        blobs=blobs,
        base_url=base_url,
        cursor_key="cursor",
        link_key=make_signing_key(),
        allow_networks=HERE,
        allow_http=True,
        rate_limiter=RateLimiter(per_minute=1e6, burst=100_000),
        max_upload_bytes=MAX_UPLOAD_BYTES,
        enroll=Enroller(source_opener(blobs, strangers, MAX_UPLOAD_BYTES), compute, scratch),
    )
    running = uvicorn.Server(uvicorn.Config(create_api(services), log_level="warning", lifespan="off"))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [socket]}, daemon=True)
    thread.start()
    admin = httpx2.Client(
        base_url=base_url, headers={"Authorization": f"Bearer {made.text}"}, timeout=30, trust_env=False
    )
    while not running.started:
        threading.Event().wait(0.01)
    yield Server(services, base_url, admin, scratch)
    admin.close()
    running.should_exit = True
    thread.join(timeout=10)
    compute.close()
    strangers.close()
    services.jobs.close()
    database.close()


@pytest.fixture
def partner(server: Server) -> str:
    return server.partner()


@pytest.fixture
def client(server: Server, partner: str) -> Iterator[httpx2.Client]:
    with server.client(server.key(partner)) as one:
        yield one


@pytest.fixture
def stranger(server: Server) -> Iterator[httpx2.Client]:
    """A client of another partner."""
    with server.client(server.key(server.partner())) as one:
        yield one


@pytest.fixture
def hook_receiver() -> Iterator[Any]:
    class Handler(LocalHandler):
        def do_POST(self) -> None:
            status = box.answers.pop(0) if box.answers else 200
            box.got.append((dict(self.headers.items()), self.read_body()))
            self.send(status)

    class Box:
        url = ""
        got: list[tuple[dict[str, str], bytes]]
        answers: list[int]

    box = Box()
    box.got, box.answers = [], []
    listening = LocalServer(Handler)
    box.url = f"{listening.base_url}/hook?token=hidden"
    yield box
    listening.stop()
