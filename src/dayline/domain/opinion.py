"""A second opinion on a doubtful piece of a day: what is asked and what comes back.

The detector knows only these words; who answers (a language model, or nobody) is decided far above it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from dayline.domain.timeline import Kind


@dataclass(frozen=True, slots=True)
class DoubtfulPiece:
    """A stretch whose kind is in doubt. `text` is what was said, without labels; times are seconds of the day."""

    start_seconds: float
    end_seconds: float
    text: str


@dataclass(frozen=True, slots=True)
class Opinion:
    """What somebody else takes a piece for. The quote stands in the piece word for word.

    at_seconds lies in the piece: where the quote is said, to the precision of even speech.
    """

    kind: Kind
    quote: str
    at_seconds: float
    reason: str


class SecondOpinion(Protocol):
    """Answers about doubtful pieces, the most doubtful first. Pieces it has no opinion on are missing in the answer.

    Never raises because of a model or a network: silence is an answer, and the detector's own judgement stands.
    """

    def __call__(self, pieces: Sequence[DoubtfulPiece]) -> list[Opinion]:
        """Return at most one opinion per piece, in the order of the pieces."""
        ...
