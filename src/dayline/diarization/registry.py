"""Names of voice encoders, and how each is loaded."""

from __future__ import annotations

from collections.abc import Callable

from dayline.diarization.fake import FakeEmbedder
from dayline.diarization.ge2e import Ge2eEmbedder
from dayline.diarization.ports import VoiceEmbedder
from dayline.domain.errors import InvalidRequest

DEFAULT = "ge2e"

_LOADERS: dict[str, Callable[[], VoiceEmbedder]] = {
    "ge2e": Ge2eEmbedder,
    "fake": FakeEmbedder,
}


def names() -> list[str]:
    """Return the names that `load` knows."""
    return sorted(_LOADERS)


def load(name: str = DEFAULT) -> VoiceEmbedder:
    """Return the voice encoder of that name; `auto` is the one that ships. Raises `InvalidRequest` for other names."""
    loader = _LOADERS.get(DEFAULT if name == "auto" else name)
    if loader is None:
        raise InvalidRequest(f"There is no voice encoder {name!r}. Known are: {', '.join(names())}.")
    return loader()
