"""Words that a recogniser may write instead of others: words of the same sound class, as often as people say them.

Sound classes are those of Soundex (Russell 1918): the first letter and the classes of the following consonants.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

_CLASS = {c: str(i) for i, letters in enumerate(("bfpv", "cgjkqsxz", "dt", "l", "mn", "r"), 1) for c in letters}


def sound(word: str) -> str:
    """First letter and classes of up to two later consonants."""
    letters = [c for c in word.lower() if c.isalpha()]
    if not letters:
        return ""
    out, last = letters[0], _CLASS.get(letters[0], "")
    for c in letters[1:]:
        k = _CLASS.get(c, "")
        if k and k != last:
            out += k
        last = k
    return out[:3]


class Confusions:
    """Draws the wrong word for a word. spoken: all words of the corpus, repeated as often as they are said."""

    def __init__(self, spoken: Sequence[str]) -> None:
        self._spoken = list(spoken)
        self._by_sound: dict[str, list[str]] = defaultdict(list)
        for w in self._spoken:
            self._by_sound[sound(w)].append(w)

    def draw(self, word: str, rng: np.random.Generator) -> str:
        """A word of the same sound where there is one, else any; weighted by how often it is said."""
        near = self._by_sound.get(sound(word), [])
        source = near if len(near) > 20 else self._spoken
        for _ in range(6):
            other = source[int(rng.integers(len(source)))]
            if other != word:
                return other
        return self._spoken[int(rng.integers(len(self._spoken)))]
