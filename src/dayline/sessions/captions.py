"""A transcript as files that players and people read: WebVTT, SubRip and plain text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dayline.domain.transcript import Transcript, Utterance

_MAX_CUE_SECONDS = 6.0
_MAX_CUE_CHARACTERS = 84
_PARAGRAPH_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Cue:
    """One caption: short enough to be read while it is spoken."""

    start_seconds: float
    end_seconds: float
    speaker: str | None
    text: str


def to_vtt(transcript: Transcript) -> str:
    """Return WebVTT (W3C). Speakers are voice tags."""
    blocks = ["WEBVTT\n"]
    for cue in cues(transcript):
        text = _escaped(cue.text)
        spoken = f"<v {_escaped(cue.speaker)}>{text}" if cue.speaker else text
        blocks.append(f"{_clock(cue.start_seconds, '.')} --> {_clock(cue.end_seconds, '.')}\n{spoken}\n")
    return "\n".join(blocks)


def to_srt(transcript: Transcript) -> str:
    """Return SubRip. Speakers stand before the text."""
    blocks: list[str] = []
    for number, cue in enumerate(cues(transcript), start=1):
        spoken = f"{cue.speaker}: {cue.text}" if cue.speaker else cue.text
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


def cues(transcript: Transcript) -> Iterator[Cue]:
    """Yield captions in order; no caption is longer than 6 s or 84 characters where words have times."""
    for utterance in transcript.utterances:
        if not utterance.words:
            if utterance.text.strip():
                yield Cue(utterance.start_seconds, utterance.end_seconds, utterance.speaker, _line(utterance.text))
            continue
        yield from _cut(utterance)


def _cut(utterance: Utterance) -> Iterator[Cue]:
    held: list[str] = []
    start = end = 0.0
    for word in utterance.words:
        too_long = held and (
            word.end_seconds - start > _MAX_CUE_SECONDS
            or sum(map(len, held)) + len(held) + len(word.text) > _MAX_CUE_CHARACTERS
        )
        if too_long:
            yield Cue(start, end, utterance.speaker, _line(" ".join(held)))
            held = []
        if not held:
            start = word.start_seconds
        held.append(word.text)
        end = max(word.end_seconds, start)
    if held:
        yield Cue(start, end, utterance.speaker, _line(" ".join(held)))


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
