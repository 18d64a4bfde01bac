"""Main language of a recording, from the languages of its chunks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def main_language(chunks: Iterable[tuple[Mapping[str, float], str | None, float]]) -> str | None:
    """Return the language with most seconds of speech, None when no chunk has one.

    chunks: for each its seconds of speech by language, the language it was named as a whole, and its seconds of speech;
    the last two count where the first is empty, as with engines that detect one language per chunk.
    """
    seconds: dict[str, float] = {}
    for by_language, named, speech_seconds in chunks:
        spoken = dict(by_language) or ({named: speech_seconds} if named else {})
        for language, length in spoken.items():
            seconds[language] = seconds.get(language, 0.0) + length
    return max(sorted(seconds), key=lambda language: seconds[language]) if seconds else None
