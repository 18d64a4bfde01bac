"""Scripted days and calls of the sandbox, with times and speakers in place of sound.

They pass the same steps as a recording; only transcription is replaced.
"""

from __future__ import annotations

import json
import math
from functools import cache
from importlib import resources
from typing import TypedDict

import numpy as np

from dayline.audio.waveform import POINT_SECONDS, Peaks
from dayline.domain.errors import InvalidRecording
from dayline.domain.transcript import Transcript, Utterance, Word

MOCK_ENGINE = "mock"
DAYS = ("three-conversations", "no-conversation", "single-call", "back-to-back", "failing-recording")
CALLS = ("perfect-pitch", "average-pitch", "poor-pitch")


def mock_day(url: str) -> Transcript:
    """Return the transcript of a scripted day. Raises InvalidRecording for the failing one and for unknown names."""
    name = url.removeprefix("mock://")
    if name == "failing-recording":
        raise InvalidRecording(
            "This made-up recording cannot be read, as its name says. A real one would need a reachable https:// "
            "address of an audio file."
        )
    return _read(name, DAYS)


def mock_call(url: str) -> Transcript:
    """Return the transcript of a scripted call. Raises InvalidRecording for unknown names."""
    return _read(url.removeprefix("mock://"), CALLS)


def mock_peaks(heard: Transcript) -> Peaks:
    """Return a waveform for a scripted day: loudness by word length, silence between words."""
    values = np.zeros(math.ceil(heard.duration_seconds / POINT_SECONDS), np.uint16)
    for utterance in heard.utterances:
        for word in utterance.words:
            first, last = (round(at / POINT_SECONDS) for at in (word.start_seconds, word.end_seconds))
            values[first : max(last, first + 1)] = min(30_000, 4_000 + 2_000 * len(word.text))
    return Peaks(POINT_SECONDS, values)


@cache
def _read(name: str, known: tuple[str, ...]) -> Transcript:
    if name not in known:
        raise InvalidRecording(
            f"There is no made-up recording mock://{name}. There are: {', '.join(f'mock://{k}' for k in known)}.",
            known=list(known),
        )
    text = (
        resources.files("dayline.workflows.sandbox").joinpath("mock_days", f"{name}.json").read_text(encoding="utf-8")
    )
    script = json.loads(text)
    return Transcript(
        utterances=tuple(_utterance(line) for line in script["lines"]),
        duration_seconds=float(script["duration_seconds"]),
        language="en",
        engine=MOCK_ENGINE,
    )


class _Line(TypedDict):
    start_seconds: float
    end_seconds: float
    text: str
    speaker: str | None


def _utterance(line: _Line) -> Utterance:
    words = line["text"].split()
    start, end = line["start_seconds"], line["end_seconds"]
    step = (end - start) / max(1, len(words))
    return Utterance(
        start_seconds=start,
        end_seconds=end,
        text=" ".join(words),
        speaker=line["speaker"],
        confidence=0.95,
        words=tuple(
            Word(w, round(start + i * step, 3), round(start + (i + 1) * step, 3), 0.95, line["speaker"])
            for i, w in enumerate(words)
        ),
    )
