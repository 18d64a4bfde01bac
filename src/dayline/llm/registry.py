"""Registry of analysts by name. Adapters are imported on first use."""

from __future__ import annotations

from collections.abc import Callable

from dayline.domain.reading import Reader
from dayline.llm.config import LanguageConfig
from dayline.llm.ports import Analyst


def _openai(config: LanguageConfig) -> Analyst:
    from dayline.llm.language_model import LanguageModelAnalyst

    return LanguageModelAnalyst(config)


def _fake(config: LanguageConfig) -> Analyst:  # noqa: ARG001 - the table's shape
    from dayline.llm.fake import FakeAnalyst

    return FakeAnalyst()


def _rubric(config: LanguageConfig) -> None:  # noqa: ARG001 - the table's shape
    # The rubric lives in `scoring`, above this package; the composition root supplies it.
    return None


_ANALYSTS: dict[str, Callable[[LanguageConfig], Analyst | None]] = {
    "rubric": _rubric,
    "openai": _openai,
    "fake": _fake,
}
NAMES = tuple(_ANALYSTS)


def load_analyst(config: LanguageConfig) -> Analyst | None:
    """Return the analyst of that name; None for "rubric", which the caller supplies. Raises ValueError else."""
    try:
        make = _ANALYSTS[config.name]
    except KeyError:
        raise ValueError(f"There is no analyst {config.name!r}; known are {', '.join(NAMES)}.") from None
    return make(config)


def load_reader(config: LanguageConfig) -> Reader | None:
    """Return a reader for the pages of one day; None without a language model."""
    if config.name != "openai":
        return None
    from dayline.llm.reader import ModelReader

    return ModelReader(config)
