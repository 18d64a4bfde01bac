"""Small days for the tests of the detector, made from the repository's own sample days."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from dayline.detection import scoring
from dayline.detection.day_features import DayFeatures
from dayline.domain.acoustic_profile import DayProfile
from dayline.domain.timeline import DayContext, Hint
from dayline.domain.transcript import Transcript, Utterance

EXAMPLES = Path(__file__).parents[2] / "examples"

CONTEXT = DayContext(
    "Clear Panes",
    "windows and doors",
    "Ask for the frame. Measure the glass. Offer the vinyl sash with the low e glass and name the price.",
    ("glass", "frame", "window", "sash", "vinyl"),
)


def sample(
    name: str, labels: str = "clustered", wer: float = 0.0, seed: int = 1
) -> tuple[Transcript, list[tuple[float, float]]]:
    """A sample day as a recogniser may hear it, and its true customer conversations."""
    truth = json.loads((EXAMPLES / name / "truth.json").read_text())
    rng = np.random.default_rng(seed)
    voices = sorted({t["voice"] for t in truth["turns"]})
    vocabulary = " ".join(t["text"] for t in truth["turns"]).lower().split()
    lines = []
    for turn in truth["turns"]:
        words = []
        for w in turn["text"].lower().replace(",", "").replace(".", "").split():
            x = rng.random()
            if x > wer or x > 0.8 * wer:
                words.append(w)
            elif x < 0.5 * wer:
                words.append(vocabulary[int(rng.integers(len(vocabulary)))])
        who = {
            "clustered": f"SPEAKER_{voices.index(turn['voice']):02d}",
            "named": "REP" if turn["voice"] == "rep" else f"SPEAKER_{voices.index(turn['voice']):02d}",
            "none": None,
        }[labels]
        if words:
            lines.append(Utterance(turn["start_seconds"], turn["end_seconds"], " ".join(words), who))
    customers = [(s["start_seconds"], s["end_seconds"]) for s in truth["segments"] if s["kind"] == "customer"]
    return Transcript(tuple(lines), truth["duration_seconds"]), customers


def overlap(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Intersection over union."""
    shared = max(0.0, min(a[1], b[1]) - max(a[0], b[0]))
    return shared / ((a[1] - a[0]) + (b[1] - b[0]) - shared)


def features(transcript: Transcript, hints: tuple[Hint, ...] = (), profile: DayProfile | None = None) -> DayFeatures:
    """The evidence of a day of the business of `CONTEXT`."""
    h = scoring.extract(transcript, profile, CONTEXT, hints)
    assert h is not None
    return h


def candidate(h: DayFeatures, span: tuple[float, float]) -> int:
    """Row of the candidate that is nearest to a span."""
    pairs = zip(h.candidates.start, h.candidates.end, strict=True)
    return int(np.argmax([overlap((float(a), float(b)), span) for a, b in pairs]))
