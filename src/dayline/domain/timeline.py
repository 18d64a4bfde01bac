"""What the detector says about a day: its conversations and an account of every second."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["customer", "internal", "personal", "broadcast", "unknown"]
"""What a conversation is. `unknown` is said instead of a guess."""

Label = Literal["customer", "internal", "personal", "broadcast", "other_speech", "silence"]
"""What a stretch of the timeline is; every second of the day has exactly one."""

About = Literal["start", "end", "kind", "confidence"]


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that moved a decision, in words a person can check, with the second to jump to.

    weight: signed share of the decision it explains; positive spoke for, negative against.
    """

    about: About
    text: str
    at_seconds: float
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Conversation:
    """A stretch in which the rep talks with the same party. `confidence` is the probability that it is
    a customer conversation with these boundaries (0..1), calibrated for kind == "customer"."""

    start_seconds: float
    end_seconds: float
    kind: Kind
    confidence: float
    reasons: tuple[Reason, ...] = ()
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Interval:
    """A part of the timeline under one label."""

    start_seconds: float
    end_seconds: float
    label: Label
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class DetectorUsage:
    """What the detector had to go by.

    Attributes:
        memory_days: days of the organisation that it remembered, weighted by how well they are known.
        windows_read: pages that a reader answered.
        windows_failed: pages that were to be read and were not.
    """

    memory_days: float = 0.0
    windows_read: int = 0
    windows_failed: int = 0


@dataclass(frozen=True, slots=True)
class Day:
    """The detector's answer. `conversations` are ordered, do not overlap and hold every kind;
    `timeline` covers [0, duration) without gap or overlap."""

    conversations: tuple[Conversation, ...]
    timeline: tuple[Interval, ...]
    usage: DetectorUsage = DetectorUsage()

    @property
    def customers(self) -> tuple[Conversation, ...]:
        """The customer conversations, in order."""
        return tuple(c for c in self.conversations if c.kind == "customer")


@dataclass(frozen=True, slots=True)
class DayContext:
    """What the organisation is about, as its playbook tells. Every field may be empty."""

    business: str = ""
    sells: str = ""
    playbook: str = ""
    vocabulary: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hint:
    """Something known beforehand, such as an appointment in the calendar."""

    start_seconds: float
    end_seconds: float
    label: str = ""
