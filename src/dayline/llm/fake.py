"""Analyst and reader for tests: with scripted answers and failures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from dayline.domain.analysis import PILLARS, AnalysisTask, AnalystInfo, Assessment, Evidence, PillarFeedback
from dayline.domain.reading import Page, PageAnswer, Piece
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

    def analyze(self, transcript: Transcript, task: AnalysisTask) -> Assessment:
        """Return the same assessment for everything; what was asked is kept in `tasks`."""
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
        return Assessment(
            scores=dict.fromkeys(PILLARS, self._score),
            feedback=dict.fromkeys(PILLARS, PillarFeedback("Fine.", "More.")),
            evidence=evidence,
            title="A talk",
            summary=f"{transcript.word_count} words.",
        )


@dataclass
class FakeReader:
    """Reader that knows the truth of a day and makes configured errors.

    Attributes:
        truth: first line, last line (excluded) and kind of the true talks of the day.
        jitter: largest error of an edge, in lines.
        misses: chance that a customer conversation is not reported.
        merges: chance that a customer conversation is joined with the next one.
        invents: chance that a quote was never said.
        obeys: words that, found in a page, make the reader call the whole page a customer.
        fails: chance that a page is not answered.
        seed: of the random errors.
        asked: pages that were shown, in order.
    """

    truth: Sequence[tuple[int, int, str]]
    jitter: int = 0
    misses: float = 0.0
    merges: float = 0.0
    invents: float = 0.0
    obeys: str = ""
    fails: float = 0.0
    seed: int = 0
    asked: list[Page] = field(default_factory=list[Page])

    def __call__(self, pages: Sequence[Page]) -> list[PageAnswer | None]:
        """Answer pages from the truth, with errors."""
        self.asked.extend(pages)
        return [self._answer(page) for page in pages]

    def _answer(self, page: Page) -> PageAnswer | None:
        random = Random(f"{self.seed}/{page.purpose}/{page.number}")
        if random.random() < self.fails:
            return None
        texts = _texts(page)
        if self.obeys and self.obeys in page.text:
            return PageAnswer((Piece(1, len(page.rows), "customer", self.obeys, self.obeys, True),))
        number = {row: k + 1 for k, row in enumerate(page.rows)}
        parts: list[tuple[int, int, str]] = []
        for first, last, kind in self.truth:
            rows = [number[r] for r in range(first, last) if r in number]
            if not rows or (kind == "customer" and random.random() < self.misses):
                continue
            if parts and kind == parts[-1][2] == "customer" and random.random() < self.merges:
                parts[-1] = (parts[-1][0], rows[-1], kind)
            else:
                parts.append((rows[0], rows[-1], kind))
        return PageAnswer(tuple(self._piece(p, texts, random) for p in parts))

    def _piece(self, part: tuple[int, int, str], texts: Sequence[str], random: Random) -> Piece:
        first = min(max(1, part[0] + random.randint(-self.jitter, self.jitter)), len(texts))
        last = min(max(first, part[1] + random.randint(-self.jitter, self.jitter)), len(texts))
        begin, end = _quote(texts, first, 1), _quote(texts, last, -1)
        if random.random() < self.invents:
            begin = "nobody ever said these very words here"
        return Piece(first, last, part[2], begin, end, True)


def _texts(page: Page) -> list[str]:
    """Text of each row of a page, without the speaker."""
    rows = [line.split("|", 1)[1] for line in page.text.splitlines() if line.split("|", 1)[0].isdigit()]
    return [re.sub(r"^(S\d+|SPEAKER_\d+|REP|\?) ", "", row) for row in rows]


def _quote(texts: Sequence[str], row: int, step: int) -> str:
    """Up to eight words from a row on, or up to it."""
    words: list[str] = []
    k = row - 1
    while 0 <= k < len(texts) and len(words) < 6:
        words = [*words, *texts[k].split()] if step > 0 else [*texts[k].split(), *words]
        k += step
    return " ".join(words[:8] if step > 0 else words[-8:])
