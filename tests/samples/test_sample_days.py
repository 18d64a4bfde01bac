"""The example days that lie in the repository: they can be read, and their truth agrees with audio and script."""

from __future__ import annotations

import json
import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
DAYS = ["sample-day", "sibling-day"]
SIZE_LIMIT_BYTES = 1_572_864
WORDS = re.compile(r"[a-z']+")


def load(day: str, name: str) -> dict[str, Any]:
    return json.loads((EXAMPLES / day / name).read_text(encoding="utf-8"))


@cache
def decoded(day: str) -> np.ndarray:
    resampler = av.AudioResampler("s16", "mono", 16_000)
    blocks: list[np.ndarray] = []
    with av.open(str(EXAMPLES / day / "day.opus")) as container:
        for frame in [*container.decode(audio=0), None]:
            blocks += [block.to_ndarray()[0] for block in resampler.resample(frame)]
    return np.concatenate(blocks).astype(np.float64) / 32768


def words_of(text: str) -> set[str]:
    return set(WORDS.findall(text.lower()))


def talk_events(script: dict[str, Any]) -> list[dict[str, Any]]:
    return [event for event in script["events"] if any("text" in line for line in event.get("lines", []))]


@pytest.mark.parametrize("day", DAYS)
def test_audio_is_mono_opus_of_the_length_the_truth_says(day: str) -> None:
    path = EXAMPLES / day / "day.opus"
    assert path.stat().st_size <= SIZE_LIMIT_BYTES
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        assert stream.codec_context.name in ("opus", "libopus")
        assert stream.channels == 1
    assert len(decoded(day)) / 16_000 == pytest.approx(load(day, "truth.json")["duration_seconds"], abs=0.1)


@pytest.mark.parametrize("day", DAYS)
def test_segments_are_in_order_inside_the_day_and_apart(day: str) -> None:
    truth = load(day, "truth.json")
    segments = truth["segments"]
    assert segments[0]["start_seconds"] > 0
    assert segments[-1]["end_seconds"] < truth["duration_seconds"]
    for segment in segments:
        assert segment["end_seconds"] > segment["start_seconds"]
        assert segment["kind"] in {"customer", "internal", "personal", "radio"}
        assert segment["speaker_voices"]
    for before, after in pairwise(segments):
        assert before["end_seconds"] < after["start_seconds"]


@pytest.mark.parametrize("day", DAYS)
def test_turns_make_up_their_segments_and_pauses_lie_between_them(day: str) -> None:
    truth = load(day, "truth.json")
    rest = list(truth["turns"])
    for segment in truth["segments"]:
        inside = [turn for turn in rest if segment["start_seconds"] <= turn["start_seconds"] < segment["end_seconds"]]
        assert inside[0]["start_seconds"] == segment["start_seconds"]
        assert inside[-1]["end_seconds"] == segment["end_seconds"]
        assert {turn["voice"] for turn in inside} == set(segment["speaker_voices"])
        assert all(before["end_seconds"] < after["start_seconds"] for before, after in pairwise(inside))
        rest = rest[len(inside) :]
    assert rest == []
    for pause in truth["pauses"]:
        holders = [s for s in truth["segments"] if s["start_seconds"] < pause["start_seconds"] < s["end_seconds"]]
        assert [holder["title"] for holder in holders] == [pause["inside"]]
        assert pause["end_seconds"] < holders[0]["end_seconds"]


@pytest.mark.parametrize("day", DAYS)
def test_truth_says_nothing_that_the_script_does_not_say(day: str) -> None:
    script, truth = load(day, "script.json"), load(day, "truth.json")
    events = talk_events(script)
    lines = [line for event in events for line in event["lines"] if "text" in line]
    assert [(t["voice"], t["text"]) for t in truth["turns"]] == [(line["voice"], line["text"]) for line in lines]
    assert [(s["kind"], s["title"]) for s in truth["segments"]] == [(e["kind"], e["title"]) for e in events]
    allowed = set[str]().union(*(words_of(line["text"]) for line in lines))
    assert set[str]().union(*(words_of(turn["text"]) for turn in truth["turns"])) <= allowed


@pytest.mark.parametrize("day", DAYS)
def test_speech_sounds_where_the_truth_says_and_the_pauses_are_faint(day: str) -> None:
    truth, samples = load(day, "truth.json"), decoded(day)

    def loudness_db(start_seconds: float, end_seconds: float) -> float:
        piece = samples[int(start_seconds * 16_000) : int(end_seconds * 16_000)]
        return float(10 * np.log10((piece**2).mean() + 1e-12))

    for turn in truth["turns"]:
        assert loudness_db(turn["start_seconds"], turn["end_seconds"]) > -34, turn["text"]
    for pause in truth["pauses"]:
        assert loudness_db(pause["start_seconds"] + 0.5, pause["end_seconds"] - 0.5) < -44


def test_the_days_hold_what_makes_a_day_hard() -> None:
    sample, sibling = load("sample-day", "truth.json"), load("sibling-day", "truth.json")
    assert 540 <= sample["duration_seconds"] <= 660
    assert 840 <= sibling["duration_seconds"] <= 1080
    for truth, customers in ((sample, 3), (sibling, 4)):
        kinds = [segment["kind"] for segment in truth["segments"]]
        assert kinds.count("customer") == customers
        assert {"radio", "internal"} <= set(kinds)
        gaps = [
            after["start_seconds"] - before["end_seconds"]
            for before, after in pairwise(truth["segments"])
            if before["kind"] == after["kind"] == "customer"
        ]
        assert any(4 <= gap <= 10 for gap in gaps)
    assert any(60 <= pause["end_seconds"] - pause["start_seconds"] <= 75 for pause in sample["pauses"])
    assert any(s["kind"] == "personal" for s in sibling["segments"])
    assert any(s["kind"] == "customer" and s["end_seconds"] - s["start_seconds"] < 60 for s in sibling["segments"])


def test_the_two_days_share_no_rep_and_no_line() -> None:
    sample, sibling = load("sample-day", "script.json"), load("sibling-day", "script.json")
    assert sample["voices"]["rep"]["voice"] != sibling["voices"]["rep"]["voice"]
    spoken = [
        {line["text"] for e in talk_events(s) for line in e["lines"] if "text" in line} for s in (sample, sibling)
    ]
    assert not spoken[0] & spoken[1]
