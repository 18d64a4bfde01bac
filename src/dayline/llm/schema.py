"""The form in which a language model must answer. Flat and short, because small models fail on deep schemas."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

ObjectionKind = Literal["price", "timing", "authority", "need", "trust", "competition", "delay", "terms", "other"]


class Cited(BaseModel):
    """Words of one line of the transcript."""

    line: int = Field(ge=0, description="The number of the line")
    words: str = Field(max_length=400, description="Two to twenty consecutive words copied from that line")


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
    outcome: Literal["sale", "follow_up", "no_sale", "unknown"]
    playbook: list[PlaybookAnswer] = Field(default_factory=list[PlaybookAnswer], max_length=100)
    prompts: list[PromptReply] = Field(default_factory=list[PromptReply], max_length=40)

    def pillar(self, name: str) -> PillarAnswer:
        """Return the answer for one of the six pillars."""
        return getattr(self, name)
