"""Which speech models are known by name, and which lie in a folder: told by their files, never by loading them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

ModelEngine = Literal["onnx-asr", "faster-whisper"]


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A model that `dayline models install` can fetch. `size_megabytes` is what it takes on disk, roughly."""

    name: str
    engine: ModelEngine
    repository: str
    patterns: tuple[str, ...]
    size_megabytes: int
    languages: str
    note: str


_WHISPER_FILES = ("model.bin", "config.json", "preprocessor_config.json", "tokenizer.json", "vocabulary.*")
_ONNX_INT8_FILES = ("config.json", "vocab.txt", "*.int8.onnx", "*.int8.onnx.data")

KNOWN_MODELS: tuple[KnownModel, ...] = (
    KnownModel(
        "parakeet-tdt-0.6b-v3",
        "onnx-asr",
        "istupakov/parakeet-tdt-0.6b-v3-onnx",
        _ONNX_INT8_FILES,
        670,
        "25 European languages",
        "recommended: fast on a plain CPU",
    ),
    KnownModel(
        "parakeet-tdt-0.6b-v2",
        "onnx-asr",
        "istupakov/parakeet-tdt-0.6b-v2-onnx",
        _ONNX_INT8_FILES,
        660,
        "English",
        "a little better than v3 for English only",
    ),
    KnownModel(
        "canary-1b-v2",
        "onnx-asr",
        "istupakov/canary-1b-v2-onnx",
        _ONNX_INT8_FILES,
        1030,
        "25 European languages",
        "needs the language to be given; no word times",
    ),
    KnownModel(
        "whisper-large-v3-turbo",
        "faster-whisper",
        "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
        _WHISPER_FILES,
        1620,
        "99 languages",
        "for a GPU; slow on a CPU",
    ),
    KnownModel(
        "whisper-small",
        "faster-whisper",
        "Systran/faster-whisper-small",
        _WHISPER_FILES,
        490,
        "99 languages",
        "usable on a CPU",
    ),
    KnownModel(
        "whisper-base",
        "faster-whisper",
        "Systran/faster-whisper-base",
        _WHISPER_FILES,
        150,
        "99 languages",
        "small and coarse",
    ),
)


@dataclass(frozen=True, slots=True)
class FoundModel:
    """A model folder on this machine. `quantization` is None for full precision, `model_type` for onnx-asr only."""

    path: Path
    engine: ModelEngine
    model_type: str = ""
    quantization: str | None = None

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.path.name


def known(name: str) -> KnownModel | None:
    """Return the known model of that name, or None."""
    return next((m for m in KNOWN_MODELS if m.name == name), None)


def is_onnx_asr_installed() -> bool:
    """Tell whether the `parakeet` extra is there."""
    return find_spec("onnx_asr") is not None


def recognise(folder: Path) -> FoundModel | None:
    """Say what model a folder holds, or None when it holds none that is complete."""
    if not folder.is_dir():
        return None
    names = {p.name for p in folder.iterdir()}
    if "model.bin" in names and "config.json" in names:
        has_vocabulary = bool({"vocabulary.json", "vocabulary.txt"} & names)
        return FoundModel(folder, "faster-whisper") if has_vocabulary else None
    return _recognise_onnx(folder, names)


def find_models(models_dir: Path | None) -> list[FoundModel]:
    """Return every model right under `models_dir`, best first in the order in which `auto` takes them."""
    if models_dir is None or not models_dir.is_dir():
        return []
    found = [m for p in sorted(models_dir.iterdir()) if not p.name.startswith(".") and (m := recognise(p)) is not None]
    return sorted(found, key=_rank)


_ONNX_PARTS = {
    "nemo-conformer-ctc": ("model",),
    "nemo-conformer-rnnt": ("encoder-model", "decoder_joint-model"),
    "nemo-conformer-tdt": ("encoder-model", "decoder_joint-model"),
    "nemo-conformer-aed": ("encoder-model", "decoder-model"),
}


def _recognise_onnx(folder: Path, names: set[str]) -> FoundModel | None:
    model_type = _model_type(folder)
    if not model_type or ("vocab.txt" not in names and "vocab.json" not in names):
        return None
    stems = _ONNX_PARTS.get(model_type)
    if stems is None:  # a kind whose files this table does not know: onnx-asr looks for itself
        return FoundModel(folder, "onnx-asr", model_type) if any(n.endswith(".onnx") for n in names) else None
    for quantization, ending in (("int8", ".int8.onnx"), (None, ".onnx")):
        if all(f"{stem}{ending}" in names for stem in stems):
            return FoundModel(folder, "onnx-asr", model_type, quantization)
    return None


def _model_type(folder: Path) -> str:
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    return str(config.get("model_type", "")) if isinstance(config, dict) else ""


_WHISPER_ORDER = ("large-v3-turbo", "turbo", "distil-large", "large", "medium", "small", "base", "tiny")


def _rank(model: FoundModel) -> tuple[int, int, str]:
    """Parakeet transducers, then Parakeet of any kind, then other onnx models, then Whisper from large to small."""
    if model.engine == "onnx-asr":
        order = ("nemo-conformer-tdt", "nemo-conformer-rnnt", "nemo-conformer-ctc", "nemo-conformer-aed")
        return 0, order.index(model.model_type) if model.model_type in order else len(order), model.name
    sizes = (i for i, size in enumerate(_WHISPER_ORDER) if size in model.name)
    return 1, next(sizes, len(_WHISPER_ORDER)), model.name
