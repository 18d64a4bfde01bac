"""Judges for tests: they answer what they were told to, or fail as they were told to."""

from __future__ import annotations

from collections.abc import Sequence

from dayline.domain.analysis import PILLARS, AnalysisTask, AnalystInfo, Evidence, Judgement, PillarFeedback
from dayline.domain.opinion import DoubtfulPiece, Opinion
from dayline.domain.transcript import Transcript


class FakeAnalyst:
    """Scores every pillar alike and quotes the first words. `failures` are raised first, one per call."""

    def __init__(self, score: int = 70, failures: Sequence[Exception] = ()) -> None:
        self._score = score
        self._failures = list(failures)
        self.tasks: list[AnalysisTask] = []

    @property
    def info(self) -> AnalystInfo:
        """Engine, model and version."""
        return AnalystInfo("fake", "fake", "1")

    def judge(self, transcript: Transcript, task: AnalysisTask) -> Judgement:
        """Return the same judgement for everything; what was asked is kept in `tasks`."""
        self.tasks.append(task)
        if self._failures:
            raise self._failures.pop(0)
        first = next((u for u in transcript.utterances if u.text.strip()), None)
        evidence: tuple[Evidence, ...] = ()
        if first is not None:
            quote = " ".join(first.text.split()[:6])
            evidence = tuple(
                Evidence(f"{p}: said first", quote, first.start_seconds, first.end_seconds) for p in PILLARS
            )
        return Judgement(
            scores=dict.fromkeys(PILLARS, self._score),
            feedback=dict.fromkeys(PILLARS, PillarFeedback("Fine.", "More.")),
            evidence=evidence,
            title="A talk",
            summary=f"{transcript.word_count} words.",
        )


class FakeSecondOpinion:
    """Takes every piece for the same kind and quotes its first words."""

    def __init__(self, kind: str = "customer") -> None:
        self._kind = kind
        self.asked: list[DoubtfulPiece] = []

    def __call__(self, pieces: Sequence[DoubtfulPiece]) -> list[Opinion]:
        """Return one opinion per piece."""
        self.asked.extend(pieces)
        quotes = [" ".join(p.text.split()[:5]) for p in pieces]
        return [
            Opinion(self._kind, quote, piece.start_seconds, "Told to.")  # pyright: ignore[reportArgumentType]
            for piece, quote in zip(pieces, quotes, strict=True)
            if quote
        ]
