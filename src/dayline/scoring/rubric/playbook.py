"""Which of the playbook's points came up, by the words they are made of.

A point is a line of the playbook (a long paragraph gives one per sentence). It was touched when enough of its content
words were said close together; the quote is that place. This is a match of words: it shows where to look, and cannot
tell whether the point was made well.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dayline.domain.quotes import normalise
from dayline.scoring.rubric.keywords import content_words, is_content, is_instruction, stem
from dayline.scoring.rubric.phrase_matching import Quote, Talk, quote_for

MOST_POINTS = 60
_LONGEST_LINE_CHARS = 240
_WINDOW_WORDS = 40
_QUOTE_WORDS = 22
_SHORTEST_PRINCIPLE_WORDS = 5

_BULLET = re.compile(r"^\s*(?:[-*•–—>#]+|\(?\d{1,3}[.):]|\(?[a-zA-Z][.)])\s*")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_MARKUP = re.compile(r"[*_`#|]+")


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the playbook, as written, and the place that touches it (None: not found)."""

    text: str
    heard: int
    words: int
    quote: Quote | None

    @property
    def is_touched(self) -> bool:
        """True when enough of its words were said close together."""
        return self.quote is not None


def lines_of(playbook: str) -> tuple[str, ...]:
    """Return the playbook's statements in order, without bullets and marks; headings of one word are left out."""
    found: list[str] = []
    for line in playbook.splitlines():
        text = _MARKUP.sub("", _BULLET.sub("", line)).strip()
        parts = _SENTENCE.split(text) if len(text) > _LONGEST_LINE_CHARS else [text]
        found.extend(p.strip()[:_LONGEST_LINE_CHARS] for p in parts if len(p.split()) >= 2)
    return tuple(dict.fromkeys(found))


def vocabulary_of(playbook: str) -> frozenset[str]:
    """Return the stems of the playbook's content words."""
    return content_words(w for w in normalise(playbook) if not is_instruction(w))


def coverage(talk: Talk, playbook: str) -> tuple[Point, ...]:
    """Say for each point whether it came up in the rep's words (everybody's, where voices are not told apart)."""
    index = WordIndex(talk, talk.rep_turns)
    points: list[Point] = []
    for text in lines_of(playbook):
        wanted = content_words(w for w in normalise(text) if not is_instruction(w))
        if len(wanted) < 2:
            continue
        found = index.densest(wanted)
        enough = max(2, round(len(wanted) / 3))
        heard = found[0] if found else 0
        points.append(Point(text, heard, len(wanted), found[1] if found and heard >= enough else None))
        if len(points) == MOST_POINTS:
            break
    return tuple(points)


class WordIndex:
    """The content words of some turns by place, to find where several of a set stand together."""

    def __init__(self, talk: Talk, turns: Iterable[int]) -> None:
        self._talk = talk
        self._places: dict[str, list[tuple[int, int]]] = {}
        for number in turns:
            for i, word in enumerate(talk.turns[number].texts):
                if is_content(word):
                    self._places.setdefault(stem(word), []).append((number, i))

    def heard(self, wanted: frozenset[str]) -> frozenset[str]:
        """Return those of the stems that were said anywhere."""
        return frozenset(w for w in wanted if w in self._places)

    def densest(self, wanted: frozenset[str] | Mapping[str, str]) -> tuple[int, Quote] | None:
        """Return how many of the stems stand together at best, and the quote; None when none was said.

        A mapping names for each stem the matter it stands for; stems of one matter count once.
        """
        matters = wanted if isinstance(wanted, Mapping) else {w: w for w in wanted}
        marks = sorted((place, matter) for w, matter in matters.items() for place in self._places.get(w, ()))
        said = Counter(matter for _, matter in marks)
        best: tuple[tuple[int, float], int, int] | None = None
        last = 0
        for first in range(len(marks)):
            (turn, start), _ = marks[first]
            last = max(last, first)
            while last + 1 < len(marks) and _within(marks[last + 1][0], turn, start):
                last += 1
            together = {matter for _, matter in marks[first : last + 1]}
            # Among equals the rarer words tell more: "roof" is everywhere in a roofer's day, "deductible" is not.
            value = (len(together), sum(1 / said[m] for m in together))
            if best is None or value > best[0]:
                best = (value, first, last)
        if best is None:
            return None
        (count, _), first, last = best
        return count, self._quote([place for place, _ in marks[first : last + 1]])

    def _quote(self, places: Sequence[tuple[int, int]]) -> Quote:
        number, start = places[0]
        tokens = self._talk.turns[number].tokens
        low = max(0, start - 4)
        while low > 0 and not tokens[low].raw:
            low -= 1
        high = min(len(tokens), max(places[-1][1] + 3, low + 8), low + _QUOTE_WORDS)
        return quote_for(tokens[low:high])


def _within(place: tuple[int, int], turn: int, start: int) -> bool:
    return place[0] == turn and place[1] - start < _WINDOW_WORDS


def principle_for(playbook: str, about: Iterable[str]) -> str:
    """Return the line of the playbook that has most of these words in it, as written; empty when none has any."""
    wanted = frozenset(stem(w) for w in about)
    best, best_score = "", 0.0
    for line in lines_of(playbook):
        words = normalise(line)
        if len(words) < _SHORTEST_PRINCIPLE_WORDS:
            continue
        common = len(wanted.intersection(stem(w) for w in words))
        score = common / (4 + len(words)) ** 0.5  # a short line with the same words says it more plainly
        if common and score > best_score:
            best, best_score = line, score
    return best
