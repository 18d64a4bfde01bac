"""A language model as analyst, over any server that speaks the OpenAI chat protocol.

The model answers in a fixed form over numbered lines. Its statements are checked against the lines that they cite: a
statement whose numbers, names or times are not on these lines is dropped and counted. An answer with invented quotes
is returned for correction twice at most.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import cast

from dayline.domain.analysis import (
    NEUTRAL_SCORE,
    PILLARS,
    About,
    AnalysisTask,
    AnalystInfo,
    Assessment,
    Evidence,
    PillarFeedback,
    PlaybookPoint,
    PromptAnswer,
    StatedObjection,
    StatedOffer,
    StatedStep,
)
from dayline.domain.errors import Unavailable
from dayline.domain.spoken_numbers import numbers_in
from dayline.domain.transcript import Transcript
from dayline.llm.answer_cache import AnswerCache
from dayline.llm.chat import Answer, Chat
from dayline.llm.config import LanguageConfig
from dayline.llm.lines import Citation, NumberedLines
from dayline.llm.prompts import INSTRUCTIONS, INSTRUCTIONS_VERSION, playbook_lines, question_about
from dayline.llm.schema import AssessmentAnswer, Cited, Statement
from dayline.llm.statement_checks import unsupported
from dayline.llm.windows import join, windows

LIMITS = (
    "Judged by a language model; every quote and every number, name and time was checked against the "
    "transcript by code."
)
_MOST_COMPLAINTS = 8


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
        return _Checked(answer, lines, playbook, task).assessment()


def _first_failure(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    for failure in failures.exceptions:
        if isinstance(failure, BaseExceptionGroup):
            return _first_failure(cast("BaseExceptionGroup[BaseException]", failure))
        return failure
    return failures


def complaint_about(answer: AssessmentAnswer, lines: NumberedLines) -> str | None:
    """Return what the model must correct, or None: quotes that were never said, and scores without a quote."""
    invented = [c for c in _cited(answer) if lines.cite(c.line, c.words) is None]
    bare = [p for p in PILLARS if answer.pillar(p).score != NEUTRAL_SCORE and not answer.pillar(p).cites]
    if not invented and not bare:
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
    return found + [c for s in answer.summary for c in s.cites] + [c for p in answer.prompts for c in p.cites]


class _Checked:
    """An answer checked against the lines: supported statements are kept, others are counted."""

    def __init__(
        self, answer: Answer[AssessmentAnswer], lines: NumberedLines, playbook: Sequence[str], task: AnalysisTask
    ) -> None:
        self._answer = answer
        self._output = answer.output
        self._lines = lines
        self._playbook = playbook
        self._task = task
        self._dropped = 0

    def assessment(self) -> Assessment:
        """Return the supported statements."""
        output = self._output
        evidence = [e for p in PILLARS for e in self._evidence(f"{p}: cited by the model", output.pillar(p).cites, p)]
        prompts = self._prompts()
        principle = output.principle
        double_down = self._statement(output.double_down)
        return Assessment(
            scores={p: output.pillar(p).score for p in PILLARS},
            feedback={p: self._feedback(p) for p in PILLARS},
            evidence=tuple(evidence),
            title=self._title(),
            prospect_name=self._name(),
            summary=" ".join(filter(None, (self._statement(s) for s in output.summary))) or None,
            double_down=double_down,
            double_down_implementation=self._plain(output.double_down_implementation) if double_down else None,
            general_improvement=self._statement(output.general_improvement),
            quoted_principle=self._playbook[principle - 1] if principle and principle <= len(self._playbook) else None,
            objections=self._objections(),
            next_steps=self._steps(),
            offers=self._offers(),
            outcome=output.outcome,
            playbook_points=self._points(),
            prompt_answers=prompts,
            prompt_summary=_prompt_summary(prompts),
            prompt_feedback="\n".join(f"{p.title}: {p.answer}" for p in prompts if p.answer) or None,
            method="language_model",
            limits=LIMITS,
            dropped=self._dropped,
            input_tokens=self._answer.input_tokens,
            output_tokens=self._answer.output_tokens,
            cost_usd=self._answer.cost_usd,
        )

    def _cite(self, cited: Cited | None) -> Citation | None:
        found = self._lines.cite(cited.line, cited.words) if cited else None
        if cited is not None and found is None:
            self._dropped += 1
        return found

    def _texts(self, cites: Sequence[Cited]) -> list[str]:
        """Return the lines that the valid citations stand on."""
        return [self._lines.said(c.line) for c in cites if self._lines.cite(c.line, c.words)]

    def _bears(self, text: str, cited: Sequence[str], known: Sequence[str] = ()) -> bool:
        if cited and not unsupported(text, cited, known):
            return True
        self._dropped += 1
        return False

    def _statement(self, statement: Statement | None) -> str | None:
        if statement is None or not statement.text.strip():
            return None
        return statement.text.strip() if self._bears(statement.text, self._texts(statement.cites)) else None

    def _plain(self, text: str | None) -> str | None:
        """Return a sentence without citations of its own, when it names no number, name or time at all."""
        if not text or not text.strip():
            return None
        if unsupported(text, [""]):
            self._dropped += 1
            return None
        return text.strip()

    def _evidence(self, claim: str, cites: Sequence[Cited], pillar: str) -> list[Evidence]:
        found = [c for c in (self._cite(cited) for cited in cites) if c is not None]
        about = About("pillar", pillar)
        return [Evidence(claim, c.found.quote, c.found.start_seconds, c.found.end_seconds, about) for c in found]

    def _feedback(self, pillar: str) -> PillarFeedback:
        answer = self._output.pillar(pillar)
        texts = self._texts(answer.cites)
        kept = [
            t.strip() if t and t.strip() and (self._bears(t, texts) if texts else self._plain(t)) else None
            for t in (answer.positive, answer.negative)
        ]
        return PillarFeedback(kept[0], kept[1])

    def _title(self) -> str:
        title = self._output.title.strip()
        everything = [self._lines.said(n) for n in self._lines.texts]
        return title if title and self._bears(title, everything) else "Conversation"

    def _name(self) -> str | None:
        name = (self._output.prospect_name or "").strip()
        if not name:
            return None
        return name if self._bears(f"with {name}", [self._lines.said(n) for n in self._lines.texts]) else None

    def _objections(self) -> tuple[StatedObjection, ...]:
        found: list[StatedObjection] = []
        for item in self._output.objections:
            place = self._cite(item.quote)
            if place is None:
                continue
            response = self._cite(item.response)
            quote = place.found
            found.append(
                StatedObjection(
                    item.kind,
                    quote.quote,
                    quote.start_seconds,
                    quote.end_seconds,
                    response.found.quote if response else None,
                    response.found.start_seconds if response else None,
                    item.handled if response else None,
                )
            )
        return tuple(found)

    def _steps(self) -> tuple[StatedStep, ...]:
        found: list[StatedStep] = []
        for item in self._output.next_steps:
            place = self._cite(item.quote)
            if place is None or not self._bears(f"{item.action} {item.when or ''}", self._around(place.line)):
                continue
            quote = place.found
            found.append(
                StatedStep(item.action, item.owner, item.when, quote.quote, quote.start_seconds, quote.end_seconds)
            )
        return tuple(found)

    def _offers(self) -> tuple[StatedOffer, ...]:
        found: list[StatedOffer] = []
        for item in self._output.offers:
            place = self._cite(item.quote)
            if place is None:
                continue
            if item.amount not in numbers_in(self._lines.said(place.line)):
                self._dropped += 1
                continue
            quote = place.found
            found.append(
                StatedOffer(
                    item.what,
                    item.amount,
                    item.currency,
                    item.period,
                    quote.quote,
                    quote.start_seconds,
                    quote.end_seconds,
                )
            )
        return tuple(found)

    def _around(self, line: int) -> list[str]:
        """Return a line with its neighbours: a step and its time are often said in question and answer."""
        return [text for n in (line - 1, line, line + 1) if (text := self._lines.said(n))]

    def _points(self) -> tuple[PlaybookPoint, ...]:
        answers = {a.number: a for a in self._output.playbook}
        found: list[PlaybookPoint] = []
        for number, text in enumerate(self._playbook, 1):
            answer = answers.get(number)
            place = self._cite(answer.quote) if answer else None
            if answer is None or (answer.covered == "yes" and place is None):
                found.append(PlaybookPoint(text, "unclear"))
            elif place is None:
                found.append(PlaybookPoint(text, answer.covered))
            else:
                quote = place.found
                found.append(PlaybookPoint(text, answer.covered, quote.quote, quote.start_seconds, quote.end_seconds))
        return tuple(found)

    def _prompts(self) -> tuple[PromptAnswer, ...]:
        replies = {p.title.strip().casefold(): p for p in self._output.prompts}
        found: list[PromptAnswer] = []
        for prompt in self._task.prompts:
            reply = replies.get(prompt.title.strip().casefold())
            texts = self._texts(reply.cites) if reply else []
            known = [prompt.content, prompt.title]
            if reply is None or unsupported(reply.answer, texts, known):
                self._dropped += reply is not None
                found.append(PromptAnswer(prompt.title, None, answerable=False))
                continue
            places = [c for c in (self._lines.cite(c.line, c.words) for c in reply.cites) if c]
            about = About("prompt", prompt.title)
            evidence = tuple(
                Evidence(f"prompt: {prompt.title}", c.found.quote, c.found.start_seconds, c.found.end_seconds, about)
                for c in places
            )
            found.append(PromptAnswer(prompt.title, reply.answer.strip(), answerable=True, evidence=evidence))
        return tuple(found)


def _prompt_summary(answers: Sequence[PromptAnswer]) -> str | None:
    if not answers:
        return None
    open_titles = [a.title for a in answers if not a.answerable]
    words = f"Prompts: {len(answers) - len(open_titles)} of {len(answers)} answered by the model."
    return f"{words} Not answered: {', '.join(open_titles)}." if open_titles else words


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
