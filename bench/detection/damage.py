"""What a recogniser and a diarizer make of a day: wrong words, lost lines, wrong and missing labels."""

from __future__ import annotations

import re

import numpy as np

from bench.detection.compose import Composer
from bench.detection.confusions import Confusions

GHOSTS = ("thank you", "thanks for watching", "you", "okay", "[music]", "bye", "so", "see you next time", "hmm")
_QUESTION = re.compile(
    r"^(so |and |okay |well )?(what|how|when|where|who|do|does|did|is|are|can|could|would|will|have)\b"
)


def damage(day: Composer, confusions: Confusions) -> tuple[list[dict], dict]:
    """Utterances as a service would get them, and the parameters of the damage."""
    r = day.r
    wer = float(r.choice([0.03, 0.06, 0.09, 0.12, 0.16, 0.22]))
    drop = float(r.uniform(0, 0.06)) + wer * 0.1
    cased, scored = bool(r.random() < 0.5), bool(r.random() < 0.6)
    skip, restart = False, bool(r.random() < 0.12)
    swap = float(r.uniform(0, 0.09)) if r.random() < 0.7 else 0.0
    merge, split = float(r.uniform(0, 0.28)), float(r.uniform(0, 0.5))
    named = bool(r.random() < 0.1)
    if wer >= 0.2:
        day.tags.add("asr_bad")
    if skip:
        day.tags.add("skip_diarization")
    elif swap > 0.05 or merge > 0.18:
        day.tags.add("diar_bad")
    if restart and not skip:
        day.tags.add("diar_reset")
    label = _labels(day, merge)
    halves: dict[tuple[int, int], bool] = {}
    recent: list[int] = []
    out = []
    for x in day.lines:
        if r.random() < drop:
            continue
        text = _words(x.text, wer, confusions, r)
        if not text:
            continue
        who = label[x.person]
        key = (x.person, x.segment)
        if key not in halves:
            halves[key] = bool(r.random() < split * (0.25 if x.person == day.rep else 0.35))
        if halves[key] and r.random() < 0.5:
            who = 1000 + x.person
        if recent and r.random() < swap:
            who = recent[int(r.integers(len(recent)))]
        recent = [*recent, who][-6:]
        name = None if skip or r.random() < 0.02 else (who, int(x.start // 7200) if restart else 0)
        row = {
            "start_seconds": x.start + float(r.normal(0, 0.12)),
            "end_seconds": x.end + float(r.normal(0, 0.15)),
            "text": _dress(text, r) if cased else text,
            "name": name,
        }
        if scored:
            row["confidence"] = round(float(np.clip(r.normal(0.92 - wer * 0.8, 0.07), 0.05, 0.99)), 2)
        out.append(row)
    out += _ghosts(day, out, scored)
    parameters = {
        "wer": wer,
        "drop": round(drop, 3),
        "swap": round(swap, 3),
        "merge": round(merge, 3),
        "split": round(split, 3),
        "cased": cased,
        "shape": day.shape,
    }
    return _finish(out, day, label[day.rep] if named else None), parameters


def _labels(day: Composer, merge: float) -> dict[int, int]:
    r, out = day.r, {}
    for p in range(day.people):
        out[p] = int(r.integers(0, p)) if p > 1 and r.random() < merge else p
    return out


def _words(text: str, wer: float, confusions: Confusions, r: np.random.Generator) -> str:
    if wer == 0:
        return text
    out: list[str] = []
    for w in text.split():
        z = float(r.random())
        if z < wer * 0.6:
            out.append(confusions.draw(w, r))
        elif z < wer * 0.85:
            continue
        else:
            out.append(w)
            if z < wer:
                out.append(confusions.draw("", r))
    return " ".join(out)


def _dress(text: str, r: np.random.Generator) -> str:
    text = re.sub(r"\bi\b", "I", text)
    mark = "?" if _QUESTION.match(text.lower()) and r.random() < 0.75 else "."
    return text[0].upper() + text[1:] + mark


def _ghosts(day: Composer, heard: list[dict], scored: bool) -> list[dict]:
    r, out = day.r, []
    for _ in range(int(r.uniform(0, 5) * day.duration / 3600)):
        t = float(r.uniform(0, max(1.0, day.duration - 3)))
        if any(u["start_seconds"] - 8 < t < u["end_seconds"] + 8 for u in heard):
            continue
        row = {
            "start_seconds": t,
            "end_seconds": t + float(r.uniform(0.5, 2.5)),
            "text": str(r.choice(GHOSTS)),
            "name": None,
        }
        if scored:
            row["confidence"] = round(float(np.clip(r.normal(0.45, 0.2), 0.02, 0.95)), 2)
        out.append(row)
    return out


def _finish(rows: list[dict], day: Composer, rep: int | None) -> list[dict]:
    names = sorted({u["name"] for u in rows if u["name"] is not None})
    order = day.r.permutation(len(names))
    called = {n: f"SPEAKER_{order[i]:02d}" for i, n in enumerate(names)}
    if rep is not None:
        called = {n: "REP" if n[0] == rep else c for n, c in called.items()}
    out = []
    for u in sorted(rows, key=lambda u: u["start_seconds"]):
        a = round(float(np.clip(u["start_seconds"], 0, day.duration)), 2)
        row = {
            "start_seconds": a,
            "end_seconds": round(float(min(max(u["end_seconds"], a + 0.2), day.duration)), 2),
            "text": u["text"],
        }
        if u["name"] is not None:
            row["speaker"] = called[u["name"]]
        if "confidence" in u:
            row["confidence"] = u["confidence"]
        out.append(row)
    return out
