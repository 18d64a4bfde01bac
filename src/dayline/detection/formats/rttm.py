"""Speaker labels in RTTM (NIST Rich Transcription Time Marked, as pyannote and other diarizers write it)."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

from dayline.domain.transcript import Transcript, Utterance


@dataclass(frozen=True, slots=True)
class SpeakerTurn:
    """One voice from `start_seconds` to `end_seconds`."""

    start_seconds: float
    end_seconds: float
    speaker: str


def read_rttm(path: str | Path) -> tuple[SpeakerTurn, ...]:
    """Read the SPEAKER lines of an RTTM file, ordered by start. Raises ValueError that names the line."""
    turns: list[SpeakerTurn] = []
    for number, line in enumerate(Path(path).read_text(encoding="utf-8").splitlines(), start=1):
        fields = line.split()
        if not fields or fields[0] != "SPEAKER":
            continue
        try:
            start_seconds, length_seconds, speaker = float(fields[3]), float(fields[4]), fields[7]
        except (IndexError, ValueError) as error:
            raise ValueError(
                f"Line {number} of {path} is not RTTM. "
                "`SPEAKER file channel start duration <NA> <NA> name <NA> <NA>` is expected."
            ) from error
        turns.append(SpeakerTurn(start_seconds, start_seconds + length_seconds, speaker))
    return tuple(sorted(turns, key=lambda turn: turn.start_seconds))


def with_speakers(transcript: Transcript, turns: tuple[SpeakerTurn, ...]) -> Transcript:
    """Label every utterance with the voice of most of its time; utterances without a turn keep their labels."""
    starts = [turn.start_seconds for turn in turns]
    longest_seconds = max((turn.end_seconds - turn.start_seconds for turn in turns), default=0.0)
    return replace(
        transcript, utterances=tuple(_labelled(u, turns, starts, longest_seconds) for u in transcript.utterances)
    )


def _labelled(
    utterance: Utterance, turns: tuple[SpeakerTurn, ...], starts: list[float], longest_seconds: float
) -> Utterance:
    spoken_seconds: dict[str, float] = defaultdict(float)
    first = bisect_right(starts, utterance.start_seconds - longest_seconds)
    for turn in turns[max(0, first - 1) : bisect_right(starts, utterance.end_seconds)]:
        overlap = min(turn.end_seconds, utterance.end_seconds) - max(turn.start_seconds, utterance.start_seconds)
        if overlap > 0:
            spoken_seconds[turn.speaker] += overlap
    if not spoken_seconds:
        return utterance
    return replace(utterance, speaker=max(spoken_seconds, key=lambda name: (spoken_seconds[name], name)))
