"""Explain why a candidate was reported: first what was said and by whom, then what set its boundaries.

Each source of evidence (trees, wording, playbook, memory, reader) has a share of the log-odds; contributions of the
trees follow their paths (Saabas 2014). A reason's sign is the sign of its share, and a source that did not move the
score gives no reason. Where a source rests on words, the reason quotes the line that carries most of it and names its
speaker.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dayline.detection import day_evidence, gbdt
from dayline.detection import explanation_texts as texts
from dayline.detection.day_features import KIND_NAMES, DayFeatures
from dayline.detection.explanation_texts import ReasonText
from dayline.detection.features import boundary_features, candidates
from dayline.detection.reader_fusion import Reading
from dayline.domain.timeline import About, Reason

F = NDArray[np.float64]

MOST_REASONS = 4
SMALLEST_SHARE = 0.04

_GROUPS: dict[str, tuple[str, ...]] = {
    "voices": ("local", "elsewhere_main", "elsewhere_all", "bins_main", "leak_before", "leak_after", "hub_others"),
    "rep": ("rep_share", "exchange", "exchange_others", "main_other_share", "other_count", "labelled"),
    "roles": candidates.ROLE_NAMES,
    "greeting": ("hello_at_start",),
    "leave": ("bye_at_end",),
    "length": ("seconds",),
    "wording": ("language", "language_relative"),
}
_GROUP_OF = {name: group for group, names in _GROUPS.items() for name in names}

_BOUNDARY_GROUPS: dict[str, tuple[str, ...]] = {
    "pause": ("gap", "gap_largest_near"),
    "voices": (
        "other_voices_same_8",
        "other_voices_same_25",
        "before_heard_again",
        "after_heard_before",
        "before_ends_for_good",
        "after_never_before",
        "rep_before",
        "rep_after",
        "labelled",
        "same_voice_across",
    ),
    "words": ("cohesion_10", "cohesion_40"),
    "greeting": ("hello_after_3", "hello_after_8", "hello_before_8"),
    "leave": ("bye_before_3", "bye_before_8", "bye_after_8"),
    "wording": ("opening_after_1", "opening_after_3", "closing_before_1", "closing_before_3"),
    "aside": ("hold_before", "back_after", "aside_after", "aside_before"),
}
_BOUNDARY_GROUP_OF = {name: group for group, names in _BOUNDARY_GROUPS.items() for name in names}

_OF_VOICES = ("voices", "rep", "roles", "served", "aside")
"""Sources about voices; they give no reason where no voice is known or voices are hidden."""

SPOKEN_FIRST = (
    "reader", "wording", "trade", "playbook", "memory", "served", "greeting", "leave", "office", "family", "roles",
)  # fmt: skip
"""Sources based on what was said, in the order in which they precede all others of the same sign."""


def shares(h: DayFeatures, i: int) -> dict[str, float]:
    """Return the signed share of each source in the log-odds of the kind of candidate i; absolute values sum to 1."""
    moved: dict[str, float] = {}
    weight = h.forest_share * day_evidence.weights(h.utterances.has_voices)["kind"]
    contributions = weight * gbdt.forest("kind").contributions(h.kind_rows[i : i + 1])[0]
    for name, value in zip(KIND_NAMES, contributions, strict=True):
        moved[_GROUP_OF[name]] = moved.get(_GROUP_OF[name], 0.0) + float(value)
    for name, values in h.added.items():
        moved[name] = moved.get(name, 0.0) + float(values[i])
    total = sum(abs(v) for v in moved.values()) or 1.0
    return {name: v / total for name, v in moved.items()}


def of_candidate(h: DayFeatures, i: int, reading: Reading | None = None) -> tuple[Reason, ...]:
    """Return the reasons of one report: for its kind, its start and its end."""
    first, last = int(h.candidates.first[i]), int(h.candidates.last[i])
    return (*_kind(h, i, reading), *_boundary(h, first, "start"), *_boundary(h, last, "end"))


def _kind(h: DayFeatures, i: int, reading: Reading | None) -> list[Reason]:
    by_source = shares(h, i)
    order = sorted(by_source, key=lambda name: (-abs(by_source[name]), name))
    found: list[tuple[str, Reason]] = []
    for name in order:
        if name in _OF_VOICES and not h.utterances.has_voices:
            continue
        weight = by_source[name]
        if abs(weight) < SMALLEST_SHARE or len(found) == MOST_REASONS:
            break
        told = _reason_text(h, i, name, weight > 0, reading)
        if told is not None:
            found.append((name, Reason("kind", told.text, round(told.at_seconds, 2), round(weight, 3))))
    if not found:
        found.append(("none", Reason("kind", texts.little(h, i), round(float(h.candidates.start[i]), 2), 0.0)))
    return [reason for _, reason in sorted(found, key=lambda f: _place_in_order(f[0], f[1].weight))]


def _place_in_order(name: str, weight: float) -> tuple[bool, int, float]:
    spoken = SPOKEN_FIRST.index(name) if name in SPOKEN_FIRST else len(SPOKEN_FIRST)
    return weight < 0, min(spoken, len(SPOKEN_FIRST)), -abs(weight)


def _reason_text(h: DayFeatures, i: int, name: str, speaks_for: bool, reading: Reading | None) -> ReasonText | None:
    if name == "reader":
        return texts.reader(h, i, speaks_for, reading)
    tell = texts.BY_SOURCE.get(name)
    return tell(h, i, speaks_for) if tell is not None else None


def _boundary(h: DayFeatures, row: int, about: About) -> list[Reason]:
    """Return the two strongest reasons for a boundary; at the ends of the recording, that nobody speaks beyond."""
    u = h.utterances
    at = float(u.start[row]) if row < len(u) else float(u.end.max())
    if about == "end":
        at = float(u.end[:row].max())
    if row in (0, len(u)):
        side = "before" if row == 0 else "after"
        return [Reason(about, f"nobody speaks in the recording {side} this", round(at, 2), 1.0)]
    contributions = gbdt.forest("place").contributions(h.boundary_rows[row : row + 1])[0]
    moved: dict[str, float] = {}
    for name, value in zip(boundary_features.NAMES, contributions, strict=True):
        moved[_BOUNDARY_GROUP_OF[name]] = moved.get(_BOUNDARY_GROUP_OF[name], 0.0) + float(value)
    total = sum(abs(v) for v in moved.values()) or 1.0
    told = [g for g in moved if moved[g] > 0 and (h.utterances.has_voices or g not in _OF_VOICES)]
    order = sorted(told, key=lambda g: (-moved[g], g))
    strongest = [g for g in order[:2] if moved[g] / total >= SMALLEST_SHARE] or ["pause"]
    return [
        Reason(about, texts.boundary(h, row, g, about), round(at, 2), round(moved[g] / total, 3)) for g in strongest
    ]
