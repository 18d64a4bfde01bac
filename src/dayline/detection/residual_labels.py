"""Label everything that is not a customer conversation, so that every second of the day has a label."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dayline.detection import gbdt
from dayline.detection.day_features import DayFeatures, broadcast_share
from dayline.detection.explanation_texts import of_other_talk
from dayline.detection.features import candidates
from dayline.domain.acoustic_profile import DayProfile
from dayline.domain.timeline import Conversation, Interval, Kind, Label, Reason

F = NDArray[np.float64]

KINDS: tuple[Kind, ...] = ("internal", "personal", "broadcast")
COLUMNS = [
    candidates.NAMES.index(name) for name in (*candidates.VOICE_NAMES, *candidates.ROLE_NAMES, *candidates.RATE_NAMES)
]
LEAST_SURE = 0.4
"""Minimum probability at which a kind is assigned; below it the talk is `unknown`."""

BROADCAST_LOG_ODDS = 5.0
"""Log-odds added to the kind `broadcast` for the sound of a broadcast."""

CUES: dict[Kind, tuple[str, ...]] = {"internal": ("office", "told"), "personal": ("family",)}
STAFF = re.compile(
    r"\b(company (?:car|van|truck|phone)|business cards?|(?:my|your|his|her) (?:vacation|days off|time off|shift|"
    r"payslip|expenses|commission|numbers|quota|territory)|(?:in|on) (?:the|our|my|your) team|new hires?|"
    r"human resources|time ?sheets?|sick leave|ride ?along|team (?:meeting|call|lead)|head office)\b"
)
"""Phrases that people use about their own work at a company; customers and families rarely do."""

CUE_WEIGHT, CUES_FROM, MOST_CUES = 1.9, 1.2, 2.0
"""Log-odds per cue in 100 words; the rate from which cues count; the maximum excess that counts."""

_SILENCE_SECONDS = 5.0


def find(h: DayFeatures, taken: Sequence[tuple[int, int]], profile: DayProfile | None) -> list[Conversation]:
    """Find conversations in the lines outside the customer conversations.

    Args:
        h: the day.
        taken: lines [first, last) of the customer conversations, in order.
        profile: acoustic rows of the day.
    """
    parts = candidates.split_residue(h.utterances, h.boundary_chance, taken)
    if not len(parts):
        return []
    chance = kinds(h, parts, profile)
    out: list[Conversation] = []
    for i in range(len(parts)):
        best = int(chance[i].argmax())
        sure = float(chance[i, best])
        kind: Kind = KINDS[best] if sure >= LEAST_SURE else "unknown"
        told = of_other_talk(h, int(parts.first[i]), int(parts.last[i]), kind)
        reason = Reason("kind", told.text, round(told.at_seconds, 2), round(sure, 3))
        confidence = round(sure if kind != "unknown" else 1 - sure, 4)
        out.append(Conversation(float(parts.start[i]), float(parts.end[i]), kind, confidence, (reason,)))
    return out


def kinds(h: DayFeatures, parts: candidates.Candidates, profile: DayProfile | None) -> F:
    """Return the probability of each of `KINDS` for each part, shape (parts, 3); a row sums to at most 1."""
    rows = candidates.measure(h.utterances, h.roles, h.act_counts, h.boundary_chance, parts)
    odds = np.stack([gbdt.forest(kind).log_odds(rows[:, COLUMNS]) for kind in KINDS], axis=1)
    for kind, acts in CUES.items():
        rate = sum((rows[:, candidates.NAMES.index(f"rate_{a}")] for a in acts), np.zeros(len(rows)))
        odds[:, KINDS.index(kind)] += CUE_WEIGHT * np.clip(rate - CUES_FROM, 0.0, MOST_CUES)
    odds[:, KINDS.index("internal")] += CUE_WEIGHT * np.clip(_staff_rate(h, parts) - CUES_FROM, 0.0, MOST_CUES)
    if profile is not None and profile.seconds:
        odds[:, KINDS.index("broadcast")] += BROADCAST_LOG_ODDS * broadcast_share(profile, parts.start, parts.end)
    chance = gbdt.logistic(odds)
    return chance / np.maximum(1.0, chance.sum(axis=1, keepdims=True))


def _staff_rate(h: DayFeatures, parts: candidates.Candidates) -> F:
    """Return the number of `STAFF` phrases per 100 words of each part, shape (parts,)."""
    u = h.utterances
    hits = np.concatenate([[0.0], np.cumsum([len(STAFF.findall(text.lower())) for text in u.texts])])
    words = np.concatenate([[0.0], np.cumsum(u.words)])
    first, last = parts.first, parts.last
    return 100 * (hits[last] - hits[first]) / np.maximum(words[last] - words[first], 1.0)


def timeline(h: DayFeatures | None, found: Sequence[Conversation], begin: float, finish: float) -> tuple[Interval, ...]:
    """Return intervals that label every second from begin to finish, with reasons."""
    out: list[Interval] = []
    clock = begin
    for c in found:
        if c.start_seconds > clock:
            out += _between(h, clock, c.start_seconds)
        start = max(clock, c.start_seconds)
        if c.end_seconds > start:
            label: Label = "other_speech" if c.kind == "unknown" else c.kind
            out.append(Interval(start, c.end_seconds, label, c.reasons))
            clock = c.end_seconds
    if finish > clock:
        out += _between(h, clock, finish)
    return tuple(out)


def _between(h: DayFeatures | None, begin: float, finish: float) -> list[Interval]:
    """Return the silence and the single lines of speech between two conversations."""
    if h is None:
        return [_silence(begin, finish)]
    parts: list[list[float]] = []
    u = h.utterances
    for i in np.flatnonzero((u.end > begin) & (u.start < finish)):
        a, b = max(begin, float(u.start[i])), min(finish, float(u.end[i]))
        if parts and a - parts[-1][1] < _SILENCE_SECONDS:
            parts[-1][1] = max(parts[-1][1], b)
            parts[-1][2] += 1
        elif b > a:
            parts.append([a, b, 1])
    out: list[Interval] = []
    clock = begin
    for a, b, lines in parts:
        if a > clock:
            out.append(_silence(clock, a))
        if b > max(clock, a):
            start = max(clock, a)
            text = f"{lines:.0f} {'line' if lines == 1 else 'lines'} of speech, too little for a conversation"
            out.append(Interval(start, b, "other_speech", (Reason("kind", text, round(start, 2), 1.0),)))
            clock = b
    if finish > clock:
        out.append(_silence(clock, finish))
    return out


def _silence(begin: float, finish: float) -> Interval:
    text = f"no words were recognised for {finish - begin:.0f} s"
    return Interval(begin, finish, "silence", (Reason("kind", text, round(begin, 2), 1.0),))
