"""Find the speech models in a folder by their files, without loading them.

`missing_files` has the only list of the files of a model; listing, checking, installing and loading use it.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from dayline.asr.model_table import KnownModel, ModelEngine, ModelFile
from dayline.domain.json_types import JsonObject, is_array, is_object

_READ_BYTES = 1024 * 1024
_LANGUAGES_OF_LARGE_V3 = 100
"""Models with so many languages (large-v3 and its descendants) take 128 mel bands instead of 80."""


@dataclass(frozen=True, slots=True)
class FoundModel:
    """A complete model folder on this machine."""

    path: Path
    engine: ModelEngine
    model_type: str = ""
    """Type of an onnx-asr model, such as `nemo-conformer-tdt`."""
    quantization: str | None = None
    """Quantization of an onnx-asr model; None for full precision."""

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.path.name


def is_onnx_asr_installed() -> bool:
    """Return whether the `parakeet` extra is installed."""
    return find_spec("onnx_asr") is not None


def missing_files(folder: Path) -> tuple[str, ...] | None:
    """Return the files that a model folder lacks: () when it is complete, None when it is no model folder at all."""
    if not folder.is_dir():
        return None
    names = {p.name for p in folder.iterdir() if p.is_file()}
    config = _config(folder)
    model_type = str(config.get("model_type", ""))
    is_whisper = "model.bin" in names
    if not is_whisper and not model_type:
        return None
    needed = _whisper_files(config) if is_whisper else _onnx_files(model_type, names)
    return tuple(n for n in needed if not any(alternative in names for alternative in n.split("|")))


def recognise(folder: Path) -> FoundModel | None:
    """Return the complete model that a folder holds, or None."""
    if missing_files(folder) != ():
        return None
    names = {p.name for p in folder.iterdir()}
    if "model.bin" in names:
        return FoundModel(folder, "faster-whisper")
    model_type = str(_config(folder)["model_type"])
    return FoundModel(folder, "onnx-asr", model_type, _quantization(model_type, names))


def find_models(models_dir: Path | None) -> list[FoundModel]:
    """Return every model directly under `models_dir`, best first in the order in which `auto` takes them."""
    if models_dir is None or not models_dir.is_dir():
        return []
    found = [m for p in sorted(models_dir.iterdir()) if not p.name.startswith(".") and (m := recognise(p)) is not None]
    return sorted(found, key=_rank)


def wrong_files(folder: Path, entry: KnownModel) -> list[str]:
    """Return the files of a known model that are missing in `folder` or differ from the table."""
    return [f.name for f in entry.files if not is_intact(folder / f.name, f)]


def is_intact(path: Path, expected: ModelFile) -> bool:
    """Return whether a file has the size and SHA-256 of the table; what the table leaves open is not compared."""
    if not path.is_file():
        return False
    if expected.size_bytes is not None and path.stat().st_size != expected.size_bytes:
        return False
    return expected.sha256 is None or file_digest(path) == expected.sha256


def file_digest(path: Path, algorithm: str = "sha256", prefix: bytes = b"") -> str:
    """Return the hexadecimal digest of `prefix` and a file, read in blocks."""
    digest = hashlib.new(algorithm, prefix, usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(_READ_BYTES):
            digest.update(block)
    return digest.hexdigest()


_ONNX_PARTS = {
    "nemo-conformer-ctc": ("model",),
    "nemo-conformer-rnnt": ("encoder-model", "decoder_joint-model"),
    "nemo-conformer-tdt": ("encoder-model", "decoder_joint-model"),
    "nemo-conformer-aed": ("encoder-model", "decoder-model"),
}


def _whisper_files(config: JsonObject) -> tuple[str, ...]:
    files = ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt|vocabulary.json")
    languages = config.get("lang_ids")
    needs_mels = is_array(languages) and len(languages) >= _LANGUAGES_OF_LARGE_V3
    return (*files, "preprocessor_config.json") if needs_mels else files


def _onnx_files(model_type: str, names: set[str]) -> tuple[str, ...]:
    vocabulary = ("config.json", "vocab.txt|vocab.json")
    parts = _ONNX_PARTS.get(model_type)
    if parts is None:  # a kind whose files are not known here: onnx-asr looks for itself
        return vocabulary if any(n.endswith(".onnx") for n in names) else (*vocabulary, "model.onnx")
    if _has_all(parts, ".onnx", names):
        return vocabulary
    return (*vocabulary, *(f"{part}.int8.onnx" for part in parts))


def _quantization(model_type: str, names: set[str]) -> str | None:
    """Prefer int8 where a folder holds both."""
    return "int8" if _has_all(_ONNX_PARTS.get(model_type, ("model",)), ".int8.onnx", names) else None


def _has_all(parts: tuple[str, ...], ending: str, names: set[str]) -> bool:
    return all(f"{part}{ending}" in names for part in parts)


def _config(folder: Path) -> JsonObject:
    try:
        config: object = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return config if is_object(config) else {}


_WHISPER_SIZES = ("turbo", "large", "medium", "small", "base", "tiny")
_ONNX_ORDER = ("nemo-conformer-tdt", "nemo-conformer-rnnt", "nemo-conformer-ctc", "nemo-conformer-aed")


def _rank(model: FoundModel) -> tuple[int, int, bool, str]:
    """Parakeet transducers, then Parakeet of any kind, then other onnx models, then Whisper from large to tiny."""
    if model.engine == "onnx-asr":
        order = _ONNX_ORDER.index(model.model_type) if model.model_type in _ONNX_ORDER else len(_ONNX_ORDER)
        return 0, order, False, model.name
    tokens = re.split(r"[^a-z0-9]+", model.name.lower())
    size = next((i for i, s in enumerate(_WHISPER_SIZES) if s in tokens), len(_WHISPER_SIZES))
    return 1, size, "en" in tokens, model.name
