"""What a voice encoder must do for Dayline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class VoiceEmbedder(Protocol):
    """Maps speech to a vector that is near for one voice and far for others."""

    @property
    def name(self) -> str:
        """Engine and model."""
        ...

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        ...

    def embed(self, clips: Sequence[NDArray[np.int16]]) -> NDArray[np.float32]:
        """Return unit vectors of shape (clips, dimensions) for clips of mono int16 at 16 kHz, >= 0.4 s each."""
        ...
