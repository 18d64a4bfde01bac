"""Clips of speech on the recording's clock, and the sample rate of all audio."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE_HZ = 16_000


@dataclass(frozen=True, slots=True)
class Clip:
    """Mono int16 samples of speech at `SAMPLE_RATE_HZ`, and where they start on the recording's clock."""

    samples: NDArray[np.int16]
    start_seconds: float

    @property
    def end_seconds(self) -> float:
        """Return where the clip ends on the recording's clock."""
        return self.start_seconds + len(self.samples) / SAMPLE_RATE_HZ
