"""A finished transcript from a partner's address, read with the same care as a recording."""

from __future__ import annotations

import json
from typing import Any

import httpx2

from dayline.domain.errors import InvalidRecording
from dayline.domain.transcript import Transcript, Utterance, Word
from dayline.logs import safe_url

_MAX_BYTES = 32 * 1024 * 1024
_TRIES = 3
_FORM = (
    'The transcript must be JSON with "utterances": [{"start", "end", "text" or "transcript", "speaker"?, "words"?}], '
    "times in seconds."
)


def fetch_transcript(url: str, client: httpx2.Client) -> Transcript:
    """Fetch and read a transcript. Raises InvalidRecording with what to do about it."""
    try:
        return read_transcript(json.loads(_fetch(url, client)))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidRecording(f"The transcript at {safe_url(url)} cannot be read. {_FORM}") from error


def _fetch(url: str, client: httpx2.Client) -> bytes:
    trouble = ""
    for _ in range(_TRIES):
        try:
            with client.stream("GET", url) as answer:
                if answer.is_success:
                    return _body(answer)
                trouble = f"it answered {answer.status_code}"
        except httpx2.TransportError as error:
            trouble = type(error).__name__
    raise InvalidRecording(f"The transcript at {safe_url(url)} could not be fetched: {trouble}.")


def _body(answer: httpx2.Response) -> bytes:
    body = bytearray()
    for piece in answer.iter_bytes():
        body += piece
        if len(body) > _MAX_BYTES:
            raise InvalidRecording(f"The transcript is larger than {_MAX_BYTES // 1024 // 1024} MiB.")
    return bytes(body)


def read_transcript(data: dict[str, Any]) -> Transcript:
    """Read the form that `GET /v1/analyses/{id}` shows transcripts in. Raises ValueError, KeyError or TypeError."""
    utterances = tuple(sorted((_utterance(u) for u in data["utterances"]), key=lambda u: u.start_seconds))
    if not utterances:
        raise ValueError("no utterances")
    return Transcript(
        utterances,
        duration_seconds=float(data.get("duration_seconds") or utterances[-1].end_seconds),
        language=data.get("language"),
        engine="partner",
    )


def _utterance(item: dict[str, Any]) -> Utterance:
    start, end = float(item["start"]), float(item["end"])
    if not 0 <= start <= end:
        raise ValueError("times out of order")
    text = str(item.get("text") or item["transcript"])
    speaker = item.get("speaker")
    words = tuple(
        Word(str(w["word"]), float(w["start"]), float(w["end"]), w.get("confidence"), w.get("speaker") or speaker)
        for w in item.get("words") or []
    )
    return Utterance(
        start, end, text, None if speaker is None else str(speaker), words=words or _spread(text, start, end)
    )


def _spread(text: str, start: float, end: float) -> tuple[Word, ...]:
    pieces = text.split()
    step = (end - start) / max(1, len(pieces))
    return tuple(Word(p, start + i * step, start + (i + 1) * step) for i, p in enumerate(pieces))
