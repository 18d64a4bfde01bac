"""Acoustic profile of a recording: one row per second, computed by ingest, read by the detector and the console."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SERIES = ("speech", "level_dbfs", "near", "music", "broadcast", "noise")


@dataclass(frozen=True, slots=True)
class DayProfile:
    """Acoustic series of a recording; every array has shape (seconds,), dtype float32, row i covers [i, i+1).

    speech: share of the second that is speech, 0..1. level_dbfs: mean level, -100..0.
    near: 0 far or reverberant speech .. 1 close to the microphone; nan where nobody speaks.
    music, broadcast, noise: 0..1 evidence; broadcast means speech that sounds
    produced (compressed level, bed of music).
    """

    speech: NDArray[np.float32]
    level_dbfs: NDArray[np.float32]
    near: NDArray[np.float32]
    music: NDArray[np.float32]
    broadcast: NDArray[np.float32]
    noise: NDArray[np.float32]

    @property
    def seconds(self) -> int:
        """Number of rows."""
        return len(self.speech)
