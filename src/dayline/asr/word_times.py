"""Correct word times of the model's attention by the loudness of the clip.

Whisper gives no times itself: they come from attention by dynamic time warping, with a constant lag that differs
from model to model, and words beside a pause are stretched into it or moved across it. The loudness of the clip shows
where speech begins and ends, so words are given to the runs of sound that they overlap, and the first and last word of
a run are set to its edges.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dayline.asr.clips import FRAMES_PER_SECOND, active_frames, frame_levels_db
from dayline.domain.clip import Clip
from dayline.domain.transcript import Word

_LAG_SECONDS = {"tiny.en": 0.11, "base": -0.045}
"""Median of (word start of the model - word start by forced alignment), measured by `bench/speech`."""
_SHORTEST_PAUSE_SECONDS = 0.14
_SHORTEST_RUN_SECONDS = 0.06
_ABOVE_QUIET_DB = 8.0
_BELOW_LOUD_DB = 12.0
_SNAP_START_SECONDS = 0.5
_SNAP_END_SECONDS = 0.35
_SHORTEST_WORD_SECONDS = 0.06


@dataclass(frozen=True, slots=True)
class _Run:
    """An interval of a clip with sound, on the recording's clock."""

    start_seconds: float
    end_seconds: float


def lag_of(model_name: str) -> float:
    """Return the lag of a model's word times in seconds, 0 for models that were not measured."""
    size = re.sub(r"^.*whisper-", "", model_name)
    return _LAG_SECONDS.get(size, 0.0)


def refine_times(clip: Clip, words: Sequence[Word], lag_seconds: float = 0.0) -> list[Word]:
    """Return the words of one clip, in order, with the lag taken off and set into the runs of sound of the clip."""
    shifted = [
        replace(w, start_seconds=w.start_seconds - lag_seconds, end_seconds=w.end_seconds - lag_seconds) for w in words
    ]
    runs = _runs(clip)
    if not runs:
        return shifted
    owners = _owners(shifted, runs)
    found: list[Word] = []
    for index, word in enumerate(shifted):
        run = runs[owners[index]]
        is_first = index == 0 or owners[index - 1] != owners[index]
        is_last = index + 1 == len(shifted) or owners[index + 1] != owners[index]
        start, end = word.start_seconds, word.end_seconds
        if start < run.start_seconds or (is_first and start - run.start_seconds <= _SNAP_START_SECONDS):
            start = run.start_seconds
        if end > run.end_seconds or (is_last and run.end_seconds - end <= _SNAP_END_SECONDS):
            end = run.end_seconds
        start = min(start, run.end_seconds - _SHORTEST_WORD_SECONDS)
        found.append(replace(word, start_seconds=start, end_seconds=max(end, start + _SHORTEST_WORD_SECONDS)))
    return _apart(found)


def _runs(clip: Clip) -> list[_Run]:
    active = active_frames(clip.samples)
    levels = frame_levels_db(clip.samples)
    if active.any():
        # Room noise can be as loud as soft speech: a run has to begin above it.
        quiet, loud = np.percentile(levels, (5, 95))
        active &= levels > min(float(quiet) + _ABOVE_QUIET_DB, float(loud) - _BELOW_LOUD_DB)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], active.astype(np.int8), [0]))))
    runs: list[_Run] = []
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        start, end = (clip.start_seconds + float(frame) / FRAMES_PER_SECOND for frame in (first, last))
        if runs and start - runs[-1].end_seconds < _SHORTEST_PAUSE_SECONDS:
            runs[-1] = _Run(runs[-1].start_seconds, end)
        else:
            runs.append(_Run(start, end))
    return [r for r in runs if r.end_seconds - r.start_seconds >= _SHORTEST_RUN_SECONDS]


def _owners(words: Sequence[Word], runs: Sequence[_Run]) -> list[int]:
    """Return the run of each word: the one it overlaps most or is nearest to, never before that of its predecessor."""
    owners: list[int] = []
    for word in words:
        floor = owners[-1] if owners else 0
        owners.append(max(range(floor, len(runs)), key=lambda i: _overlap(word, runs[i])))
    return owners


def _overlap(word: Word, run: _Run) -> float:
    """Return the seconds that a word and a run share, negative for the distance between them."""
    return min(word.end_seconds, run.end_seconds) - max(word.start_seconds, run.start_seconds)


def _apart(words: list[Word]) -> list[Word]:
    """Order words: none begins before its predecessor, none ends after the next one begins."""
    found: list[Word] = []
    for index, word in enumerate(words):
        start = max(word.start_seconds, found[-1].start_seconds) if found else word.start_seconds
        end = max(word.end_seconds, start)
        if index + 1 < len(words):
            end = max(start, min(end, words[index + 1].start_seconds))
        found.append(replace(word, start_seconds=start, end_seconds=end))
    return found
