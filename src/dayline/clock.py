"""The one place that reads the machine's clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import overload


def now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


def monotonic_seconds() -> float:
    """Return seconds on a clock that never jumps; only differences mean something."""
    return time.monotonic()


@overload
def iso(moment: datetime) -> str: ...
@overload
def iso(moment: None) -> None: ...
@overload
def iso(moment: datetime | None) -> str | None: ...
def iso(moment: datetime | None) -> str | None:
    """Write a moment as ISO 8601 with microseconds and `Z`; naive values from a database are UTC."""
    if moment is None:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def utc(moment: datetime) -> datetime:
    """Return `moment` with its offset; naive values from a database are UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
