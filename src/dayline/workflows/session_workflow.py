"""The story of one recording, from the moment a worker picks it up.

Each line below is a step whose outcome is kept: after a crash the story goes on at the line it had
reached, on whatever worker takes it over. A step returns None, or the trouble that ends the day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dayline.workflows.step_failure import Trouble

_LOOK_AGAIN_SECONDS = 20.0
"""How long a waiting day sleeps when nobody wakes it: a safety net, not the way it learns of news."""


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of a day, each bound to what it works with and kept by the workflow engine."""

    begin: Callable[[str, int], Trouble | None]
    ingest: Callable[[str, int], Trouble | None]
    spans_left: Callable[[str, int], int]
    name_the_speakers: Callable[[str, int], Trouble | None]
    detect: Callable[[str, int], Trouble | None]
    start_analyses: Callable[[str, int], Trouble | None]
    analyses_left: Callable[[str, int], int]
    complete: Callable[[str, int], Trouble | None]
    fail: Callable[[str, int, Trouble], Any]
    clean: Callable[[str, int], Any]


def run_session(session_id: str, run: int, steps: Steps, sleep: Callable[[float], None]) -> None:
    """Tell the story of one day."""
    trouble = (
        steps.begin(session_id, run)
        or steps.ingest(session_id, run)
        or _until_none_left(steps.spans_left, session_id, run, sleep)
        or steps.name_the_speakers(session_id, run)
        or steps.detect(session_id, run)
        or steps.start_analyses(session_id, run)
        or _until_none_left(steps.analyses_left, session_id, run, sleep)
        or steps.complete(session_id, run)
    )
    if trouble:
        steps.fail(session_id, run, trouble)
    steps.clean(session_id, run)


def _until_none_left(
    left: Callable[[str, int], int], session_id: str, run: int, sleep: Callable[[float], None]
) -> Trouble | None:
    """Wait for the jobs of other workers. A cancelled or deleted day has none left."""
    while left(session_id, run) > 0:
        sleep(_LOOK_AGAIN_SECONDS)
    return None
