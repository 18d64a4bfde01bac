"""Farewells that answer a farewell at the end of a conversation.

A closing is an exchange: one side takes leave and the other answers (Schegloff and Sacks, "Opening up closings", 1973).
Boundaries are chosen by the words and voices around them, so an end may fall between the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dayline.detection.day_features import DayFeatures
from dayline.detection.features import dialogue_acts
from dayline.detection.features.candidates import Candidates

_ANSWER_SECONDS = 3.0
"""Longest pause between a farewell and its answer."""
_MOST_ANSWERS = 2
_LONGEST_ANSWER_WORDS = 15
_BYE, _GREET = dialogue_acts.INDEX["bye"], dialogue_acts.INDEX["greet"]


def with_answers(h: DayFeatures, chosen: Sequence[int]) -> Candidates:
    """Return the candidates of a day; reported ones that end with a farewell include the answers to it."""
    found = h.candidates
    last, end = found.last.copy(), found.end.copy()
    begins = sorted(int(found.first[i]) for i in chosen)
    for i in chosen:
        limit = next((first for first in begins if first > found.first[i]), len(h.utterances))
        for _ in range(_MOST_ANSWERS):
            if last[i] >= limit or not _answers(h, int(found.first[i]), int(last[i])):
                break
            end[i] = max(end[i], h.utterances.end[last[i]])
            last[i] += 1
    return replace(found, last=last, end=end)


def _answers(h: DayFeatures, first: int, line: int) -> bool:
    """Return whether a line answers the farewell in the line before it, which ends a conversation from `first` on."""
    u = h.utterances
    is_by_participant = u.voice[line] < 0 or u.voice[line] in u.voice[first:line]
    return bool(
        h.act_counts[line - 1, _BYE]
        and h.act_counts[line, _BYE]
        and not h.act_counts[line, _GREET]
        and u.words[line] <= _LONGEST_ANSWER_WORDS
        and u.start[line] - u.end[line - 1] <= _ANSWER_SECONDS
        and is_by_participant
    )
