"""Latency classes of tools, so that a model can plan its calls."""

from __future__ import annotations

from typing import Literal

Latency = Literal["instant", "seconds", "background"]

MEANINGS: dict[Latency, str] = {
    "instant": "answers in well under a second",
    "seconds": "answers within a few seconds",
    "background": "responds at once, the work continues for minutes",
}


def described(text: str, latency: Latency) -> str:
    """Return a tool's description with its latency class as the last sentence."""
    return f"{text} Latency: {latency} ({MEANINGS[latency]})."


def meta_of(latency: Latency) -> dict[str, str]:
    """Return a tool's metadata, for clients that use the class instead of the description."""
    return {"dayline/latency": latency}
