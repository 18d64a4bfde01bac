"""A language model as judge, over any server that speaks the OpenAI chat protocol.

The model must answer in a fixed form and quote the transcript word for word. An answer whose quotes are not in the
transcript goes back to it, twice at most; what is still invented then is left for the verification to drop and count.
"""

from __future__ import annotations

from dayline.domain.analysis import (
    NEUTRAL_SCORE,
    PILLARS,
    AnalysisTask,
    AnalystInfo,
    Evidence,
    Judgement,
    PillarFeedback,
    PromptAnswer,
    StatedObjection,
    StatedStep,
)
from dayline.domain.quotes import QuoteFinder
from dayline.domain.transcript import Transcript
from dayline.llm.chat import Answer, Chat
from dayline.llm.config import LanguageConfig
from dayline.llm.prompts import INSTRUCTIONS, INSTRUCTIONS_VERSION, question_about
from dayline.llm.schema import JudgementAnswer
from dayline.llm.windows import join, windows


class LanguageModelAnalyst:
    """Satisfies the `Analyst` port with a language model."""

    def __init__(self, config: LanguageConfig) -> None:
        self._config = config
        self._chat = Chat(config)

    @property
    def info(self) -> AnalystInfo:
        """Engine, model and version, kept with every analysis."""
        return AnalystInfo("openai", self._config.model, INSTRUCTIONS_VERSION)

    def judge(self, transcript: Transcript, task: AnalysisTask) -> Judgement:
        """Judge one conversation, in several questions when it is long. Raises `Unavailable`."""
        if not transcript.text.strip():
            return _nothing_said()
        parts = windows(transcript, self._config.window_tokens)
        judged: list[tuple[Judgement, int]] = []
        for number, part in enumerate(parts, 1):
            finder = QuoteFinder(part)
            answer = self._chat.ask(
                JudgementAnswer,
                INSTRUCTIONS,
                question_about(part, task, number, len(parts)),
                check=lambda output, finder=finder: complaint_about(output, finder),
            )
            judged.append((_judgement(answer, finder, task), part.word_count))
        return join(judged)


def complaint_about(answer: JudgementAnswer, finder: QuoteFinder) -> str | None:
    """Return what the model must mend, or None: quotes that were never said, and scores without a quote."""
    invented = [q for q in _quotes(answer) if finder.find(q) is None and len(q.split()) > 1]
    bare = [p for p in PILLARS if answer.pillar(p).score != NEUTRAL_SCORE and not answer.pillar(p).quotes]
    if not invented and not bare:
        return None
    complaints: list[str] = []
    if invented:
        shown = "; ".join(f"“{q[:120]}”" for q in invented[:8])
        complaints.append(
            f"These quotes are not in the transcript word for word: {shown}. Copy them exactly or drop them."
        )
    if bare:
        complaints.append(f"These pillars have a score other than {NEUTRAL_SCORE} and no quote: {', '.join(bare)}.")
    return " ".join(complaints)


def _quotes(answer: JudgementAnswer) -> list[str]:
    found = [q for p in PILLARS for q in answer.pillar(p).quotes]
    found += [o.quote for o in answer.objections] + [o.response for o in answer.objections if o.response]
    found += [s.quote for s in answer.next_steps] + [p.quote for p in answer.prompts if p.quote]
    return found


def _judgement(answer: Answer[JudgementAnswer], finder: QuoteFinder, task: AnalysisTask) -> Judgement:
    output = answer.output
    evidence = [_evidence(f"{p}: quoted by the model", q, finder) for p in PILLARS for q in output.pillar(p).quotes]
    evidence += [_evidence(f"prompt: {p.title}", p.quote, finder) for p in output.prompts if p.quote]
    # A principle is shown as the playbook's own words, so it has to be.
    principle = output.quoted_principle.strip()
    return Judgement(
        scores={p: output.pillar(p).score for p in PILLARS},
        feedback={p: PillarFeedback(output.pillar(p).positive, output.pillar(p).negative) for p in PILLARS},
        evidence=tuple(evidence),
        title=output.title.strip(),
        prospect_name=output.prospect_name,
        summary=output.summary,
        double_down=output.double_down,
        double_down_implementation=output.double_down_implementation,
        general_improvement=output.general_improvement,
        quoted_principle=principle if principle and principle in task.playbook else None,
        objections=tuple(
            StatedObjection(o.kind, o.quote, *_times(o.quote, finder), o.response, None, o.handled)
            for o in output.objections
        ),
        next_steps=tuple(
            StatedStep(s.action, s.owner, s.when, s.quote, *_times(s.quote, finder)) for s in output.next_steps
        ),
        prompt_answers=tuple(PromptAnswer(p.title, p.answer, answerable=True) for p in output.prompts),
        method="language_model",
        outcome=output.outcome,
        prompt_summary=_prompt_summary(output, task),
        prompt_feedback="\n".join(f"{p.title}: {p.answer}" for p in output.prompts) or None,
        input_tokens=answer.input_tokens,
        output_tokens=answer.output_tokens,
    )


def _prompt_summary(output: JudgementAnswer, task: AnalysisTask) -> str | None:
    if not task.prompts:
        return None
    answered = {p.title.strip().casefold() for p in output.prompts}
    open_titles = [p.title for p in task.prompts if p.title.strip().casefold() not in answered]
    words = f"Prompts: {len(task.prompts) - len(open_titles)} of {len(task.prompts)} answered by the model."
    return f"{words} Not answered: {', '.join(open_titles)}." if open_titles else words


def _times(quote: str, finder: QuoteFinder) -> tuple[float, float]:
    found = finder.find(quote)
    return (found.start_seconds, found.end_seconds) if found else (0.0, 0.0)


def _evidence(claim: str, quote: str, finder: QuoteFinder) -> Evidence:
    return Evidence(claim, quote, *_times(quote, finder))


def _nothing_said() -> Judgement:
    """Return the judgement of silence, for which no model needs to be asked."""
    note = PillarFeedback(None, "No words were recognised, so there is nothing to judge.")
    return Judgement(
        scores=dict.fromkeys(PILLARS, NEUTRAL_SCORE),
        feedback=dict.fromkeys(PILLARS, note),
        evidence=(),
        title="Conversation without recognised words",
        summary="No words were recognised in this recording.",
    )
