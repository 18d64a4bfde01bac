"""Voice encoders: how each is named, loaded, and told from others where its vectors are kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dayline.diarization.fake import FakeEmbedder
from dayline.diarization.ge2e import Ge2eEmbedder
from dayline.diarization.onnx_embedder import OnnxEmbedder, fingerprint
from dayline.diarization.ports import VoiceEmbedder
from dayline.domain.errors import InvalidRequest

DEFAULT = "ge2e"
SAME_VOICE = 0.7
"""Cosine of the means of two groups of windows from which they are mostly one voice; measured with CAM++."""

_LOADERS: dict[str, Callable[[], VoiceEmbedder]] = {
    "ge2e": Ge2eEmbedder,
    "fake": FakeEmbedder,
}
_FILE = "onnx:"


def names() -> list[str]:
    """Return the names that `load` knows beside models in files."""
    return sorted(_LOADERS)


def in_file(path: Path, same_voice: float = SAME_VOICE) -> str:
    """Return the name by which `load` finds a speaker model in an ONNX file."""
    return f"{_FILE}{same_voice:g}:{path.expanduser().absolute()}"


def load(name: str = DEFAULT) -> VoiceEmbedder:
    """Return the voice encoder of that name; `auto` is the one that ships. Raises `InvalidRequest` for other names."""
    if name.startswith(_FILE):
        same_voice, _, path = name.removeprefix(_FILE).partition(":")
        return OnnxEmbedder(Path(path), same_voice=float(same_voice))
    loader = _LOADERS.get(DEFAULT if name == "auto" else name)
    if loader is None:
        raise InvalidRequest(f"There is no voice encoder {name!r}. Known are: {', '.join(names())}, and ONNX files.")
    return loader()


def print_key(name: str) -> str:
    """Return what voice prints of an encoder are kept under: vectors of other weights mean nothing to it."""
    return fingerprint(Path(name.split(":", 2)[2])) if name.startswith(_FILE) else name
