"""Check within seconds, by one short conversation, whether a configured language model can analyse."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import get_args

from dayline.clock import monotonic_seconds
from dayline.domain.analysis import AnalysisTask, Assessment
from dayline.domain.errors import Unavailable
from dayline.domain.transcript import Transcript, Utterance
from dayline.llm.config import LanguageConfig, OutputMode
from dayline.llm.language_model import LanguageModelAnalyst

CHECK_SECONDS = 45.0
"""Limit of the whole check. A model that takes longer for six lines is too slow for conversations."""

_LINES = (
    ("REP", "Good morning, I am Dana from Kestrel Garage Doors. What is wrong with the door?"),
    ("CUSTOMER", "The spring broke last week, and now it does not open."),
    ("REP", "Both springs together are four hundred and eighty dollars, with a warranty of five years."),
    ("CUSTOMER", "That is more than I thought."),
    ("REP", "I understand. Would Thursday at nine work for you?"),
    ("CUSTOMER", "Thursday at nine is good."),
)
_OTHER_MODE_MAY_HELP = frozenset({"server_failed", "refused_request", "unusable_answer"})
"""Failures of servers that do not support an output mode."""


@dataclass(frozen=True, slots=True)
class ModelCheck:
    """Result of a check.

    Attributes:
        works: whether the model gave a usable answer with verified quotes.
        seconds: how long it took.
        message: the result and, where it failed, what to do.
        quotes: verified quotes in the answer.
        dropped: statements that the transcript does not support.

    """

    works: bool
    seconds: float
    message: str
    quotes: int = 0
    dropped: int = 0


def check_model(config: LanguageConfig, most_seconds: float = CHECK_SECONDS) -> ModelCheck:
    """Ask the model about a conversation of six lines and check its answer. Never raises
    `Unavailable`.

    Where the server fails, the other ways of asking for JSON are tried too, so that the message can name the setting
    that works.
    """
    began = monotonic_seconds()
    first = _tried(config, config.output_mode, began + most_seconds)
    if isinstance(first, Assessment):
        return _result(config, first, began)
    if first.details.get("reason") in _OTHER_MODE_MAY_HELP:
        for mode in get_args(OutputMode):
            if mode == config.output_mode or monotonic_seconds() >= began + most_seconds:
                continue
            other = _tried(config, mode, began + most_seconds)
            if isinstance(other, Assessment) and _quotes(other):
                message = f"It answers with another way of asking for JSON: set DAYLINE_LANGUAGE_OUTPUT_MODE={mode}."
                return ModelCheck(False, _since(began), f"{first} {message}")
            if isinstance(other, Unavailable) and other.details.get("reason") == "time_out":
                message = (
                    f"With DAYLINE_LANGUAGE_OUTPUT_MODE={mode} it began to answer, but not within {most_seconds:g} s."
                )
                return ModelCheck(False, _since(began), f"{first} {message}")
    return ModelCheck(False, _since(began), str(first))


def _tried(config: LanguageConfig, mode: OutputMode, until: float) -> Assessment | Unavailable:
    """Ask in one mode until a time of the monotonic clock; return the answer, or why there is none."""
    left = max(1.0, until - monotonic_seconds())
    limited = replace(
        config, output_mode=mode, deadline_seconds=left, timeout_seconds=min(config.timeout_seconds, left)
    )
    utterances = tuple(Utterance(5.0 * i, 5.0 * i + 4.0, text, who) for i, (who, text) in enumerate(_LINES))
    transcript = Transcript(utterances, 5.0 * len(utterances), language="en")
    try:
        return LanguageModelAnalyst(limited).analyze(transcript, AnalysisTask(rep_label="REP"))
    except Unavailable as error:
        return error
    except ValueError as error:
        return Unavailable(str(error), retryable=False, reason="unusable_answer")


def _quotes(assessment: Assessment) -> int:
    return len(assessment.evidence) + len(assessment.objections) + len(assessment.next_steps)


def _result(config: LanguageConfig, assessment: Assessment, began: float) -> ModelCheck:
    seconds, quotes = _since(began), _quotes(assessment)
    if quotes == 0:
        message = (
            "The model answered in the right form, but none of its quotes stands in the transcript. Use a larger model."
        )
        return ModelCheck(False, seconds, message, 0, assessment.dropped)
    message = (
        f"{config.model} answered in {seconds:g} s with {quotes} verified quotes; {assessment.dropped} "
        f"statements dropped."
    )
    return ModelCheck(True, seconds, message, quotes, assessment.dropped)


def _since(began: float) -> float:
    return round(monotonic_seconds() - began, 1)
