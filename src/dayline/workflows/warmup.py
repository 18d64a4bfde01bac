"""Load modules and models of computing processes before the first day."""

from __future__ import annotations

from dayline.detection import detect
from dayline.diarization import tasks as diarize
from dayline.domain.transcript import Transcript


def warm_up() -> str:
    """Run the detector on an empty day, which loads its modules and models. Returns the encoder module's name."""
    detect(Transcript((), duration_seconds=1.0))
    return diarize.__name__
