"""Result of the detector: conversations and a timeline of every second."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["customer", "internal", "personal", "broadcast", "unknown"]
"""Kinds of conversations. `unknown` in place of a guess."""

Label = Literal["customer", "internal", "personal", "broadcast", "other_speech", "silence"]
"""Labels of the timeline; every second has exactly one."""

About = Literal["start", "end", "kind", "confidence"]


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for a decision, in words that can be checked, with the second it refers to.

    weight: signed share of the decision it explains; positive is for, negative against.
    """

    about: About
    text: str
    at_seconds: float
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Conversation:
    """An interval in which the rep talks with one party. `confidence` is the probability that it is
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
    """Inputs that the detector used.

    Attributes:
        memory_days: days of the organisation in memory, weighted by how certain they are.
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
    """Facts about the organisation from its playbook. Every field may be empty."""

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
