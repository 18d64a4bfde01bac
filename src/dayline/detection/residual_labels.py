"""Names what is not a visit, and accounts for every second of the day."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dayline.detection import scoring
from dayline.detection.features import candidates
from dayline.domain.acoustic_profile import DayProfile
from dayline.domain.timeline import Conversation, Kind, Label, Reason, Stretch

F = NDArray[np.float64]

KINDS: tuple[Kind, ...] = ("internal", "personal", "broadcast")
COLUMNS = [
    candidates.NAMES.index(name) for name in (*candidates.VOICE_NAMES, *candidates.ROLE_NAMES, *candidates.RATE_NAMES)
]
_SURE = 0.6
_SILENCE_SECONDS = 5.0
_WHY = {
    "internal": "people of the company talk among themselves",
    "personal": "private talk",
    "broadcast": "a broadcast is heard",
    "unknown": "neither a visit nor clearly anything else",
}


def find(h: scoring.DayFeatures, taken: Sequence[tuple[int, int]], profile: DayProfile | None) -> list[Conversation]:
    """Conversations in the lines that no visit took. taken: rows [first, last) of the visits, in order."""
    pieces = candidates.split_residue(h.utterances, h.boundary_chance, taken)
    if not len(pieces):
        return []
    chance = kinds(h, pieces, profile)
    out: list[Conversation] = []
    for i in range(len(pieces)):
        best = int(chance[i].argmax())
        sure = float(chance[i, best])
        kind: Kind = KINDS[best] if sure >= _SURE else "unknown"
        start, end = float(pieces.start[i]), float(pieces.end[i])
        why = Reason("kind", _WHY[kind], round(start, 2), round(sure, 3))
        out.append(Conversation(start, end, kind, round(sure if kind != "unknown" else 1 - sure, 4), (why,)))
    return out


def kinds(h: scoring.DayFeatures, pieces: candidates.Candidates, profile: DayProfile | None) -> F:
    """Probability of each of `KINDS` for each stretch, shape (stretches, 3); a row sums to one at most."""
    rows = candidates.measure(h.utterances, h.roles, h.count, h.boundary_chance, pieces)[:, COLUMNS]
    odds = np.stack([scoring.shipped(kind).log_odds(rows) for kind in KINDS], axis=1)
    if profile is not None and profile.seconds:
        odds[:, 2] += 5 * scoring.aired(profile, pieces.start, pieces.end)
    chance = scoring.logistic(odds)
    return chance / np.maximum(1.0, chance.sum(axis=1, keepdims=True))


def timeline(
    h: scoring.DayFeatures | None, found: Sequence[Conversation], begin: float, finish: float
) -> tuple[Stretch, ...]:
    """One label for every second from begin to finish."""
    out: list[Stretch] = []
    clock = begin
    for c in found:
        if c.start_seconds > clock:
            out += _between(h, clock, c.start_seconds)
        start = max(clock, c.start_seconds)
        if c.end_seconds > start:
            label: Label = "other_speech" if c.kind == "unknown" else c.kind
            out.append(Stretch(start, c.end_seconds, label, c.reasons))
            clock = c.end_seconds
    if finish > clock:
        out += _between(h, clock, finish)
    return tuple(out)


def _between(h: scoring.DayFeatures | None, begin: float, finish: float) -> list[Stretch]:
    """Silence and stray speech between two conversations."""
    if h is None:
        return [Stretch(begin, finish, "silence")]
    parts: list[list[float]] = []
    rows = np.flatnonzero((h.utterances.end > begin) & (h.utterances.start < finish))
    for i in rows:
        a, b = max(begin, float(h.utterances.start[i])), min(finish, float(h.utterances.end[i]))
        if parts and a - parts[-1][1] < _SILENCE_SECONDS:
            parts[-1][1] = max(parts[-1][1], b)
        elif b > a:
            parts.append([a, b])
    out: list[Stretch] = []
    clock = begin
    for a, b in parts:
        if a > clock:
            out.append(Stretch(clock, a, "silence"))
        if b > max(clock, a):
            out.append(Stretch(max(clock, a), b, "other_speech"))
            clock = b
    if finish > clock:
        out.append(Stretch(clock, finish, "silence"))
    return out
