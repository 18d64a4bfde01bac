"""Loads what computing processes need before the first day asks for it."""

from __future__ import annotations

from dayline.boundaries import detect
from dayline.core.transcript import Transcript
from dayline.pipeline.hearing import diarize


def warm_up() -> str:
    """Run the detector on nothing: its modules and models are loaded then. Returns the encoder module's name."""
    detect(Transcript((), duration_seconds=1.0))
    return diarize.__name__
