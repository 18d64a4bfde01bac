"""Fetch a finished transcript from a partner's address and validate it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import httpx2

from dayline.domain.errors import InvalidRecording
from dayline.domain.transcript import Transcript, Utterance, Word
from dayline.logs import safe_url
from dayline.security.untrusted_json import BadJson, JsonLimits, parse_json

MAX_SECONDS = 24 * 3600.0
MAX_UTTERANCES = 50_000
_LIMITS = JsonLimits(max_values=3_000_000, max_depth=20)
_MAX_BYTES = 32 * 1024 * 1024
_MAX_WORDS = 300_000
_MAX_TEXT_CHARACTERS = 20_000
_MAX_NAME_CHARACTERS = 200
_ATTEMPTS = 3
_FORM = (
    'The transcript must be JSON with "utterances": [{"start", "end", "text" or "transcript", "speaker"?, "words"?}], '
    "times in seconds."
)


def fetch_transcript(url: str, client: httpx2.Client) -> Transcript:
    """Fetch and read a transcript. Raises InvalidRecording with what to do about it."""
    try:
        return read_transcript(parse_json(_fetch(url, client), _LIMITS))
    except BadJson as error:
        raise InvalidRecording(f"The transcript at {safe_url(url)} {error}. {_FORM}") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InvalidRecording(f"The transcript at {safe_url(url)} cannot be read. {_FORM}") from error


def _fetch(url: str, client: httpx2.Client) -> bytes:
    reason = ""
    for _ in range(_ATTEMPTS):
        try:
            with client.stream("GET", url) as answer:
                if answer.is_success:
                    return _body(answer)
                reason = f"it answered {answer.status_code}"
        except httpx2.TransportError as error:
            reason = type(error).__name__
        except (httpx2.InvalidURL, UnicodeError) as error:
            raise InvalidRecording(f"The address of the transcript, {safe_url(url)}, is not a valid URL.") from error
    raise InvalidRecording(f"The transcript at {safe_url(url)} could not be fetched: {reason}.")


def _body(answer: httpx2.Response) -> bytes:
    body = bytearray()
    for piece in answer.iter_bytes():
        body += piece
        if len(body) > _MAX_BYTES:
            raise InvalidRecording(f"The transcript is larger than {_MAX_BYTES // 1024 // 1024} MiB.")
    return bytes(body)


def read_transcript(data: Mapping[str, Any]) -> Transcript:
    """Read the form that `GET /v1/analyses/{id}` shows transcripts in. Raises ValueError, KeyError or TypeError."""
    items = cast(list[Any], data["utterances"])
    if not items or len(items) > MAX_UTTERANCES:
        raise ValueError("no utterances, or too many")
    utterances = tuple(sorted((_utterance(item) for item in items), key=lambda u: u.start_seconds))
    if sum(len(u.words) for u in utterances) > _MAX_WORDS:
        raise ValueError("too many words")
    end_seconds = max(u.end_seconds for u in utterances)
    language = data.get("language")
    return Transcript(
        utterances,
        duration_seconds=max(end_seconds, _seconds(data.get("duration_seconds") or 0.0)),
        language=None if language is None else _text(language, _MAX_NAME_CHARACTERS),
        engine="partner",
    )


def _utterance(item: Mapping[str, Any]) -> Utterance:
    start, end = _span(item)
    text = _text(item.get("text") or item["transcript"], _MAX_TEXT_CHARACTERS)
    speaker = _speaker(item)
    words = tuple(
        Word(_text(word["word"], _MAX_NAME_CHARACTERS), *_span(word), _confidence(word), _speaker(word) or speaker)
        for word in cast("list[Mapping[str, Any]]", item.get("words") or [])
    )
    return Utterance(start, end, text, speaker, words=words or _spread(text, start, end))


def _span(item: Mapping[str, Any]) -> tuple[float, float]:
    start, end = _seconds(item["start"]), _seconds(item["end"])
    if start > end:
        raise ValueError("times out of order")
    return start, end


def _seconds(value: Any) -> float:
    """Return a time in seconds. Raises ValueError outside of 0 to MAX_SECONDS, NaN included."""
    seconds = float(value)
    if not 0 <= seconds <= MAX_SECONDS:
        raise ValueError("a time outside of one day")
    return seconds


def _confidence(word: Mapping[str, Any]) -> float | None:
    value = word.get("confidence")
    if value is None:
        return None
    confidence = float(value)
    if not 0 <= confidence <= 1:
        raise ValueError("a confidence outside of 0 to 1")
    return confidence


def _speaker(item: Mapping[str, Any]) -> str | None:
    value = item.get("speaker")
    return None if value is None else _text(value, _MAX_NAME_CHARACTERS)


def _text(value: Any, max_characters: int) -> str:
    if not isinstance(value, (str, int)) or len(text := str(value)) > max_characters:
        raise ValueError("a text is missing or too long")
    return text


def _spread(text: str, start: float, end: float) -> tuple[Word, ...]:
    """Return the words of a text, spread evenly over its time."""
    pieces = text.split()
    step = (end - start) / max(1, len(pieces))
    return tuple(Word(p, start + i * step, start + (i + 1) * step) for i, p in enumerate(pieces))
