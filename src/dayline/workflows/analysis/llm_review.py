"""Puts the detector's doubts to whoever answers about pieces of a day."""

from __future__ import annotations

from collections.abc import Callable

from dayline.detection.llm_review import Doubt, Opinion
from dayline.domain.opinion import DoubtfulPiece, SecondOpinion


def doubts_to(answers: SecondOpinion | None) -> Callable[[Doubt], Opinion | None] | None:
    """Return what the detector may ask, or None when there is nobody to ask."""
    if answers is None:
        return None

    def ask(doubt: Doubt) -> Opinion | None:
        said = " ".join(u.text for u in doubt.utterances)
        found = answers([DoubtfulPiece(doubt.start_seconds, doubt.end_seconds, said)])
        return Opinion(found[0].kind, found[0].quote, found[0].reason) if found else None

    return ask
