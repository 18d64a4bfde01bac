"""Decide which language each clip is in, from probabilities that are uncertain for short clips.

A radio in one language and a talk in another may follow each other within seconds, and a short "yes" fits any language.
The most likely sequence of languages is found by the Viterbi algorithm (Viterbi 1967): clips are weighted by their
length, and every change costs, less after a long pause.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

_CANDIDATE_PROBABILITY = 0.5
_CANDIDATE_SECONDS = 1.5
_FULL_WEIGHT_SECONDS = 4.0
_MIN_WEIGHT, _MAX_WEIGHT = 0.1, 2.0
_LEAST_PROBABILITY = 0.005
"""Upper bound on the weight of a single clip."""
_CHANGE_COST = 4.5
_CHANGE_COST_AFTER_PAUSE = 2.5
_LONG_PAUSE_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class ClipLanguages:
    """How likely each language is in one clip."""

    start_seconds: float
    end_seconds: float
    probabilities: Mapping[str, float]
    """By primary tag; empty where nothing is known."""


def plan_languages(clips: Sequence[ClipLanguages]) -> list[str | None]:
    """Return the language of each clip, None for all clips when none has probabilities."""
    candidates = _candidates(clips)
    if not candidates:
        return [None] * len(clips)
    if len(candidates) == 1:
        return [candidates[0]] * len(clips)
    best = [_evidence(clips[0], c) for c in candidates]
    came_from: list[list[int]] = []
    for before, clip in pairwise(clips):
        pause = clip.start_seconds - before.end_seconds
        cost = _CHANGE_COST_AFTER_PAUSE if pause >= _LONG_PAUSE_SECONDS else _CHANGE_COST
        strongest = max(range(len(candidates)), key=lambda i: best[i])
        origins = [i if best[i] >= best[strongest] - cost else strongest for i in range(len(candidates))]
        best = [best[o] - (0.0 if o == i else cost) + _evidence(clip, candidates[i]) for i, o in enumerate(origins)]
        came_from.append(origins)
    state = max(range(len(candidates)), key=lambda i: best[i])
    path = [state]
    for origins in reversed(came_from):
        state = origins[state]
        path.append(state)
    return [candidates[i] for i in reversed(path)]


def _candidates(clips: Sequence[ClipLanguages]) -> list[str]:
    """Return the languages that a clip of some length is sure of, or else the one with most evidence over all."""
    sums: dict[str, float] = {}
    sure: list[str] = []
    for clip in clips:
        seconds = clip.end_seconds - clip.start_seconds
        for language, probability in clip.probabilities.items():
            sums[language] = sums.get(language, 0.0) + probability * seconds
            if probability >= _CANDIDATE_PROBABILITY and seconds >= _CANDIDATE_SECONDS and language not in sure:
                sure.append(language)
    if not sums:
        return []
    strongest = max(sums, key=lambda language: sums[language])
    return sure if strongest in sure else [strongest, *sure]


def _evidence(clip: ClipLanguages, language: str) -> float:
    if not clip.probabilities:
        return 0.0
    weight = min(max((clip.end_seconds - clip.start_seconds) / _FULL_WEIGHT_SECONDS, _MIN_WEIGHT), _MAX_WEIGHT)
    return weight * math.log(max(clip.probabilities.get(language, 0.0), _LEAST_PROBABILITY))
