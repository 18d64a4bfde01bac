"""Loads what computing processes need before the first day asks for it."""

from __future__ import annotations

from dayline.detection import detect
from dayline.diarization import tasks as diarize
from dayline.domain.transcript import Transcript


def warm_up() -> str:
    """Run the detector on nothing: its modules and models are loaded then. Returns the encoder module's name."""
    detect(Transcript((), duration_seconds=1.0))
    return diarize.__name__
