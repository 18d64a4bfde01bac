"""The form in which a language model must answer. Flat and short: small models lose their way in deep schemas."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class PillarAnswer(BaseModel):
    """One pillar: a score, what was good, what to do better, and the words that show it."""

    score: int = Field(ge=0, le=100)
    positive: str = Field(max_length=600)
    negative: str = Field(max_length=600)
    quotes: list[str] = Field(max_length=4, description="Copied word for word from the transcript")


class ObjectionAnswer(BaseModel):
    """A doubt the customer voiced."""

    kind: Literal["price", "timing", "authority", "need", "trust", "competition", "delay", "terms", "other"]
    quote: str = Field(description="The customer's words, copied from the transcript")
    response: str | None = Field(default=None, description="The rep's answer, copied from the transcript")
    handled: bool


class NextStepAnswer(BaseModel):
    """Something somebody said they would do."""

    action: str = Field(max_length=300)
    owner: Literal["rep", "customer"] | None = None
    when: str | None = Field(default=None, max_length=100)
    quote: str = Field(description="Copied word for word from the transcript")


class PromptAnswer(BaseModel):
    """The answer to one of the team's own prompts."""

    title: str = Field(max_length=200)
    answer: str = Field(max_length=1000)
    quote: str | None = Field(default=None, description="Copied word for word from the transcript")


class JudgementAnswer(BaseModel):
    """The judgement of one conversation between a sales rep and a customer."""

    title: str = Field(max_length=120)
    prospect_name: str | None = Field(default=None, max_length=120)
    summary: str = Field(max_length=2000)
    clarity: PillarAnswer
    influence: PillarAnswer
    objection: PillarAnswer
    discovery: PillarAnswer
    delivery: PillarAnswer
    close: PillarAnswer
    double_down: str = Field(max_length=600)
    double_down_implementation: str = Field(max_length=600)
    general_improvement: str = Field(max_length=600)
    quoted_principle: str = Field(default="", max_length=400, description="A line of the playbook, copied")
    objections: list[ObjectionAnswer] = Field(default_factory=list[ObjectionAnswer], max_length=20)
    next_steps: list[NextStepAnswer] = Field(default_factory=list[NextStepAnswer], max_length=20)
    outcome: Literal["sale", "follow_up", "no_sale", "unknown"]
    prompts: list[PromptAnswer] = Field(default_factory=list[PromptAnswer], max_length=40)

    def pillar(self, name: str) -> PillarAnswer:
        """Return the answer for one of the six pillars."""
        return getattr(self, name)


class OpinionAnswer(BaseModel):
    """What kind of talk a piece of a day is."""

    kind: Literal["customer", "internal", "personal", "broadcast", "unknown"]
    quote: str = Field(max_length=400, description="Words of the piece that show it, copied word for word")
    reason: str = Field(max_length=300)
