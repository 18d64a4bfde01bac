"""Transcripts and days as compact JSON, for storage between steps."""

from __future__ import annotations

from typing import Any

from typing_extensions import TypedDict

from dayline.domain.json_types import JsonObject
from dayline.domain.stored_json import StoredInterval, StoredReason
from dayline.domain.timeline import Conversation, Day, Interval, Reason
from dayline.domain.transcript import Transcript, Utterance, Word

Packed = list[Any]


def pack_utterances(utterances: tuple[Utterance, ...] | list[Utterance]) -> Packed:
    """Return utterances as nested lists, times in milliseconds."""
    return [
        [
            _ms(u.start_seconds),
            _ms(u.end_seconds),
            u.text,
            u.speaker,
            u.confidence,
            [[_ms(w.start_seconds), _ms(w.end_seconds), w.text, w.confidence, w.speaker] for w in u.words],
        ]
        for u in utterances
    ]


def unpack_utterances(packed: Packed) -> tuple[Utterance, ...]:
    """Undo `pack_utterances`."""
    return tuple(
        Utterance(
            start_seconds=start / 1000,
            end_seconds=end / 1000,
            text=text,
            speaker=speaker,
            confidence=confidence,
            words=tuple(Word(w[2], w[0] / 1000, w[1] / 1000, w[3], w[4]) for w in words),
        )
        for start, end, text, speaker, confidence, words in packed
    )


class PackedTranscript(TypedDict):
    """A transcript as plain JSON values; utterances as `pack_utterances` returns them."""

    utterances: Packed
    duration_seconds: float
    start_seconds: float
    language: str | None
    engine: str | None
    is_demo_quality: bool
    notes: JsonObject


def pack_transcript(transcript: Transcript) -> PackedTranscript:
    """Return a transcript as plain JSON values."""
    return {
        "utterances": pack_utterances(transcript.utterances),
        "duration_seconds": transcript.duration_seconds,
        "start_seconds": transcript.start_seconds,
        "language": transcript.language,
        "engine": transcript.engine,
        "is_demo_quality": transcript.is_demo_quality,
        "notes": transcript.notes,
    }


class PackedUtterances(TypedDict):
    """What was said, without single words: rows of [start in ms, end in ms, text, speaker, number of words]."""

    utterances: Packed
    duration_seconds: float


def without_words(packed: PackedTranscript) -> PackedUtterances:
    """Return the utterances of a packed transcript. Words are counted in the text where an utterance carries none."""
    return {
        "utterances": [
            [start, end, text, speaker, len(words) or len(text.split())]
            for start, end, text, speaker, _confidence, words in packed["utterances"]
        ],
        "duration_seconds": packed["duration_seconds"],
    }


def unpack_transcript(packed: PackedTranscript) -> Transcript:
    """Undo `pack_transcript`."""
    return Transcript(
        utterances=unpack_utterances(packed["utterances"]),
        duration_seconds=packed["duration_seconds"],
        start_seconds=packed["start_seconds"],
        language=packed["language"],
        engine=packed["engine"],
        is_demo_quality=packed["is_demo_quality"],
        notes=packed["notes"],
    )


def unpack_between(packed: PackedTranscript, start_seconds: float, end_seconds: float) -> Transcript:
    """Return the transcript between two times, as `unpack_transcript` and `slice` do, without unpacking the rest."""
    near = [line for line in packed["utterances"] if line[1] > start_seconds * 1000 and line[0] < end_seconds * 1000]
    return unpack_transcript({**packed, "utterances": near}).slice(start_seconds, end_seconds)


def reasons_json(reasons: tuple[Reason, ...]) -> list[StoredReason]:
    """Return reasons as the API shows them."""
    return [
        {"about": r.about, "text": r.text, "at_seconds": round(r.at_seconds, 2), "weight": round(r.weight, 3)}
        for r in reasons
    ]


def timeline_json(timeline: tuple[Interval, ...] | list[Interval]) -> list[StoredInterval]:
    """Return a timeline as the API shows it."""
    return [
        {
            "start_seconds": round(s.start_seconds, 3),
            "end_seconds": round(s.end_seconds, 3),
            "label": s.label,
            "reasons": reasons_json(s.reasons),
        }
        for s in timeline
    ]


def conversation_json(found: Conversation) -> JsonObject:
    """Return a conversation of the detector as plain JSON values."""
    return {
        "start_seconds": round(found.start_seconds, 3),
        "end_seconds": round(found.end_seconds, 3),
        "kind": found.kind,
        "confidence": round(found.confidence, 4),
        "reasons": reasons_json(found.reasons),
    }


def other_conversations_json(day: Day) -> list[JsonObject]:
    """Return the conversations that are not with customers."""
    return [conversation_json(c) for c in day.conversations if c.kind != "customer"]


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
