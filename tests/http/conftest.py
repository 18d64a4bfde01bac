"""A real server on a free port, with a partner and keys, on SQLite and on PostgreSQL."""

from __future__ import annotations

import functools
import json
import os
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import structlog
import uvicorn

from dayline.analyses import repository as analyses
from dayline.audio.waveform import Peaks, encode_peaks
from dayline.auth import keys_repository as keys
from dayline.auth import partners_repository as partners
from dayline.clock import now
from dayline.db.blobs import Blobs
from dayline.db.database import Database, Transaction, open_database
from dayline.domain.errors import InvalidRecording
from dayline.domain.serialization import pack_transcript
from dayline.domain.stored_json import KeyEnvironment
from dayline.http.app import create_api
from dayline.http.context import ApiContext
from dayline.http.dependencies import DEFAULT_SCOPES
from dayline.http.rate_limit import RateLimiter
from dayline.ids import derived_id, new_id
from dayline.search.indexing import index_session
from dayline.security.api_keys import KeyKind, make_key, make_signing_key, make_webhook_secret
from dayline.sessions import documents_repository as documents
from dayline.sessions import repository as sessions
from dayline.sessions import segments_repository as segments
from dayline.sessions.view import session_view
from dayline.webhooks import events_repository as events
from dayline.workflows.job_queue import JobQueue
from tests.http.stored_day import RESULT, analysis_record, segment_record, session_record, talk_of, timeline_of

_ENVIRONMENTS: dict[KeyKind, KeyEnvironment] = {"live": "production", "sandbox": "sandbox", "admin": "admin"}


def stored_key(tx: Transaction, caller: Caller) -> keys.KeyRecord:
    assert caller.key is not None
    holder = keys.find_holder(tx, caller.key.split("_")[2])
    assert holder is not None
    return holder.key


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
            with urllib.request.urlopen(request, timeout=120) as answer:
                return Answer(answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, {k.lower(): v for k, v in error.headers.items()}, error.read())

    get = functools.partialmethod(call, "GET")
    post = functools.partialmethod(call, "POST")
    patch = functools.partialmethod(call, "PATCH")
    delete = functools.partialmethod(call, "DELETE")


@dataclass
class AppUnderTest:
    """A running server and its store."""

    services: ApiContext
    base_url: str
    app: Any

    @property
    def database(self) -> Database:
        return self.services.database

    def partner(self, name: str = "Acme") -> str:
        moment = now()
        partner_id = new_id()
        name = f"{name} {partner_id[:8]}"
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

    def finished_day(self, caller: Caller, *spans: tuple[float, float], duration_seconds: float = 3600.0) -> str:
        """Put a completed session into the store, with segments, analyses, timeline, transcript and peaks."""
        session_id = new_id()
        spans = spans or ((100.0, 700.0), (1000.0, 2000.0), (2500.0, 3000.0))
        with self.database.write() as tx:
            sessions.add(tx, session_record(session_id, caller.partner_id, duration_seconds))
            segments.replace_all(
                tx, session_id, [segment_record(session_id, n, start, end) for n, (start, end) in enumerate(spans)]
            )
            for n, (start, end) in enumerate(spans):
                analyses.add(tx, analysis_record(session_id, caller.partner_id, n, start, end))
                analyses.update(tx, derived_id("analysis", session_id, n), result=RESULT, transcript={"text": "word"})
            documents.put_json(tx, session_id, "timeline", timeline_of(spans, duration_seconds))
            documents.put_transcript(tx, session_id, pack_transcript(talk_of(spans, duration_seconds)))
            documents.put(tx, session_id, "peaks", encode_peaks(Peaks(0.032, np.arange(5000, dtype=np.uint16))))
            index_session(tx, session_id)
            events.add(
                tx,
                partner_id=caller.partner_id,
                environment="production",
                type="all_day_session.completed",
                body=session_view(tx, session_id),
                session_id=session_id,
                once=(session_id, 1),
            )
        return session_id

    def stranger(self) -> Caller:
        return Caller(self.base_url, None)


def _hears_nothing(_partner_id: str, _file_key: str) -> Any:
    raise InvalidRecording("Nobody speaks in this recording.", code="recording_too_short")


def make_services(database: Database, folder: Path, **changes: Any) -> ApiContext:
    values: dict[str, Any] = {
        "database": database,
        "jobs": JobQueue(database),
        "blobs": Blobs(str(folder / "objects")),
        "base_url": "http://127.0.0.1",
        "cursor_key": "for tests only",
        "link_key": make_signing_key(),
        "rate_limiter": RateLimiter(per_minute=600_000, burst=10_000),
        "events_poll_seconds": 0.05,
        "enroll": _hears_nothing,
    }
    return ApiContext(**{**values, **changes})


def serve(services: ApiContext) -> Generator[AppUnderTest]:
    app = create_api(services)
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield AppUnderTest(services, f"http://127.0.0.1:{port}", app)
    finally:
        server.should_exit = True
        thread.join(10)
        services.jobs.close()


@pytest.fixture(scope="session", autouse=True)
def quiet_logs() -> Iterator[None]:
    """Write log lines as the service does, to nowhere: pretty tracebacks take seconds on a busy machine."""
    with Path(os.devnull).open("w") as nowhere:
        structlog.configure(
            processors=[
                structlog.contextvars.merge_contextvars,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
            ],
            logger_factory=structlog.PrintLoggerFactory(nowhere),
        )
        yield
        structlog.reset_defaults()


@pytest.fixture(scope="session")
def sqlite_app(
    tmp_path_factory: pytest.TempPathFactory, make_migrated_sqlite: Callable[[Path], str]
) -> Iterator[AppUnderTest]:
    folder = tmp_path_factory.mktemp("sqlite")
    database = open_database(make_migrated_sqlite(folder / "dayline.db"))
    yield from serve(make_services(database, folder))
    database.close()


@pytest.fixture(scope="session")
def postgres_app(
    tmp_path_factory: pytest.TempPathFactory, make_migrated_postgres: Callable[[], str]
) -> Iterator[AppUnderTest]:
    database = open_database(make_migrated_postgres())
    yield from serve(make_services(database, tmp_path_factory.mktemp("objects")))
    database.close()


@pytest.fixture(params=["sqlite", "postgres"])
def app(request: pytest.FixtureRequest) -> AppUnderTest:
    """The same server on each database."""
    found: AppUnderTest = request.getfixturevalue(f"{request.param}_app")
    return found


@pytest.fixture
def app_with(tmp_path: Path, make_migrated_sqlite: Callable[[Path], str]) -> Iterator[Callable[..., AppUnderTest]]:
    """Make a server of its own, on SQLite, with other values than usual."""
    running: list[tuple[Iterator[AppUnderTest], Database]] = []

    def make(**changes: Any) -> AppUnderTest:
        database = open_database(make_migrated_sqlite(tmp_path / f"{len(running)}.db"))
        server = serve(make_services(database, tmp_path, **changes))
        running.append((server, database))
        return next(server)

    yield make
    for server, database in running:
        next(server, None)
        database.close()
