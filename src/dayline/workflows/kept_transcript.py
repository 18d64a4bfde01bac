"""Read the transcript that an ended analysis keeps, to score it again: its session and the documents of it are gone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dayline.domain.transcript import Transcript, Utterance, Word


def read_kept(transcript: Mapping[str, Any], result: Mapping[str, Any] | None, *, language: str | None) -> Transcript:
    """Return a transcript from what `transcript_json` has written and the analysis that was made of it.

    language: what the request named; the usage of the analysis has what was recognised.
    """
    usage: Mapping[str, Any] = (result or {}).get("usage") or {}
    lines: Sequence[Mapping[str, Any]] = transcript["utterances"]
    words = [
        Word(row["word"], float(row["start"]), float(row["end"]), row["confidence"], row["speaker"])
        for row in transcript["words"]
    ]
    rep_confidence = usage.get("rep_confidence")
    return Transcript(
        utterances=tuple(
            Utterance(float(line["start"]), float(line["end"]), line["text"], line["speaker"], words=tuple(said))
            for line, said in zip(lines, _words_of(lines, words), strict=True)
        ),
        duration_seconds=float(transcript["duration_seconds"]),
        language=usage.get("language") or language,
        engine=usage.get("transcriber"),
        is_demo_quality=bool(usage.get("is_demo_quality")),
        notes={} if rep_confidence is None else {"rep_confidence": rep_confidence},
    )


def _words_of(lines: Sequence[Mapping[str, Any]], words: Sequence[Word]) -> Iterator[list[Word]]:
    """Return the words of each utterance: as many as its text has, or those of its time where the numbers differ."""
    counts = [len(line["text"].split()) for line in lines]
    at = 0
    for number, line in enumerate(lines):
        if sum(counts) == len(words):
            following = at + counts[number]
        else:
            following = at
            while following < len(words) and words[following].start_seconds < line["end"]:
                following += 1
        yield list(words[at:following])
        at = following
