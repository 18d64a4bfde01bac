"""The parameters of one composed day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass
class Style:
    """What differs from day to day, drawn once per day."""

    pace: tuple[float, float]
    turn_gap: tuple[float, float]
    line_words: int
    pause_chance: float
    pause_median: float
    office_chance: float
    tight: float
    drive: float
    other_rate: float
    radio_share: float
    bye_cut: float
    mate: float

    @classmethod
    def draw(cls, r: np.random.Generator) -> Style:
        """A new style, every field from a wide range."""
        base = float(r.uniform(120, 200))
        return cls(
            (base * 0.9, base * 1.12),
            (float(r.uniform(0.0, 0.9)), float(r.uniform(0.2, 0.9))),
            int(r.integers(9, 26)),
            float(r.uniform(0, 0.5)),
            float(r.uniform(40, 130)),
            float(r.uniform(0, 0.2)),
            float(r.uniform(0, 0.4)),
            float(r.uniform(0.3, 1.5)),
            float(r.uniform(0.2, 0.8)),
            float(r.uniform(0.05, 0.35)),
            float(r.uniform(0, 0.4)),
            float(r.random() < 0.2) * float(r.uniform(0.2, 0.6)),
        )
