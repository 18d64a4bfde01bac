"""Port of analysts, which score a conversation: the rubric or a language model."""

from __future__ import annotations

from typing import Protocol

from dayline.domain.analysis import AnalysisTask, AnalystInfo, Assessment
from dayline.domain.transcript import Transcript


class Analyst(Protocol):
    """Scores one conversation. Its quotes have to be verified."""

    @property
    def info(self) -> AnalystInfo:
        """Engine, model and version, kept with every analysis."""
        ...

    def analyze(self, transcript: Transcript, task: AnalysisTask) -> Assessment:
        """Score the six pillars and say why.

        Raises `Unavailable`; `details` has `retryable`, `retry_after_seconds` where a wait was asked for, and `reason`.
        """
        ...
