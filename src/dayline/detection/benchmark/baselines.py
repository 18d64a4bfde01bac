"""Baselines for boundary detection: simple ways to split a day, for comparison with the detector."""

from __future__ import annotations

from dayline.detection.benchmark.metrics import Report
from dayline.detection.features import dialogue_acts, utterance_arrays
from dayline.domain.transcript import Transcript

_TRADE = ("price", "offer", "ask_need", "request", "next_step", "confirm", "greet", "bye")
_OTHER = {"office": 1.0, "told": 1.0, "family": 2.0, "broadcast": 1.0}
_LEAST_SECONDS, _LEAST_RATE = 45.0, 9.0


def silence(transcript: Transcript, gap_seconds: float = 120.0) -> list[Report]:
    """Report every interval between two silences of `gap_seconds` as a customer conversation."""
    return [Report(a, b, 0.5) for a, b, _, _ in _stretches(transcript, gap_seconds)]


def silence_and_cues(transcript: Transcript, gap_seconds: float = 60.0) -> list[Report]:
    """Report intervals between silences with many generic sales words and few office, family and radio words."""
    t = utterance_arrays.load(transcript)
    if not len(t):
        return []
    count = dialogue_acts.count(t.texts)
    out: list[Report] = []
    for a, b, first, last in _stretches(transcript, gap_seconds):
        words = t.words[first:last].sum()
        for_it = sum(count[first:last, dialogue_acts.INDEX[x]].sum() for x in _TRADE)
        against = sum(w * count[first:last, dialogue_acts.INDEX[x]].sum() for x, w in _OTHER.items())
        rate = float((for_it - against) / max(1.0, words) * 100)
        if b - a > _LEAST_SECONDS and rate > _LEAST_RATE:
            out.append(Report(a, b, min(0.95, 0.5 + (rate - _LEAST_RATE) / 20)))
    return out


def one_block(transcript: Transcript) -> list[Report]:
    """Report the whole day as one conversation."""
    t = utterance_arrays.load(transcript)
    return [Report(float(t.start[0]), float(t.end.max()), 0.5)] if len(t) else []


BASELINES = {
    "silence 120 s, everything a customer": silence,
    "silence 60 s + cue words": silence_and_cues,
    "one block": one_block,
}


def _stretches(transcript: Transcript, gap_seconds: float) -> list[tuple[float, float, int, int]]:
    t = utterance_arrays.load(transcript)
    out: list[tuple[float, float, int, int]] = []
    for i in range(len(t)):
        start, end = float(t.start[i]), float(t.end[i])
        if out and start - out[-1][1] < gap_seconds:
            a, b, first, _ = out[-1]
            out[-1] = (a, max(b, end), first, i + 1)
        else:
            out.append((start, end, i, i + 1))
    return out
