"""How long a tool keeps its caller waiting, said in three words that a model can plan with."""

from __future__ import annotations

from typing import Literal

Latency = Literal["instant", "seconds", "background"]

MEANINGS: dict[Latency, str] = {
    "instant": "answers in well under a second",
    "seconds": "answers within a few seconds",
    "background": "answers at once, the work goes on for minutes",
}


def described(text: str, latency: Latency) -> str:
    """Return a tool's description with its latency class as the last sentence."""
    return f"{text} Latency: {latency} ({MEANINGS[latency]})."


def meta_of(latency: Latency) -> dict[str, str]:
    """Return a tool's metadata, for clients that read classes rather than sentences."""
    return {"dayline/latency": latency}
