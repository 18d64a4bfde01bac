"""A day's timeline as a strip for lists: few runs of labels, without reasons."""

from __future__ import annotations

from collections.abc import Sequence

from dayline.domain.stored_json import StoredInterval

MAX_RUNS = 200

Run = tuple[str, float]


def strip_of(timeline: Sequence[StoredInterval]) -> list[Run]:
    """Return (label, seconds) runs from 0 to the end, at most `MAX_RUNS`.

    Neighbours of one label are one run. While there are too many, the shortest run goes to its longer neighbour; the
    sum of the seconds stays the length of the day.
    """
    runs: list[Run] = []
    for interval in timeline:
        seconds = float(interval["end_seconds"]) - float(interval["start_seconds"])
        _append(runs, (str(interval["label"]), seconds))
    while len(runs) > MAX_RUNS:
        runs = _without_shortest(runs)
    return [(label, round(seconds, 3)) for label, seconds in runs]


def _append(runs: list[Run], run: Run) -> None:
    if runs and runs[-1][0] == run[0]:
        runs[-1] = (run[0], runs[-1][1] + run[1])
    else:
        runs.append(run)


def _without_shortest(runs: list[Run]) -> list[Run]:
    at = min(range(len(runs)), key=lambda i: runs[i][1])
    before = runs[at - 1][1] if at else -1.0
    after = runs[at + 1][1] if at + 1 < len(runs) else -1.0
    neighbour = at - 1 if before >= after else at + 1
    left: list[Run] = []
    for index, (label, seconds) in enumerate(runs):
        if index == at:
            continue
        _append(left, (label, seconds + runs[at][1] if index == neighbour else seconds))
    return left
