"""Pass the transcript and the team's texts to a language model as data: numbered lines that their content cannot end
or forge.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dayline.domain.quotes import Found, QuoteFinder, normalise
from dayline.domain.transcript import Transcript

_ANGLES = str.maketrans({"<": "‹", ">": "›"})
_SPACES = re.compile(r"\s+")

ANY_LINE = 0
"""Line number of a quote that was given without one."""
LEAST_WORDS_ANYWHERE = 3
"""Least words of a quote without a line number."""


def as_data(text: str) -> str:
    """Return a text in one line, with its angle brackets replaced, so that it can neither end a block nor begin a
    line.
    """
    return _SPACES.sub(" ", text.translate(_ANGLES)).strip()


@dataclass(frozen=True, slots=True)
class Citation:
    """A place in the transcript: words as said with their times in seconds, and the number of their line."""

    line: int
    found: Found


class NumberedLines:
    """The utterances of a window with numbers, and the citations from them.

    Attributes:
        texts: the lines as the model sees them, by number.

    """

    def __init__(self, window: Transcript, rep_label: str | None, first: int = 1) -> None:
        self._utterances = {first + i: u for i, u in enumerate(window.utterances)}
        self._finder = QuoteFinder(window)
        self._rep_label = rep_label
        self.texts = {
            number: f"{number} [{_who(u.speaker, rep_label)}{_clock(u.start_seconds)}] {as_data(u.text)}"
            for number, u in self._utterances.items()
        }

    def said(self, line: int) -> str:
        """Return what a line says, empty for a number that is not there."""
        utterance = self._utterances.get(line)
        return utterance.text if utterance else ""

    def is_rep(self, line: int) -> bool | None:
        """Return whether the rep said a line; None where it is not known who did."""
        utterance = self._utterances.get(line)
        if utterance is None or utterance.speaker is None or self._rep_label is None:
            return None
        return utterance.speaker == self._rep_label

    def cite(self, line: int, words: str) -> Citation | None:
        """Return where the words stand: on that line or one beside it, on any line for the number 0; None when they
        were not said there.
        """
        if line == ANY_LINE:
            return self._cite_anywhere(words)
        utterance = self._utterances.get(line)
        if utterance is None or not normalise(words):
            return None
        found = self._finder.find(words, utterance.start_seconds)
        if found is None or not self._is_near(line, found):
            return None
        return Citation(self._line_of(found, line), found)

    def _cite_anywhere(self, words: str) -> Citation | None:
        """Return the first place of words without a line number. Short ones could stand anywhere and are refused."""
        found = self._finder.find(words) if len(normalise(words)) >= LEAST_WORDS_ANYWHERE else None
        return Citation(self._line_of(found, 1), found) if found else None

    def _line_of(self, found: Found, line: int) -> int:
        """Return the number of the line in which a place begins, `line` where none contains it."""
        holding = [n for n, u in self._utterances.items() if u.start_seconds <= found.start_seconds < u.end_seconds]
        return min(holding, key=lambda n: abs(n - line), default=line)

    def _is_near(self, line: int, found: Found) -> bool:
        """Return whether a place begins on this line or on one beside it."""
        near = [self._utterances[n] for n in (line - 1, line, line + 1) if n in self._utterances]
        return any(u.start_seconds - 0.5 <= found.start_seconds <= u.end_seconds + 0.5 for u in near)


def _who(speaker: str | None, rep_label: str | None) -> str:
    if speaker is None:
        return ""
    return "rep " if speaker == rep_label else f"{as_data(speaker)} "


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
