"""The form in which a language model must answer. Flat and short, because small models fail on deep schemas.

Small models behind servers that enforce no schema give the right statements in a slightly wrong form: inside the schema
instead of as its instance, quotes without their line, more citations than asked for, one unusable item in a list. That
much is read, and what cannot be read is left out and counted, so that one item does not cost the whole answer. What is
read is verified in the same way.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field, ModelWrapValidatorHandler, PrivateAttr, ValidationError, model_validator

from dayline.domain.json_types import JsonObject, is_array, is_object

OutcomeKind = Literal["sale", "follow_up", "no_sale", "unknown"]
ObjectionKind = Literal["price", "timing", "authority", "need", "trust", "competition", "delay", "terms", "other"]


class Cited(BaseModel):
    """Words of one line of the transcript."""

    line: int = Field(ge=0, description="The number of the line")
    words: str = Field(max_length=400, description="Two to twenty consecutive words copied from that line")

    @model_validator(mode="before")
    @classmethod
    def _without_line(cls, given: object) -> object:
        """Read a plain string as words whose line was not given."""
        return {"line": 0, "words": given} if isinstance(given, str) else given


class Statement(BaseModel):
    """A sentence about this conversation and the words that show it."""

    text: str = Field(max_length=500)
    cites: list[Cited] = Field(default_factory=list[Cited], max_length=4)


class PillarAnswer(BaseModel):
    """One pillar: a score, what was good, what to do better, and the words that show it."""

    score: int = Field(ge=0, le=100)
    positive: str | None = Field(default=None, max_length=500)
    negative: str | None = Field(default=None, max_length=500)
    cites: list[Cited] = Field(default_factory=list[Cited], max_length=4)


class ObjectionAnswer(BaseModel):
    """An objection of the customer."""

    kind: ObjectionKind
    quote: Cited
    response: Cited | None = Field(default=None, description="The rep's answer")
    handled: bool | None = None


class NextStepAnswer(BaseModel):
    """Something somebody said they would do."""

    action: str = Field(max_length=300)
    owner: Literal["rep", "customer"] | None = None
    when: str | None = Field(default=None, max_length=100)
    quote: Cited


class OfferAnswer(BaseModel):
    """A price that the rep named."""

    what: str | None = Field(default=None, max_length=200)
    amount: float = Field(ge=0, le=1e12)
    currency: str | None = Field(default=None, max_length=3, description="ISO code such as USD, when it was said")
    period: str | None = Field(default=None, max_length=40)
    quote: Cited


class PlaybookAnswer(BaseModel):
    """Whether a line of the playbook was covered."""

    number: int = Field(ge=0, description="The number of the playbook line")
    covered: Literal["yes", "no", "unclear"]
    quote: Cited | None = None


class PromptReply(BaseModel):
    """The answer to one of the team's own prompts."""

    title: str = Field(max_length=200)
    answer: str = Field(max_length=1000)
    cites: list[Cited] = Field(default_factory=list[Cited], max_length=4)


class AssessmentAnswer(BaseModel):
    """The assessment of one conversation between a sales rep and a customer."""

    title: str = Field(max_length=120)
    prospect_name: str | None = Field(default=None, max_length=120)
    summary: list[Statement] = Field(max_length=10)
    clarity: PillarAnswer
    influence: PillarAnswer
    objection: PillarAnswer
    discovery: PillarAnswer
    delivery: PillarAnswer
    close: PillarAnswer
    double_down: Statement | None = None
    double_down_implementation: str | None = Field(default=None, max_length=500)
    general_improvement: Statement | None = None
    principle: int | None = Field(default=None, description="The number of the playbook line that fits the improvement")
    objections: list[ObjectionAnswer] = Field(default_factory=list[ObjectionAnswer], max_length=20)
    next_steps: list[NextStepAnswer] = Field(default_factory=list[NextStepAnswer], max_length=20)
    offers: list[OfferAnswer] = Field(default_factory=list[OfferAnswer], max_length=20)
    outcome: OutcomeKind
    outcome_quote: Cited | None = Field(default=None, description="Words that show the outcome, unless it is unknown")
    playbook: list[PlaybookAnswer] = Field(default_factory=list[PlaybookAnswer], max_length=100)
    prompts: list[PromptReply] = Field(default_factory=list[PromptReply], max_length=40)

    _misshapen: int = PrivateAttr(default=0)

    @property
    def misshapen(self) -> int:
        """Number of items that did not have the form and were left out."""
        return self._misshapen

    @model_validator(mode="wrap")
    @classmethod
    def _tolerate(cls, given: object, handler: ModelWrapValidatorHandler[AssessmentAnswer]) -> AssessmentAnswer:
        """Leave out items that do not have the form, and count them."""
        readable, left_out = _readable(given)
        answer = handler(readable)
        answer._misshapen = left_out
        return answer

    def pillar(self, name: str) -> PillarAnswer:
        """Return the answer for one of the six pillars."""
        return getattr(self, name)


_MOST_CITES = 4
_LISTS: dict[str, tuple[type[BaseModel], int]] = {
    "summary": (Statement, 10),
    "objections": (ObjectionAnswer, 20),
    "next_steps": (NextStepAnswer, 20),
    "offers": (OfferAnswer, 20),
    "playbook": (PlaybookAnswer, 100),
    "prompts": (PromptReply, 40),
}
"""Lists of an answer, with the form of their items and the most that are read."""


def unwrapped(given: object, field: str) -> object:
    """Return the instance that a model wrote inside the schema's own `properties`; `field` is one of the instance."""
    if is_object(given) and field not in given and is_object(inner := given.get("properties")):
        return inner
    return given


def _readable(given: object) -> tuple[object, int]:
    """Return an answer without the items that do not have the form, and their number."""
    answer = unwrapped(given, "summary")
    if not is_object(answer):
        return answer, 0
    kept: JsonObject = {}
    left_out = 0
    for name, value in answer.items():
        if name in _LISTS and is_array(value):
            form, most = _LISTS[name]
            usable = [item for item in map(_shortened, value[:most]) if _fits(form, item)]
            left_out += len(value) - len(usable)
            kept[name] = usable
        else:
            kept[name] = _shortened(value)
    return kept, left_out


def _shortened(item: object) -> object:
    """Return an item with no more citations than are read."""
    if is_object(item) and is_array(cites := item.get("cites")):
        return {**item, "cites": cites[:_MOST_CITES]}
    return item


def _fits(form: type[BaseModel], item: object) -> bool:
    try:
        form.model_validate(item)
    except ValidationError:
        return False
    return True
