"""Event streams: resuming, and the limit of open streams per partner in one API process."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Header

from dayline.domain.errors import RateLimited

PER_PARTNER = 20
_RETRY_SECONDS = 5.0


def resume_after(
    last_event_id: Annotated[str, Header(pattern=r"^[0-9]{0,18}$", description="Go on after this event.")] = "",
) -> int | None:
    """Return the number of the last event that the client received."""
    return int(last_event_id) if last_event_id else None


class StreamSlots:
    """Counter of open streams. Thread-safe."""

    def __init__(self, per_partner: int = PER_PARTNER) -> None:
        self._per_partner = per_partner
        self._open: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def taken(self, partner_id: str) -> Generator[None]:
        """Hold a slot. Raises RateLimited if all slots of the partner are taken."""
        with self._lock:
            if self._open[partner_id] >= self._per_partner:
                raise RateLimited(
                    f"This partner follows {self._per_partner} streams at once already. Close some of them.",
                    retry_after_seconds=_RETRY_SECONDS,
                )
            self._open[partner_id] += 1
        try:
            yield
        finally:
            with self._lock:
                self._open[partner_id] -= 1
                if self._open[partner_id] <= 0:
                    del self._open[partner_id]

    def count(self, partner_id: str) -> int:
        """Return the number of open streams of a partner."""
        return self._open.get(partner_id, 0)
