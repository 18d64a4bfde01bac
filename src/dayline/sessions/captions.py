"""Write a transcript as WebVTT, SubRip or plain text."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from dayline.domain.transcript import Transcript, Utterance

_MAX_CUE_SECONDS = 6.0
_MIN_CUE_SECONDS = 1.0
_LINE_COLUMNS = 42
"""Two lines of 42 columns: the limit of the BBC Subtitle Guidelines and of the Netflix Timed Text Style Guide."""
_SENTENCE_ENDS = (".", "?", "!", ",", ";", ":", "。", "？", "！", "、", "，")
_PARAGRAPH_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Cue:
    """One caption: short enough to be read while it is spoken."""

    start_seconds: float
    end_seconds: float
    speaker: str | None
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The caption on one line."""
        return " ".join(self.lines)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A word with what is written after it, and its times."""

    text: str
    start_seconds: float
    end_seconds: float


def to_vtt(transcript: Transcript) -> str:
    """Return WebVTT (W3C). Speakers are voice tags."""
    blocks = ["WEBVTT\n"]
    for cue in cues(transcript):
        text = "\n".join(map(_escaped, cue.lines))
        spoken = f"<v {_escaped(cue.speaker)}>{text}" if cue.speaker else text
        blocks.append(f"{_clock(cue.start_seconds, '.')} --> {_clock(cue.end_seconds, '.')}\n{spoken}\n")
    return "\n".join(blocks)


def to_srt(transcript: Transcript) -> str:
    """Return SubRip. Speakers stand before the text."""
    blocks: list[str] = []
    for number, cue in enumerate(cues(transcript), start=1):
        text = "\n".join(cue.lines)
        spoken = f"{cue.speaker}: {text}" if cue.speaker else text
        times = f"{_clock(cue.start_seconds, ',')} --> {_clock(cue.end_seconds, ',')}"
        blocks.append(f"{number}\n{times}\n{spoken}\n")
    return "\n".join(blocks)


def to_txt(transcript: Transcript) -> str:
    """Return plain text: a line per turn, with its time of day in the recording."""
    lines: list[str] = []
    last: Utterance | None = None
    for utterance in transcript.utterances:
        if not utterance.text.strip():
            continue
        goes_on = (
            last is not None
            and utterance.speaker == last.speaker
            and utterance.start_seconds - last.end_seconds < _PARAGRAPH_SECONDS
        )
        if goes_on:
            lines[-1] += " " + _line(utterance.text)
        else:
            speaker = f"{utterance.speaker}: " if utterance.speaker else ""
            lines.append(f"[{_clock(utterance.start_seconds, '.')[:8]}] {speaker}{_line(utterance.text)}")
        last = utterance
    return "\n".join(lines) + ("\n" if lines else "")


def cues(transcript: Transcript) -> list[Cue]:
    """Return captions in order: at most two lines of 42 columns and 6 s, shown for a second where there is room.

    Words without times get times by their share of the utterance's text.
    """
    found = [cue for utterance in transcript.utterances for cue in _cut(_pieces(utterance), utterance.speaker)]
    found.sort(key=lambda cue: cue.start_seconds)
    for index, cue in enumerate(found):
        following = found[index + 1].start_seconds if index + 1 < len(found) else float("inf")
        wanted_seconds = max(cue.end_seconds, min(cue.start_seconds + _MIN_CUE_SECONDS, following))
        found[index] = replace(cue, end_seconds=wanted_seconds)
    return found


def _pieces(utterance: Utterance) -> list[_Piece]:
    """Return the utterance's words as they are written in its text, with the blank or sign that follows each."""
    text = _line(utterance.text)
    if not utterance.words:
        parts = re.findall(r"\S+\s*", text)
        total = sum(map(len, parts)) or 1
        at, seconds, pieces = 0, utterance.end_seconds - utterance.start_seconds, list[_Piece]()
        for part in parts:
            start = utterance.start_seconds + seconds * at / total
            at += len(part)
            pieces.append(_Piece(part, start, utterance.start_seconds + seconds * at / total))
        return pieces
    starts: list[int] = []
    at = 0
    for word in utterance.words:
        found = text.find(_line(word.text), at)
        if found < 0:  # the text differs from its words
            return [_Piece(_line(w.text) + " ", w.start_seconds, w.end_seconds) for w in utterance.words]
        starts.append(found)
        at = found + len(_line(word.text))
    starts[0] = 0
    ends = [*starts[1:], len(text)]
    return [
        _Piece(text[a:b], w.start_seconds, max(w.end_seconds, w.start_seconds))
        for a, b, w in zip(starts, ends, utterance.words, strict=True)
    ]


def _cut(pieces: list[_Piece], speaker: str | None) -> list[Cue]:
    """Divide pieces into captions of even length that end where a sentence does, by dynamic programming."""
    costs: list[float] = [0.0]
    origins: list[int] = [0]
    for end in range(1, len(pieces) + 1):
        best, origin = float("inf"), end - 1
        for start in range(end - 1, -1, -1):
            lines = _wrap("".join(piece.text for piece in pieces[start:end]))
            seconds = pieces[end - 1].end_seconds - pieces[start].start_seconds
            if start < end - 1 and (lines is None or seconds > _MAX_CUE_SECONDS):
                break
            width = sum(map(_columns, lines or ()))
            is_end = end == len(pieces) or pieces[end - 1].text.rstrip().endswith(_SENTENCE_ENDS)
            cost = costs[start] + (1 - width / (2 * _LINE_COLUMNS)) ** 2 + (0.0 if is_end else 0.3)
            cost += 1.0 if seconds < _MIN_CUE_SECONDS else 0.0
            if cost < best:
                best, origin = cost, start
        costs.append(best)
        origins.append(origin)
    found: list[Cue] = []
    end = len(pieces)
    while end > 0:
        start = origins[end]
        text = "".join(piece.text for piece in pieces[start:end]).strip()
        lines = _wrap(text) or (text,)
        if text:
            found.append(Cue(pieces[start].start_seconds, pieces[end - 1].end_seconds, speaker, tuple(lines)))
        end = start
    return found[::-1]


def _wrap(text: str) -> tuple[str, ...] | None:
    """Return the text in one or two lines of even length, or None where it needs more."""
    text = text.strip()
    if _columns(text) <= _LINE_COLUMNS:
        return (text,)
    breaks = [match.end() for match in re.finditer(r"\s+", text)] or list(range(1, len(text)))
    fitting = [at for at in breaks if max(_columns(text[:at].rstrip()), _columns(text[at:].lstrip())) <= _LINE_COLUMNS]
    if not fitting:
        return None
    at = min(fitting, key=lambda at: abs(_columns(text[:at]) - _columns(text[at:])))
    return text[:at].rstrip(), text[at:].lstrip()


def _columns(text: str) -> int:
    """Return how wide a text is shown: East Asian wide characters take two columns."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _clock(seconds: float, mark: str) -> str:
    total_ms = max(0, round(seconds * 1000))
    minutes, ms = divmod(total_ms, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{ms // 1000:02d}{mark}{ms % 1000:03d}"


def _line(text: str) -> str:
    """Return text on one line: an empty line would end a caption early, an arrow would begin a new one."""
    return " ".join(text.split()).replace("-->", "→")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
