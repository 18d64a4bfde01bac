"""Build a day from its script: consecutive events on one track, with the actual times of the words.

A script is a JSON object: `voices` (see `Voice`), `events` in order. An event without `lines` lasts `seconds`; one
with lines holds turns (`voice`, `text`), sounds (`sound`, `seconds`) and pauses (`pause_seconds`, `sound`, `why`).
`bed` names background sounds with their level in dBFS, `room` the echo, `path` what a voice comes through (`phone`,
`speaker`), `background` a second programme that runs under the talk, such as a television.
"""

from __future__ import annotations

import itertools
import zlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from . import sounds
from .voices import SAMPLE_RATE, Samples, Voice, level, speak

TALK_KINDS = ("customer", "internal", "personal", "radio")
_LEAD_SECONDS = 0.6
_FADE_SECONDS = 0.4
_PATHS = {"phone": (320.0, 3400.0), "speaker": (150.0, 5500.0)}


@dataclass
class Day:
    """The finished samples and their ground truth; times in seconds from the start of the file."""

    samples: Samples
    segments: list[dict[str, Any]] = field(default_factory=list)
    pauses: list[dict[str, Any]] = field(default_factory=list)
    turns: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class _Placed:
    """Sound put at a sample position inside one event."""

    start: int
    samples: Samples


class DayBuilder:
    """Build a `Day` from one script. Every event has its own generator, so editing one leaves the others unchanged."""

    def __init__(self, script: dict[str, Any]) -> None:
        self._script = script
        self._voices = {name: Voice(name=name, **entry) for name, entry in script["voices"].items()}
        self._day = Day(samples=np.zeros(0))

    def build(self) -> Day:
        """All events in order; beds fade into each other over 0.4 s. Raises KeyError for unknown names."""
        fade = int(_FADE_SECONDS * SAMPLE_RATE)
        track = np.zeros(fade)
        for index, event in enumerate(self._script["events"]):
            rng = np.random.default_rng([self._script["seed"], index])
            start = len(track) - fade
            voices = self._talk(event, start / SAMPLE_RATE, rng)
            count = max([round(event.get("seconds", 0) * SAMPLE_RATE), *(p.start + len(p.samples) for p in voices)])
            piece = self._bed(event, count + fade, rng)
            for placed in voices:
                piece[placed.start : placed.start + len(placed.samples)] += placed.samples
            track = np.concatenate([track, np.zeros(count)])
            track[start:] += piece
        hiss = np.random.default_rng(self._script["seed"]).standard_normal(len(track)) * 10 ** (-72 / 20)
        self._day.samples = np.clip(track + hiss, -0.99, 0.99)
        return self._day

    def _bed(self, event: dict[str, Any], count: int, rng: np.random.Generator) -> Samples:
        bed = np.zeros(count)
        for name, level_db in event.get("bed", {}).items():
            bed += sounds.SOUNDS[name](count, rng) * 10 ** (level_db / 20)
        background = event.get("background")
        if background:
            voice = self._voices[background["voice"]]
            gap = np.zeros(SAMPLE_RATE // 2)
            spoken = np.concatenate([part for text in background["lines"] for part in (speak(voice, text), gap)])
            spoken = sounds.band_pass(spoken, *_PATHS["speaker"]) * 10 ** ((background["level_db"] + 20) / 20)
            bed += np.resize(spoken, count)
        ramp = np.linspace(0.0, 1.0, int(_FADE_SECONDS * SAMPLE_RATE))
        bed[: len(ramp)] *= ramp
        bed[-len(ramp) :] *= ramp[::-1]
        return bed

    def _talk(self, event: dict[str, Any], offset_seconds: float, rng: np.random.Generator) -> list[_Placed]:
        placed: list[_Placed] = []
        turns: list[dict[str, Any]] = []
        position = int(event.get("lead_seconds", _LEAD_SECONDS) * SAMPLE_RATE)
        for line in event.get("lines", []):
            if "text" in line:
                samples, spoken_seconds = self._turn(event, line)
                begin = offset_seconds + position / SAMPLE_RATE
                turns.append(_turn_truth(begin, begin + spoken_seconds, line))
                placed.append(_Placed(position, samples))
                gap = rng.uniform(0.3, 0.75) * event.get("gap_scale", 1.0)
                position += round((spoken_seconds + line.get("gap_seconds", gap)) * SAMPLE_RATE)
            else:
                seconds = line.get("pause_seconds", line.get("seconds"))
                count = round(seconds * SAMPLE_RATE)
                if "sound" in line:
                    noise = sounds.SOUNDS[line["sound"]](count, rng) * 10 ** (line.get("level_db", -36) / 20)
                    placed.append(_Placed(position, noise))
                position += count
        self._note(event, turns)
        return placed

    def _turn(self, event: dict[str, Any], line: dict[str, Any]) -> tuple[Samples, float]:
        """Return the line as recorded by the microphone, and the duration of its words (an echo may last longer)."""
        voice = self._voices[line["voice"]]
        samples = speak(voice, line["text"])
        seconds = len(samples) / SAMPLE_RATE
        path = event.get("path", {}).get(voice.name)
        if path:
            samples = sounds.band_pass(samples, *_PATHS[path])
        elif "room" in event:
            # One wall per person and event: the same echo in every line of one visit, another in the next.
            place = np.random.default_rng([self._script["seed"], zlib.crc32(f"{event['title']}|{voice.name}".encode())])
            samples = sounds.in_room(samples, event["room"]["seconds"], event["room"]["wet"], place)
        wanted_db = event.get("levels", {}).get(voice.name, voice.level_db) + line.get("gain_db", 0.0)
        return level(samples, wanted_db), seconds

    def _note(self, event: dict[str, Any], turns: list[dict[str, Any]]) -> None:
        if event["kind"] not in TALK_KINDS:
            return
        names = sorted({turn["voice"] for turn in turns})
        self._day.segments.append(
            {
                "start_seconds": turns[0]["start_seconds"],
                "end_seconds": turns[-1]["end_seconds"],
                "kind": event["kind"],
                "title": event["title"],
                "speaker_voices": {name: self._voices[name].label for name in names},
            }
        )
        for before, after in itertools.pairwise(turns):
            if after["start_seconds"] - before["end_seconds"] > 20:
                start, end = before["end_seconds"], after["start_seconds"]
                self._day.pauses.append({"start_seconds": start, "end_seconds": end, "inside": event["title"]})
        self._day.turns += turns


def _turn_truth(start: float, end: float, line: dict[str, Any]) -> dict[str, Any]:
    return {
        "start_seconds": round(start, 2),
        "end_seconds": round(end, 2),
        "voice": line["voice"],
        "text": line["text"],
    }
