"""Conversations by fixed rules on pauses, voices and acts of speech."""

from __future__ import annotations

import numpy as np

from dayline.boundaries.evidence import acts, tape, voices
from dayline.core.day import Conversation, Kind, Reason
from dayline.core.profile import DayProfile
from dayline.core.transcript import Transcript

_MIN_SECONDS = 25.0


def find(transcript: Transcript, profile: DayProfile | None) -> list[Conversation]:
    """Cut the day into stretches and name each by rule."""
    t = tape.load(transcript)
    if not len(t):
        return []
    cast, count = voices.find(t), acts.count(t.texts)
    blocks = _blocks(t, cast, count)
    out: list[Conversation] = []
    for a, b in blocks:
        if t.end[a:b].max() - t.start[a] < _MIN_SECONDS or b - a < 4:
            continue
        kind, p, reasons = _judge(t, cast, count, profile, a, b)
        start = max(float(t.start[a]), out[-1].end_seconds if out else 0.0)
        end = max(float(t.end[a:b].max()), start)
        out.append(Conversation(start, end, kind, p, tuple(reasons)))
    return out


def _col(count: np.ndarray, name: str) -> np.ndarray:
    return count[:, acts.INDEX[name]]


def _voices_of(t: tape.Tape, cast: voices.Cast, rows: slice) -> dict[int, float]:
    """Share of the talk of every voice but the rep's."""
    mass: dict[int, float] = {}
    for i in range(rows.start, rows.stop):
        v = int(t.voice[i])
        if v >= 0 and cast.rep[i] < 0.9:
            mass[v] = mass.get(v, 0.0) + float(t.talk[i])
    total = sum(mass.values()) or 1.0
    return {v: m / total for v, m in mass.items() if m / total > 0.15}


def _blocks(t: tape.Tape, cast: voices.Cast, count: np.ndarray) -> list[tuple[int, int]]:
    n = len(t)
    reach = np.maximum.accumulate(t.end)
    gap = np.concatenate([[1e9], t.start[1:] - reach[:-1], [1e9]])
    hello = _col(count, "greet") + 2 * _col(count, "intro")
    leave = 2 * _col(count, "bye") + _col(count, "thanks") * 0.5
    cuts = [0]
    for i in range(1, n):
        g = gap[i]
        parted = leave[max(0, i - 3) : i].sum() >= 2 and hello[i : i + 4].sum() >= 1
        maybe = leave[max(0, i - 4) : i].sum() >= 2 or hello[i : i + 3].sum() >= 1
        limit = 1.2 if parted else 6.0 if maybe else 150.0
        if t.has_voices:
            before, after = (
                _voices_of(t, cast, slice(max(cuts[-1], i - 25), i)),
                _voices_of(t, cast, slice(i, min(n, i + 12))),
            )
            if before and after:
                limit = 240.0 if set(before) & set(after) else (1.2 if parted else 2.5)
                if not set(before) & set(after) and hello[i : i + 3].sum() >= 1:
                    limit = min(limit, 1.5)
        if g >= limit:
            cuts.append(i)
    return list(zip(cuts, [*cuts[1:], n], strict=True))


def _judge(
    t: tape.Tape, cast: voices.Cast, count: np.ndarray, profile: DayProfile | None, a: int, b: int
) -> tuple[Kind, float, list[Reason]]:
    w = t.words[a:b].sum()
    rate = {name: float(count[a:b, i].sum() / w * 100) for name, i in acts.INDEX.items()}
    at = float(t.start[a])
    score, why = -1.2, []

    def add(value: float, text: str, where: float = at) -> None:
        nonlocal score
        score += value
        why.append(Reason("kind", text, where, round(value, 2)))

    def first(name: str) -> float:
        hits = np.flatnonzero(count[a:b, acts.INDEX[name]])
        return float(t.start[a + hits[0]]) if len(hits) else at

    trade = rate["price"] + rate["offer"] + rate["ask_need"] + rate["next_step"] + rate["objection"] + rate["request"]
    add(min(2.5, 0.25 * trade), "prices, offers, needs and next steps are talked about", first("price"))
    add(min(1.0, 0.12 * rate["you"]), "the voices address each other")
    if count[a : a + 6, acts.INDEX["greet"]].sum() + count[a : a + 6, acts.INDEX["intro"]].sum():
        add(0.6, "a greeting opens it", at)
    if count[a : a + 8, acts.INDEX["intro"]].sum():
        add(0.8, "somebody introduces themselves", first("intro"))
    if rate["family"] > 0.7:
        add(-1.6 * rate["family"], "family matters", first("family"))
    if rate["office"] + rate["told"] > 1.0:
        add(-0.9 * (rate["office"] + rate["told"]), "customers and the office are talked about", first("office"))
    if rate["broadcast"] > 0.6:
        add(-1.5, "phrases of a broadcast", first("broadcast"))
    aired = 0.0
    if profile is not None and profile.seconds:
        rows = slice(int(t.start[a]), int(t.end[a:b].max()) + 1)
        aired = float(np.nanmean(np.maximum(profile.broadcast[rows], profile.music[rows])) if rows.stop else 0.0)
        if aired > 0.5:
            add(-3.0, "it sounds like a broadcast")
    rep = float((cast.rep[a:b] * t.talk[a:b]).sum() / t.talk[a:b].sum())
    if t.has_voices:
        if rep < 0.08:
            add(-2.5, "the rep's voice is not in it")
        elif rep > 0.95:
            add(-2.0, "only the rep speaks")
        for v, share in _voices_of(t, cast, slice(a, b)).items():
            here = t.talk[a:b][t.voice[a:b] == v].sum()
            local = float(here / t.talk[t.voice == v].sum())
            add(
                (local - 0.6) * 2.0 * share,
                "a voice heard in this stretch only" if local > 0.6 else "a voice heard all day",
                float(t.start[a:b][t.voice[a:b] == v][0]),
            )
    p = float(1 / (1 + np.exp(-score)))
    why.sort(key=lambda r: -abs(r.weight))
    if p >= 0.5:
        return "customer", p, why[:5]
    kind: Kind = "unknown"
    if aired > 0.5 or (t.has_voices and rep < 0.08):
        kind = "broadcast"
    elif rate["family"] > 0.7 and rate["family"] > rate["office"]:
        kind = "personal"
    elif rate["office"] + rate["told"] > 1.0:
        kind = "internal"
    return kind, 1 - p, why[:5]
