"""A language model as analyst, over any server that speaks the OpenAI chat protocol.

The model answers in a fixed form over numbered lines. Its statements are checked against the lines that they cite: a
statement whose numbers, names or times are not on these lines is dropped and counted. An answer with invented quotes
is returned for correction twice at most.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import cast

from dayline.domain.analysis import NEUTRAL_SCORE, PILLARS, AnalysisTask, AnalystInfo, Assessment, PillarFeedback
from dayline.domain.errors import Unavailable
from dayline.domain.transcript import Transcript
from dayline.llm.answer_cache import AnswerCache
from dayline.llm.chat import Answer, Chat
from dayline.llm.checked_answer import CheckedAnswer
from dayline.llm.config import LanguageConfig
from dayline.llm.lines import NumberedLines
from dayline.llm.prompts import INSTRUCTIONS, INSTRUCTIONS_VERSION, playbook_lines, question_about
from dayline.llm.schema import AssessmentAnswer, Cited
from dayline.llm.windows import join, windows

_MOST_COMPLAINTS = 8
_MOST_BARE_SCORES = 1


class LanguageModelAnalyst:
    """Satisfies the `Analyst` port with a language model."""

    def __init__(self, config: LanguageConfig) -> None:
        self._config = config
        self._chat = Chat(config)
        self._cache = AnswerCache()

    @property
    def info(self) -> AnalystInfo:
        """Engine, model and version, kept with every analysis."""
        return AnalystInfo("openai", self._config.model, INSTRUCTIONS_VERSION)

    def analyze(self, transcript: Transcript, task: AnalysisTask) -> Assessment:
        """Judge one conversation; a long one in several windows at once. Raises `Unavailable` within the deadline."""
        if not transcript.text.strip():
            return _nothing_said()
        parts = windows(transcript, self._config.window_tokens)
        if len(parts) > self._config.most_windows:
            raise Unavailable(
                f"The conversation is too long for the language model's budget of {self._config.most_windows} windows.",
                retryable=False,
                reason="too_long",
            )
        self._chat.prepare()
        return join(asyncio.run(self._judge_all(parts, task)))

    async def _judge_all(self, parts: Sequence[Transcript], task: AnalysisTask) -> list[tuple[Assessment, int]]:
        gate = asyncio.Semaphore(self._config.windows_at_once)
        first = 1
        jobs: list[asyncio.Task[Assessment]] = []
        try:
            async with asyncio.timeout(self._config.deadline_seconds), asyncio.TaskGroup() as group:
                for number, part in enumerate(parts, 1):
                    lines = NumberedLines(part, task.rep_label, first)
                    first += len(part.utterances)
                    jobs.append(group.create_task(self._judge_one(gate, part, lines, task, number, len(parts))))
        except TimeoutError:
            raise Unavailable("The language model did not answer in time.", retryable=True, reason="time_out") from None
        except ExceptionGroup as failures:
            raise _first_failure(failures) from None
        return [(job.result(), part.word_count) for job, part in zip(jobs, parts, strict=True)]

    async def _judge_one(
        self,
        gate: asyncio.Semaphore,
        part: Transcript,
        lines: NumberedLines,
        task: AnalysisTask,
        number: int,
        parts: int,
    ) -> Assessment:
        playbook = playbook_lines(task.playbook, part.text) if task.playbook else []
        prompt = question_about(lines, task, playbook, number, parts)
        config = self._config
        key = AnswerCache.key(config.base_url, config.model, config.output_mode, INSTRUCTIONS, prompt)
        answer: Answer[AssessmentAnswer] | None = self._cache.get(key)
        if answer is None:
            async with gate:
                answer = await self._chat.ask_async(
                    AssessmentAnswer, INSTRUCTIONS, prompt, lambda output: complaint_about(output, lines)
                )
            # A repeated question costs nothing, so the kept answer has no tokens.
            self._cache.put(key, Answer(answer.output, 0, 0, 0.0))
        return CheckedAnswer(answer, lines, playbook, task).assessment()


def _first_failure(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    for failure in failures.exceptions:
        if isinstance(failure, BaseExceptionGroup):
            return _first_failure(cast("BaseExceptionGroup[BaseException]", failure))
        return failure
    return failures


def complaint_about(answer: AssessmentAnswer, lines: NumberedLines) -> str | None:
    """Return what the model must correct, or None: quotes that were never said, and scores without a quote.

    One score alone is not asked for again: the whole answer would be written anew, and without a quote the score does
    not count.
    """
    invented = [c for c in _cited(answer) if lines.cite(c.line, c.words) is None]
    bare = [p for p in PILLARS if answer.pillar(p).score != NEUTRAL_SCORE and not answer.pillar(p).cites]
    if not invented and len(bare) <= _MOST_BARE_SCORES:
        return None
    complaints: list[str] = []
    if invented:
        shown = "; ".join(f"line {c.line}: “{c.words[:120]}”" for c in invented[:_MOST_COMPLAINTS])
        complaints.append(f"These words do not stand on the lines given: {shown}. Copy them exactly or drop them.")
    if bare:
        complaints.append(f"These pillars have a score other than {NEUTRAL_SCORE} and no citation: {', '.join(bare)}.")
    return " ".join(complaints)


def _cited(answer: AssessmentAnswer) -> list[Cited]:
    found = [c for p in PILLARS for c in answer.pillar(p).cites]
    found += [o.quote for o in answer.objections] + [o.response for o in answer.objections if o.response]
    found += [s.quote for s in answer.next_steps] + [o.quote for o in answer.offers]
    found += [answer.outcome_quote] if answer.outcome_quote else []
    return found + [c for s in answer.summary for c in s.cites] + [c for p in answer.prompts for c in p.cites]


def _nothing_said() -> Assessment:
    """Return the result for a conversation without words, without asking a model."""
    return Assessment(
        scores=dict.fromkeys(PILLARS, NEUTRAL_SCORE),
        feedback=dict.fromkeys(PILLARS, PillarFeedback(None, None)),
        evidence=(),
        title="Recording without recognised words",
        summary="No words were recognised in this recording.",
        method="language_model",
        limits="No words were recognised, so there is nothing to judge.",
    )
