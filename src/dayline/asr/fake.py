"""A scripted recogniser for tests of everything above the port."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dayline.asr.clips import is_audible, refuse_unfit, utterance_in
from dayline.asr.ports import EngineMisconfigured, Limits
from dayline.domain.clip import Clip
from dayline.domain.transcript import Utterance, Word

_AUDIBLE_PEAK = 300
_SECONDS_PER_WORD = 0.4


class FakeTranscriber:
    """Answers with the words of a script that lie inside each clip, or, without a script, with counted words.

    script: words on the recording's clock. delay_seconds: how long each clip takes. max_clip_seconds, language:
    values of the limits and of language detection. Silent clips never get text.
    """

    def __init__(
        self,
        script: Sequence[Word] | None = None,
        *,
        delay_seconds: float = 0.0,
        max_clip_seconds: float = 30.0,
        language: str | None = "en",
    ) -> None:
        self._script = None if script is None else sorted(script, key=lambda w: w.start_seconds)
        self._delay_seconds = delay_seconds
        self._language = language
        self._limits = Limits(
            max_clip_seconds=max_clip_seconds,
            languages=None,
            gives_words=True,
            gives_word_confidence=True,
            gives_speakers=False,
            is_remote=False,
            is_demo_quality=True,
        )
        self.calls: list[tuple[list[Clip], str | None]] = []
        """Every call so far: the clips and the language asked for."""

    @classmethod
    def from_file(cls, path: Path) -> FakeTranscriber:
        """Read a script: JSON with `lines` of {start_seconds, end_seconds, text} and optional `delay_seconds`,
        `max_clip_seconds`, `language`. The words of a line are spread evenly over it."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise EngineMisconfigured(f"The script {path.name} of the fake engine cannot be read as JSON.") from error
        options = {k: data[k] for k in ("delay_seconds", "max_clip_seconds", "language") if k in data}
        script = [w for line in data["lines"] for w in _spread(line)] if "lines" in data else None
        return cls(script, **options)

    @property
    def name(self) -> str:
        """`fake:scripted` or `fake:counted`."""
        return "fake:counted" if self._script is None else "fake:scripted"

    @property
    def limits(self) -> Limits:
        """What the constructor was told."""
        return self._limits

    def detect_languages(self, clips: Sequence[Clip]) -> list[str | None]:
        """Return the language the constructor was told, for every clip."""
        return [self._language] * len(clips)

    def transcribe(self, clips: Sequence[Clip], language: str | None = None) -> list[Utterance]:
        """Answer from the script."""
        refuse_unfit(clips, language, self._limits)
        self.calls.append((list(clips), language))
        answers: list[Utterance] = []
        for clip in clips:
            if self._delay_seconds:
                time.sleep(self._delay_seconds)
            if not is_audible(clip) or int(np.abs(clip.samples.astype(np.int32)).max()) < _AUDIBLE_PEAK:
                continue
            utterance = utterance_in(clip, self._words_of(clip))
            if utterance is not None:
                answers.append(utterance)
        return answers

    def _words_of(self, clip: Clip) -> list[Word]:
        if self._script is None:
            count = max(1, int((clip.end_seconds - clip.start_seconds) / _SECONDS_PER_WORD))
            starts = [clip.start_seconds + i * _SECONDS_PER_WORD for i in range(count)]
            return [Word(f"word{i + 1}", s, s + _SECONDS_PER_WORD, 0.9) for i, s in enumerate(starts)]
        return [
            w for w in self._script if clip.start_seconds <= (w.start_seconds + w.end_seconds) / 2 < clip.end_seconds
        ]


def _spread(line: dict[str, object]) -> list[Word]:
    texts = str(line["text"]).split()
    start, end = float(str(line["start_seconds"])), float(str(line["end_seconds"]))
    step = (end - start) / max(1, len(texts))
    return [Word(t, start + i * step, start + (i + 1) * step, 0.9) for i, t in enumerate(texts)]
