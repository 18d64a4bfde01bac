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
        self.texts = {
            number: f"{number} [{_who(u.speaker, rep_label)}{_clock(u.start_seconds)}] {as_data(u.text)}"
            for number, u in self._utterances.items()
        }

    def said(self, line: int) -> str:
        """Return what a line says, empty for a number that is not there."""
        utterance = self._utterances.get(line)
        return utterance.text if utterance else ""

    def cite(self, line: int, words: str) -> Citation | None:
        """Return where the words stand: on that line or one beside it; None when they were not said there."""
        utterance = self._utterances.get(line)
        if utterance is None or not normalise(words):
            return None
        found = self._finder.find(words, utterance.start_seconds)
        if found is None or not self._is_near(line, found):
            return None
        return Citation(line, found)

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
