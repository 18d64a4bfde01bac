"""Whether a configured language model can judge conversations: one short conversation, within seconds."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dayline.clock import monotonic_seconds
from dayline.domain.analysis import AnalysisTask
from dayline.domain.errors import Unavailable
from dayline.domain.transcript import Transcript, Utterance
from dayline.llm.config import LanguageConfig
from dayline.llm.language_model import LanguageModelAnalyst

CHECK_SECONDS = 45.0
_LINES = (
    ("REP", "Good morning, I am Dana from Kestrel Garage Doors. What is wrong with the door?"),
    ("CUSTOMER", "The spring broke last week, and now it does not open."),
    ("REP", "Both springs together are four hundred and eighty dollars, with a warranty of five years."),
    ("CUSTOMER", "That is more than I thought."),
    ("REP", "I understand. Would Thursday at nine work for you?"),
    ("CUSTOMER", "Thursday at nine is good."),
)


@dataclass(frozen=True, slots=True)
class ModelCheck:
    """What a check found.

    Attributes:
        works: whether the model gave a usable answer with verified quotes.
        seconds: how long it took.
        message: what was found and, where it does not work, what to do.
        quotes: verified quotes in the answer.
        dropped: statements that the transcript did not bear out.

    """

    works: bool
    seconds: float
    message: str
    quotes: int = 0
    dropped: int = 0


def check_model(config: LanguageConfig, most_seconds: float = CHECK_SECONDS) -> ModelCheck:
    """Ask the model about a conversation of six lines and say whether its answer is usable. Never raises
    `Unavailable`.
    """
    limited = replace(config, deadline_seconds=most_seconds, timeout_seconds=min(config.timeout_seconds, most_seconds))
    utterances = tuple(Utterance(5.0 * i, 5.0 * i + 4.0, text, who) for i, (who, text) in enumerate(_LINES))
    began = monotonic_seconds()
    try:
        judgement = LanguageModelAnalyst(limited).analyze(
            Transcript(utterances, 5.0 * len(utterances), language="en"), AnalysisTask(rep_label="REP")
        )
    except (Unavailable, ValueError) as error:
        return ModelCheck(False, round(monotonic_seconds() - began, 1), str(error))
    seconds = round(monotonic_seconds() - began, 1)
    quotes = len(judgement.evidence) + len(judgement.objections) + len(judgement.next_steps)
    if quotes == 0:
        message = (
            "The model answered in the right form, but none of its quotes stands in the transcript. Use a larger model."
        )
        return ModelCheck(False, seconds, message, 0, judgement.dropped)
    message = (
        f"{config.model} answered in {seconds:g} s with {quotes} verified quotes; {judgement.dropped} "
        f"statements dropped."
    )
    return ModelCheck(True, seconds, message, quotes, judgement.dropped)
