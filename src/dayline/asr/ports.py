"""Ports of speech recognition: the interfaces that engines implement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from dayline.domain.clip import Clip
from dayline.domain.errors import DaylineError
from dayline.domain.transcript import Utterance


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits and abilities of an engine."""

    max_clip_seconds: float
    languages: tuple[str, ...] | None
    """BCP 47 primary tags, or None for many languages, which the engine detects."""
    gives_words: bool
    gives_word_confidence: bool
    gives_speakers: bool
    is_remote: bool
    is_demo_quality: bool = False


class Transcriber(Protocol):
    """Turns clips of speech into utterances on the recording's clock.

    One utterance per clip that holds words (one per voice in a row where `limits.gives_speakers`); clips
    without words give nothing. Utterances are ordered, lie inside their clip, and never hold text for
    sound that the engine classifies as non-speech.
    """

    @property
    def name(self) -> str:
        """`engine:model`, as usage reports it."""
        ...

    @property
    def limits(self) -> Limits:
        """Limits and abilities of the engine."""
        ...

    def transcribe(self, clips: Sequence[Clip], language: str | None = None) -> list[Utterance]:
        """Recognise clips of at most `limits.max_clip_seconds`, ordered and not overlapping.

        Raises `Unavailable` when it should be tried again, `EngineMisconfigured` when that cannot help,
        `InvalidRequest` for a clip that is too long or an unsupported language.
        """
        ...


@runtime_checkable
class DetectsLanguage(Protocol):
    """An engine that detects the language of each clip."""

    def detect_languages(self, clips: Sequence[Clip]) -> list[str | None]:
        """Return the primary tag of each clip, decided together with its neighbours; None where unknown."""
        ...


@runtime_checkable
class CountsDrops(Protocol):
    """An engine that drops lines invented over non-speech, and counts them."""

    @property
    def dropped_lines(self) -> int:
        """Lines dropped since the engine was loaded."""
        ...

    def take_non_speech(self) -> frozenset[float]:
        """Return the starts (seconds) of the clips classified as non-speech since the last call, and clear the list."""
        ...


class EngineMisconfigured(DaylineError):
    """The configuration of the engine is wrong. The message tells the operator what to do; a retry does not help."""

    status = 500
    default_code = "engine_misconfigured"
