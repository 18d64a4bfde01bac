"""Transcript as arrays: one row per utterance, without lines that a recogniser hallucinated over silence."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dayline.domain.transcript import Transcript, Utterance

F = NDArray[np.float64]
I = NDArray[np.int64]  # noqa: E741 - beside F, as the arrays of the detector are named

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?|\$|\d+")

# Recognisers hallucinate such lines over silence and noise; isolated in a quiet minute they are not speech.
_GHOST = re.compile(
    r"^\W*(you|bye( bye)?|okay|thanks?( you)?( (so|very) much)?( for (watching|listening))?|please subscribe.*|"
    r"subtitles by.*|captions by.*|\[?\(?music\)?\]?|so,? let's go|i'm going to go ahead and do that)\W*$",
    re.IGNORECASE,
)
_GHOST_QUIET_SECONDS = 6.0


@dataclass(frozen=True, slots=True)
class UtteranceArrays:
    """Utterances of a recording as arrays of length n, ordered by start.

    Attributes:
        start: start of each utterance in seconds of the recording.
        end: end of each utterance in seconds of the recording.
        voice: index into `voices`, -1 where the line has no label.
        voices: speaker labels, sorted.
        texts: text per utterance.
        tokens: lower case words per utterance.
        words: number of words per utterance, at least 1.
        begin_seconds: start of the recording.
        finish_seconds: end of the recording.
    """

    start: F
    end: F
    voice: I
    voices: tuple[str, ...]
    texts: tuple[str, ...]
    tokens: tuple[tuple[str, ...], ...]
    words: F
    begin_seconds: float
    finish_seconds: float

    def __len__(self) -> int:
        return len(self.start)

    @property
    def has_voices(self) -> bool:
        """Whether at least half of the lines carry a label and there are two labels or more."""
        return len(self.voices) > 1 and bool((self.voice >= 0).mean() > 0.5)

    @property
    def talk(self) -> F:
        """Return the seconds of speech per utterance, at least 0.2."""
        return np.maximum(self.end - self.start, 0.2)


def tokenize(text: str) -> tuple[str, ...]:
    """Return the lower-case words of a line; numbers and the dollar sign are separate words."""
    return tuple(_WORD.findall(text.lower().replace("’", "'")))


def load(transcript: Transcript) -> UtteranceArrays:
    """Turn a transcript into arrays; drop empty lines and lines hallucinated over silence."""
    kept = [u for u in sorted(transcript.utterances, key=lambda u: (u.start_seconds, u.end_seconds)) if u.text.strip()]
    kept = [u for i, u in enumerate(kept) if not _is_ghost(kept, i)]
    begin, finish = transcript.start_seconds, transcript.start_seconds + transcript.duration_seconds
    names = sorted({u.speaker for u in kept if u.speaker})
    index = {name: i for i, name in enumerate(names)}
    tokens = tuple(tokenize(u.text) for u in kept)
    start = np.array([min(max(u.start_seconds, begin), finish) for u in kept], dtype=np.float64)
    end = np.array([min(max(u.end_seconds, u.start_seconds), finish) for u in kept], dtype=np.float64)
    return UtteranceArrays(
        start=start,
        end=np.maximum(end, start),
        voice=np.array([index[u.speaker] if u.speaker else -1 for u in kept], dtype=np.int64),
        voices=tuple(names),
        texts=tuple(u.text for u in kept),
        tokens=tokens,
        words=np.array([max(1, len(t)) for t in tokens], dtype=np.float64),
        begin_seconds=begin,
        finish_seconds=finish,
    )


def _is_ghost(lines: list[Utterance], i: int) -> bool:
    u = lines[i]
    before = u.start_seconds - max((v.end_seconds for v in lines[max(0, i - 3) : i]), default=-1e9)
    after = lines[i + 1].start_seconds - u.end_seconds if i + 1 < len(lines) else 1e9
    if min(before, after) < _GHOST_QUIET_SECONDS:
        return False
    if _GHOST.match(u.text.strip()):
        return True
    return u.confidence is not None and u.confidence < 0.3 and len(u.text.split()) <= 3
