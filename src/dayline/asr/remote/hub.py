"""Fetches known models from the Hugging Face hub into the models folder, whole or not at all."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from dayline.asr.model_catalog import KNOWN_MODELS, FoundModel, known, recognise
from dayline.domain.errors import InvalidRequest, NotFound, Unavailable

_SPARE_BYTES = 512 * 1024 * 1024


def install_model(name: str, models_dir: Path) -> FoundModel:
    """Download the known model `name` to `models_dir/name` and return it; one that is there already is left alone.

    An interrupted download goes on where it stopped. Raises `NotFound` for a name that is not known,
    `InvalidRequest` when the disk is too full or something else lies there, `Unavailable` when the hub cannot be
    reached (the message says what to do on a machine without a network).
    """
    entry = known(name)
    if entry is None:
        names = ", ".join(m.name for m in KNOWN_MODELS)
        raise NotFound(f"There is no known model {name!r}. Known are: {names}.", code="model_not_found")
    target = models_dir / name
    found = recognise(target)
    if found is not None:
        return found
    if target.exists():
        raise InvalidRequest(f"{target} is there and holds no complete model. Move it away first.")
    models_dir.mkdir(parents=True, exist_ok=True)
    needed = entry.size_megabytes * 1024 * 1024 + _SPARE_BYTES
    if shutil.disk_usage(models_dir).free < needed:
        raise InvalidRequest(f"{name} needs about {needed / 1e9:.1f} GB below {models_dir}, and less is free.")
    staging = models_dir / f".{name}.partial"
    _download(entry.repository, entry.patterns, staging)
    shutil.rmtree(staging / ".cache", ignore_errors=True)
    if recognise(staging) is None:
        raise Unavailable(f"What the hub gave for {name} is not a complete model. Try again later.")
    staging.rename(target)
    complete = recognise(target)
    assert complete is not None
    return complete


def _download(repository: str, patterns: tuple[str, ...], folder: Path) -> None:
    from huggingface_hub import snapshot_download

    try:
        snapshot_download(repository, local_dir=folder, allow_patterns=list(patterns), etag_timeout=20)
    except Exception as error:  # the client raises kinds of several libraries, depending on what failed
        why = (
            "HF_HUB_OFFLINE is set" if os.environ.get("HF_HUB_OFFLINE", "0") not in ("", "0") else type(error).__name__
        )
        raise Unavailable(
            f"{repository} could not be fetched from the hub ({why}). What has arrived is kept, so trying again goes "
            f"on from there. On a machine without a network, copy the files {', '.join(patterns)} of {repository} "
            f"to {folder.with_name(folder.name.removeprefix('.').removesuffix('.partial'))}.",
            code="model_unavailable",
        ) from error
