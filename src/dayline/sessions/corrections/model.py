"""Apply corrections to the segments and the timeline of a day: pure functions.

Whatever sequence of changes is applied, the segments stay ordered, inside the day and without
overlap, and the timeline covers every second under exactly one label. A change that would violate this is
refused as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from dayline.domain.errors import InvalidRequest, NotFound
from dayline.domain.stored_json import TITLE_BY_HAND, IntervalLabel, StoredReason

MIN_SECONDS = 1.0
_BY_HAND = "A person set this."
_NO_CONFIDENCE = "A person set this conversation, so the detector gives no confidence."
_SPLIT_HERE = "A person split the conversation here."
_OF_WHOLE = re.compile(r"of \d+:\d\d:\d\d to ")
_TITLED = "A person gave this title."


@dataclass(frozen=True, slots=True)
class SegmentEdit:
    """One customer conversation while it is being corrected.

    confidence: the detector's; None once a person has set the conversation.
    is_touched: it must be analysed again.
    """

    id: str
    start_seconds: float
    end_seconds: float
    title: str | None
    confidence: float | None
    reasons: tuple[StoredReason, ...]
    is_touched: bool = False


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """A part of the timeline."""

    start_seconds: float
    end_seconds: float
    label: IntervalLabel
    reasons: tuple[StoredReason, ...] = ()


@dataclass(frozen=True, slots=True)
class DayState:
    """State that is corrected: `parts` in the order of the day, `timeline` from 0 to `duration_seconds`."""

    duration_seconds: float
    parts: tuple[SegmentEdit, ...]
    timeline: tuple[TimelineEntry, ...]


@dataclass(frozen=True, slots=True)
class Adjust:
    """Move the boundaries of a segment, or give it another title."""

    segment_id: str
    start_seconds: float | None = None
    end_seconds: float | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """Cut a segment in two; the first keeps the id."""

    segment_id: str
    at_seconds: float


@dataclass(frozen=True, slots=True)
class Merge:
    """Join neighbouring segments and what lies between them; the first keeps the id."""

    segment_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Relabel:
    """Give a segment that is no customer conversation another label."""

    segment_id: str
    kind: Literal["internal", "personal", "broadcast", "unknown"]


@dataclass(frozen=True, slots=True)
class Add:
    """Add a customer conversation."""

    start_seconds: float
    end_seconds: float
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """Label a part of the day that is no customer conversation."""

    start_seconds: float
    end_seconds: float
    label: Literal["internal", "personal", "broadcast", "other_speech", "silence"]


@dataclass(frozen=True, slots=True)
class Remove:
    """Remove a segment that is no conversation."""

    segment_id: str


Change = Adjust | Split | Merge | Relabel | Add | Remove | Label
MakeId = Callable[[int], str]


def apply(state: DayState, changes: Sequence[Change], make_id: MakeId) -> DayState:
    """Apply changes in their order. `make_id(n)` names the n-th new segment.

    Raises NotFound (segment_not_found) and InvalidRequest; `details.change` tells which change was wrong.
    """
    made = 0

    def next_id() -> str:
        nonlocal made
        made += 1
        return make_id(made - 1)

    for index, change in enumerate(changes):
        try:
            state = _apply_one(state, change, next_id)
        except (InvalidRequest, NotFound) as error:
            error.details["change"] = index
            raise
    return state


def _apply_one(state: DayState, change: Change, next_id: Callable[[], str]) -> DayState:
    match change:
        case Adjust():
            return _adjust(state, change)
        case Split():
            return _split(state, change, next_id())
        case Merge():
            return _merge(state, change)
        case Relabel():
            label = "other_speech" if change.kind == "unknown" else change.kind
            return _take_out(state, change.segment_id, label)
        case Add():
            return _add(state, change, next_id())
        case Label():
            return _label(state, change)
        case Remove():
            return _take_out(state, change.segment_id, "other_speech")


def _adjust(state: DayState, change: Adjust) -> DayState:
    old = _find(state, change.segment_id)
    start = _ms(old.start_seconds if change.start_seconds is None else change.start_seconds)
    end = _ms(old.end_seconds if change.end_seconds is None else change.end_seconds)
    title = old.title if change.title is None else change.title
    reasons = old.reasons if title == old.title else _titled(old)
    if (start, end) == (old.start_seconds, old.end_seconds):
        return _with_parts(
            state, [replace(p, title=title, reasons=reasons) if p.id == old.id else p for p in state.parts]
        )
    named = replace(old, title=title, reasons=reasons)
    new = _by_hand(replace(named, start_seconds=start, end_seconds=end), named, named)
    parts = _checked(state, [new if p.id == old.id else p for p in state.parts])
    timeline = overlay(state.timeline, TimelineEntry(old.start_seconds, old.end_seconds, "other_speech", _reasons(old)))
    timeline = overlay(timeline, TimelineEntry(start, end, "customer", new.reasons))
    return replace(state, parts=parts, timeline=timeline)


def _split(state: DayState, change: Split, new_id: str) -> DayState:
    old = _find(state, change.segment_id)
    at = _ms(change.at_seconds)
    if not old.start_seconds + MIN_SECONDS <= at <= old.end_seconds - MIN_SECONDS:
        raise InvalidRequest(
            f"A segment can be split between {old.start_seconds + MIN_SECONDS} and {old.end_seconds - MIN_SECONDS} "
            "seconds.",
            field="at_seconds",
        )
    untitled = replace(old, reasons=tuple(r for r in old.reasons if r["about"] != TITLE_BY_HAND))
    first = _by_hand(replace(old, end_seconds=at), old, old, _SPLIT_HERE)
    second = _by_hand(replace(old, id=new_id, start_seconds=at, title=None), untitled, untitled, _SPLIT_HERE)
    parts = _checked(state, [*(p for p in state.parts if p.id != old.id), first, second])
    timeline = overlay(state.timeline, TimelineEntry(first.start_seconds, at, "customer", first.reasons))
    timeline = overlay(timeline, TimelineEntry(at, second.end_seconds, "customer", second.reasons))
    return replace(state, parts=parts, timeline=timeline)


def _merge(state: DayState, change: Merge) -> DayState:
    wanted = set(change.segment_ids)
    if len(wanted) < 2:
        raise InvalidRequest("A merge needs two different segments at least.", field="segment_ids")
    for segment_id in change.segment_ids:
        _find(state, segment_id)
    places = [i for i, p in enumerate(state.parts) if p.id in wanted]
    if places[-1] - places[0] != len(places) - 1:
        raise InvalidRequest("Only neighbouring segments can be merged.", field="segment_ids")
    joined = state.parts[places[0] : places[-1] + 1]
    new = _by_hand(replace(joined[0], end_seconds=joined[-1].end_seconds), joined[0], joined[-1])
    parts = _checked(state, [*(p for p in state.parts if p.id not in wanted), new])
    painted = overlay(state.timeline, TimelineEntry(new.start_seconds, new.end_seconds, "customer", new.reasons))
    return replace(state, parts=parts, timeline=painted)


def _add(state: DayState, change: Add, new_id: str) -> DayState:
    start, end = _ms(change.start_seconds), _ms(change.end_seconds)
    made = SegmentEdit(new_id, start, end, change.title, None, ())
    named = None if change.title is None else replace(made, reasons=_titled(made))
    new = _by_hand(made, named, None)
    parts = _checked(state, [*state.parts, new])
    return replace(
        state, parts=parts, timeline=overlay(state.timeline, TimelineEntry(start, end, "customer", new.reasons))
    )


def _label(state: DayState, change: Label) -> DayState:
    start, end = _ms(change.start_seconds), _ms(change.end_seconds)
    if end > state.duration_seconds or end <= start:
        raise InvalidRequest(f"A label needs an end after its start, before {state.duration_seconds} seconds.")
    hit = [p.id for p in state.parts if p.start_seconds < end and start < p.end_seconds]
    if hit:
        raise InvalidRequest(
            "A label must not overlap a conversation. Relabel, remove or move the conversation first.", segment_ids=hit
        )
    reason: StoredReason = {"about": "kind", "text": _BY_HAND, "at_seconds": round(start, 2), "weight": 1.0}
    return replace(state, timeline=overlay(state.timeline, TimelineEntry(start, end, change.label, (reason,))))


def _take_out(state: DayState, segment_id: str, label: IntervalLabel) -> DayState:
    old = _find(state, segment_id)
    painted = overlay(state.timeline, TimelineEntry(old.start_seconds, old.end_seconds, label, _reasons(old)))
    return replace(state, parts=tuple(p for p in state.parts if p.id != segment_id), timeline=painted)


def overlay(timeline: Sequence[TimelineEntry], new: TimelineEntry) -> tuple[TimelineEntry, ...]:
    """Overlay an interval on a timeline; covered parts are removed, the rest stays."""
    before = [
        _cut(s, s.start_seconds, min(s.end_seconds, new.start_seconds))
        for s in timeline
        if s.start_seconds < new.start_seconds
    ]
    after = [
        _cut(s, max(s.start_seconds, new.end_seconds), s.end_seconds)
        for s in timeline
        if s.end_seconds > new.end_seconds
    ]
    return (*before, new, *after)


def _cut(old: TimelineEntry, start_seconds: float, end_seconds: float) -> TimelineEntry:
    """Return a part of an interval. Its reasons say of which interval they spoke."""
    if (start_seconds, end_seconds) == (old.start_seconds, old.end_seconds):
        return old
    whole = f"of {_clock(old.start_seconds)} to {_clock(old.end_seconds)}: "
    reasons = tuple(
        r if r["text"] == _BY_HAND or _OF_WHOLE.match(r["text"]) else _with_text(r, whole + r["text"])
        for r in old.reasons
    )
    return replace(old, start_seconds=start_seconds, end_seconds=end_seconds, reasons=reasons)


def _with_text(reason: StoredReason, text: str) -> StoredReason:
    return {"about": reason["about"], "text": text, "at_seconds": reason["at_seconds"], "weight": reason["weight"]}


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def _checked(state: DayState, parts: Sequence[SegmentEdit]) -> tuple[SegmentEdit, ...]:
    """Return parts in order. Raises InvalidRequest when one leaves the day, is too short or overlaps another."""
    ordered = sorted(parts, key=lambda p: (p.start_seconds, p.end_seconds))
    for part in ordered:
        if part.start_seconds < 0 or part.end_seconds > state.duration_seconds:
            raise InvalidRequest(
                f"A segment must lie between 0 and {state.duration_seconds} seconds.", segment_id=part.id
            )
        if part.end_seconds - part.start_seconds < MIN_SECONDS:
            raise InvalidRequest(f"A segment must last {MIN_SECONDS} second at least.", segment_id=part.id)
    for left, right in pairwise(ordered):
        if left.end_seconds > right.start_seconds:
            raise InvalidRequest(
                "Segments must not overlap. Move, merge or remove the other one first.",
                segment_ids=[left.id, right.id],
            )
    return tuple(ordered)


def _find(state: DayState, segment_id: str) -> SegmentEdit:
    for part in state.parts:
        if part.id == segment_id:
            return part
    raise NotFound.of("segment", segment_id)


def _with_parts(state: DayState, parts: Sequence[SegmentEdit]) -> DayState:
    return replace(state, parts=tuple(parts))


def _by_hand(
    new: SegmentEdit, first: SegmentEdit | None, last: SegmentEdit | None, text: str = _BY_HAND
) -> SegmentEdit:
    """Mark a part as set by a person: without confidence, to be analysed again.

    A border that stayed where `first` began or `last` ended keeps the reasons for it. Reasons for the whole (length,
    counts of what was said) were about other boundaries and go.
    """
    reasons = (
        *_border("start", new.start_seconds, first, first.start_seconds if first else None, text),
        *_border("end", new.end_seconds, last, last.end_seconds if last else None, text),
        {"about": "confidence", "text": _NO_CONFIDENCE, "at_seconds": round(new.start_seconds, 2), "weight": 1.0},
        *(r for r in (first.reasons if first else ()) if r["about"] == TITLE_BY_HAND),
    )
    return replace(new, reasons=reasons, confidence=None, is_touched=True)


def _titled(old: SegmentEdit) -> tuple[StoredReason, ...]:
    """Return the reasons of a segment to which a person gives a title."""
    kept = tuple(r for r in old.reasons if r["about"] != TITLE_BY_HAND)
    return (*kept, {"about": TITLE_BY_HAND, "text": _TITLED, "at_seconds": round(old.start_seconds, 2), "weight": 1.0})


def _border(
    about: str, at_seconds: float, old: SegmentEdit | None, old_seconds: float | None, text: str
) -> tuple[StoredReason, ...]:
    """Return the reasons for one border: those it had, where it did not move, else that a person set it."""
    kept = tuple(r for r in old.reasons if r["about"] == about) if old is not None and at_seconds == old_seconds else ()
    return kept or ({"about": about, "text": text, "at_seconds": round(at_seconds, 2), "weight": 1.0},)


def _reasons(old: SegmentEdit) -> tuple[StoredReason, ...]:
    return ({"about": "kind", "text": _BY_HAND, "at_seconds": round(old.start_seconds, 2), "weight": 1.0},)


def _ms(seconds: float) -> float:
    return round(seconds, 3)
