"""Read transcript files as `Transcript`: Dayline's own JSON, Whisper, WhisperX, WebVTT, SubRip."""

from __future__ import annotations

import html
import json
import math
import re
from pathlib import Path
from typing import Any

from dayline.domain.json_types import is_array, is_object
from dayline.domain.transcript import Transcript, Utterance, Word

_CUE_TIMES = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{2})[.,](\d{1,3})\s*-->\s*(?:(\d+):)?(\d{1,2}):(\d{2})[.,](\d{1,3})")
_VTT_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
_VTT_TAG = re.compile(r"<[^>]*>")
_SRT_TAG = re.compile(r"</?(?:[biu]|font)\b[^>]*>", re.IGNORECASE)
_NAMED_SPEAKER = re.compile(r"^\s*\[?(SPEAKER_\d+|REP)\]?:\s+")


def read_transcript(path: str | Path, *, duration_seconds: float | None = None) -> Transcript:
    """Read a transcript file; the format is detected from its contents.

    duration_seconds: length of the recording. Defaults to the length given in the file or the end of the last
    utterance; the result then does not cover the rest of the recording.
    Raises ValueError when the file has none of the known formats; the message lists them.
    """
    return parse_transcript(Path(path).read_text(encoding="utf-8-sig"), duration_seconds=duration_seconds)


def parse_transcript(text: str, *, duration_seconds: float | None = None) -> Transcript:
    """Read a transcript from text. See `read_transcript`."""
    if text.lstrip()[:1] in ("{", "["):
        utterances, own_seconds = _from_json(text)
    elif "-->" in text:
        utterances, own_seconds = _from_captions(text), None
    else:
        raise ValueError(
            "This is no transcript that can be read. "
            "JSON of Dayline, Whisper or WhisperX, WebVTT or SubRip is expected."
        )
    utterances.sort(key=lambda u: (u.start_seconds, u.end_seconds))
    last_seconds = max((u.end_seconds for u in utterances), default=0.0)
    length_seconds = duration_seconds if duration_seconds is not None else (own_seconds or last_seconds)
    return Transcript(tuple(utterances), duration_seconds=max(length_seconds, last_seconds))


def _from_json(text: str) -> tuple[list[Utterance], float | None]:
    try:
        data: object = json.loads(text)
    except ValueError as error:
        raise ValueError(f"The transcript is not valid JSON: {error}.") from error
    if is_object(data) and is_object(data.get("transcript")):  # an analysis, or what `process` writes
        data = data["transcript"]
    own_seconds: float | None = None
    rows = data
    if is_object(data):
        rows = data.get("utterances", data.get("segments"))
        own_seconds = _seconds(data["duration_seconds"], "duration_seconds") if "duration_seconds" in data else None
    if not is_array(rows):
        raise ValueError("The JSON holds neither `utterances` (Dayline) nor `segments` (Whisper, WhisperX).")
    utterances = [u for number, row in enumerate(rows) if (u := _utterance(row, number)) is not None]
    if is_object(data) and "utterances" in data and is_array(listed := data.get("words")):
        utterances = _with_words(utterances, [w for row in listed if (w := _word(row)) is not None])
    return utterances, own_seconds


def _utterance(row: object, number: int) -> Utterance | None:
    if not is_object(row) or "text" not in row:
        raise ValueError(f"Segment {number} has no `text`.")
    text = " ".join(str(row["text"]).split())
    if not text:
        return None
    listed = row.get("words")
    words = tuple(w for item in (listed if is_array(listed) else ()) if (w := _word(item)) is not None)
    start_seconds = _seconds(row.get("start", row.get("start_seconds")), f"start of segment {number}")
    end_seconds = _seconds(row.get("end", row.get("end_seconds")), f"end of segment {number}")
    if end_seconds < start_seconds:
        raise ValueError(f"Segment {number} ends at {end_seconds} s, before it starts at {start_seconds} s.")
    speaker = row.get("speaker")
    return Utterance(start_seconds, end_seconds, text, None if speaker is None else str(speaker), None, words)


def _word(row: object) -> Word | None:
    """Return a word, or None when the aligner gave it no time (WhisperX gives none to numbers)."""
    if not is_object(row) or row.get("start") is None or row.get("end") is None:
        return None
    text = str(row.get("word", row.get("text", ""))).strip()
    if not text:
        return None
    confidence = row.get("confidence", row.get("probability", row.get("score")))
    speaker = row.get("speaker")
    return Word(
        text,
        _seconds(row["start"], "start of a word"),
        _seconds(row["end"], "end of a word"),
        float(confidence) if isinstance(confidence, (int, float, str)) else None,
        None if speaker is None else str(speaker),
    )


def _with_words(utterances: list[Utterance], words: list[Word]) -> list[Utterance]:
    """Assign a flat list of words to the utterances that contain their midpoints."""
    words.sort(key=lambda w: w.start_seconds)
    out: list[Utterance] = []
    at = 0
    for u in sorted(utterances, key=lambda u: u.start_seconds):
        own: list[Word] = []
        while at < len(words) and (words[at].start_seconds + words[at].end_seconds) / 2 < u.end_seconds:
            if (words[at].start_seconds + words[at].end_seconds) / 2 >= u.start_seconds:
                own.append(words[at])
            at += 1
        out.append(Utterance(u.start_seconds, u.end_seconds, u.text, u.speaker, u.confidence, tuple(own)))
    return out


def _seconds(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or value < 0:
        raise ValueError(f"The {name} is {value!r}; seconds from the start of the recording are expected.")
    return float(value)


def _from_captions(text: str) -> list[Utterance]:
    utterances: list[Utterance] = []
    is_vtt = text.lstrip().startswith("WEBVTT")
    for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        lines = block.strip("\n").split("\n")
        times = next(((i, m) for i, line in enumerate(lines) if (m := _CUE_TIMES.search(line))), None)
        if times is None:
            continue  # the WEBVTT header, a NOTE, a STYLE
        index, match = times
        said = " ".join(line.strip() for line in lines[index + 1 :])
        voice = _VTT_VOICE.search(said)
        plain = html.unescape(_VTT_TAG.sub("", said)) if is_vtt else _SRT_TAG.sub("", said)
        named = _NAMED_SPEAKER.match(plain)
        speaker = voice[1].strip() if voice else named[1] if named else None
        plain = " ".join((plain[named.end() :] if named else plain).split())
        if plain:
            start_seconds, end_seconds = _cue_seconds(match.groups()[:4]), _cue_seconds(match.groups()[4:])
            utterances.append(Utterance(start_seconds, max(end_seconds, start_seconds), plain, speaker))
    return utterances


def _cue_seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, fraction = (part or "0" for part in parts)
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + int(fraction.ljust(3, "0")) / 1000
