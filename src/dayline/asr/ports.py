"""What a speech recogniser must do for Dayline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from dayline.domain.clip import Clip
from dayline.domain.errors import DaylineError
from dayline.domain.transcript import Utterance


@dataclass(frozen=True, slots=True)
class Limits:
    """What an engine can take and what it gives back."""

    max_clip_seconds: float
    languages: tuple[str, ...] | None
    """BCP 47 primary tags, or None for "many, and it detects them itself"."""
    gives_words: bool
    gives_word_confidence: bool
    gives_speakers: bool
    is_remote: bool
    is_demo_quality: bool = False


class Transcriber(Protocol):
    """Turns clips of speech into utterances on the recording's clock.

    One utterance per clip that holds words (one per voice in a row where `limits.gives_speakers`); clips
    without words give nothing. Utterances are ordered, lie inside their clip, and never hold text for
    sound that the engine itself calls non-speech.
    """

    @property
    def name(self) -> str:
        """`engine:model`, as usage reports it."""
        ...

    @property
    def limits(self) -> Limits:
        """What the engine can take."""
        ...

    def transcribe(self, clips: Sequence[Clip], language: str | None = None) -> list[Utterance]:
        """Recognise clips of at most `limits.max_clip_seconds`, ordered and not overlapping.

        Raises `Unavailable` when it should be tried again, `EngineMisconfigured` when that cannot help,
        `InvalidRequest` for a clip that is too long or a language the engine does not speak.
        """
        ...


@runtime_checkable
class DetectsLanguage(Protocol):
    """An engine that can tell which language each clip is in."""

    def detect_languages(self, clips: Sequence[Clip]) -> list[str | None]:
        """Return the primary tag of each clip, judged together with its neighbours; None where nothing tells it."""
        ...


@runtime_checkable
class CountsDrops(Protocol):
    """An engine that itself drops lines that it invented over non-speech, and says how many and where."""

    @property
    def dropped_lines(self) -> int:
        """Lines dropped since the engine was loaded."""
        ...

    def take_non_speech(self) -> frozenset[float]:
        """Return the starts in seconds of the clips held for non-speech since the last call, and forget them."""
        ...


class EngineMisconfigured(DaylineError):
    """The engine cannot work as it is set up; the message says what the operator can do. Trying again will not help."""

    status = 500
    default_code = "engine_misconfigured"
