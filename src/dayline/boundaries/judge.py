"""Weighs the evidence: how likely each stretch is a visit, how likely its edges are right.

Two forests, because they fail differently: one judges what kind of talk a stretch holds, the other whether the stretch
is exactly one talk. The words of the day (playbook, shared words), the sound and the calendar join the first by fixed
weights; given to the trees they would be learned at the level of the training days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from dayline.boundaries import forest
from dayline.boundaries.evidence import acts, cuts, plain_cuts, spans, talk, tape, topic, voices
from dayline.core.day import DayContext, Hint
from dayline.core.profile import DayProfile
from dayline.core.transcript import Transcript

F = NDArray[np.float64]

# The kind is judged by voices, roles, greeting and leave; what is talked about has fixed weights (`evidence/talk.py`).
KIND_COLUMNS = [
    spans.NAMES.index(name)
    for name in (*spans.VOICE_NAMES, "seconds", "hello_at_start", "bye_at_end", *spans.ROLE_NAMES)
]
EDGE_COLUMNS = [spans.NAMES.index(name) for name in (*spans.EDGE_NAMES, *spans.VOICE_NAMES)]

PLAYBOOK_WEIGHT, SHARED_WEIGHT, VOTE_LIMIT, VOTE_ROUNDS = 0.3, 0.05, 3.0, 2
_AIRED_WEIGHT, _HINT_WEIGHT, _WHOLE_WEIGHT = 4.0, 1.5, 1.0


@dataclass(slots=True)
class Hearing:
    """A day with all its evidence. added: log-odds per source that join the kind of each span, shape (m,) each."""

    tape: tape.Tape
    cast: voices.Cast
    count: F
    places: F
    place_chance: F
    spans: spans.Spans
    rows: F
    kind: F
    edge: F
    topic: topic.Topic
    votes: topic.Votes | None = None
    added: dict[str, F] = field(default_factory=dict)

    @property
    def kind_log_odds(self) -> F:
        """Log-odds that each span is a visit, everything added."""
        return self.kind + sum(self.added.values(), np.zeros(len(self.spans)))

    @property
    def chance(self) -> F:
        """Probability before calibration that each span is one visit with these edges."""
        return logistic(self.kind_log_odds) * logistic(self.edge)


def logistic(x: F) -> F:
    """1 / (1 + e^-x), safe for large x."""
    return 0.5 * (1 + np.tanh(0.5 * x))


@cache
def shipped(name: str) -> forest.Forest:
    """A forest of the package, read once."""
    return forest.shipped(name)


def hear(
    transcript: Transcript, profile: DayProfile | None, context: DayContext | None, hints: Sequence[Hint]
) -> Hearing | None:
    """Collect all evidence of a day; None when nobody speaks."""
    t = tape.load(transcript)
    if not len(t):
        return None
    day = collect(t)
    places = logistic(shipped("place").log_odds(day[2]))
    if plain_cuts.applies(t):
        places = plain_cuts.chance(t, day[0], day[1], places)
    return weigh(t, day, places, profile, context, hints)


def collect(t: tape.Tape) -> tuple[voices.Cast, F, F]:
    """Cast, acts per line and evidence per place: what comes before any model."""
    cast = voices.find(t)
    count = acts.count(t.texts)
    return cast, count, cuts.measure(t, cast, count)


def weigh(
    t: tape.Tape,
    day: tuple[voices.Cast, F, F],
    place_chance: F,
    profile: DayProfile | None,
    context: DayContext | None,
    hints: Sequence[Hint],
) -> Hearing:
    """Propose stretches and judge them."""
    cast, count, places = day
    found = spans.propose(t, place_chance.copy())
    unbroken = plain_cuts.unbroken(t, count)
    if unbroken:
        found = plain_cuts.with_whole(found, t)
    rows = spans.measure(t, cast, count, place_chance, found)
    kind = shipped("kind").log_odds(rows[:, KIND_COLUMNS])
    edge = shipped("edge").log_odds(rows[:, EDGE_COLUMNS])
    if plain_cuts.applies(t):
        edge = plain_cuts.edge_log_odds(rows)
    elif unbroken:
        edge = plain_cuts.whole_log_odds(found)
    words = topic.read(t, context, common_words())
    h = Hearing(t, cast, count, places, place_chance, found, rows, kind, edge, words)
    h.added |= talk.log_odds(rows)
    if unbroken:
        h.added["whole"] = _WHOLE_WEIGHT * (np.arange(len(found)) == len(found) - 1)
    if profile is not None and profile.seconds:
        h.added["sound"] = -_AIRED_WEIGHT * aired(profile, found.start, found.end)
    if hints:
        h.added["hint"] = _HINT_WEIGHT * _hinted(hints, found)
    let_words_vote(h)
    return h


def let_words_vote(h: Hearing) -> None:
    """Add the votes of playbook and shared words to the kind of each span."""
    for _ in range(VOTE_ROUNDS if len(h.spans) else 0):
        belief = line_chance(h.spans, logistic(h.kind_log_odds) * np.sqrt(logistic(h.edge)), len(h.tape))
        h.votes = topic.vote(h.topic, belief, h.place_chance)
        first, last = h.spans.first, h.spans.last
        for name, weight, votes in (
            ("playbook", PLAYBOOK_WEIGHT, h.votes.playbook),
            ("shared", SHARED_WEIGHT, h.votes.shared),
        ):
            total = weight * topic.of_spans(votes, h.votes.words, first, last)
            h.added[name] = np.clip(total, -VOTE_LIMIT, VOTE_LIMIT)


def line_chance(found: spans.Spans, chance: F, lines: int) -> F:
    """For each line the chance of the likeliest span over it, shape (lines,)."""
    out = np.full(lines, 0.02)
    for i in np.argsort(chance, kind="stable"):
        if chance[i] > 0.02:
            out[found.first[i] : found.last[i]] = chance[i]
    return out


def aired(profile: DayProfile, start: F, end: F) -> F:
    """How far stretches sound like a broadcast, 0..1, shape of start."""
    sound = np.nan_to_num(np.maximum(profile.broadcast, 0.7 * profile.music).astype(np.float64))
    total = np.concatenate([[0.0], np.cumsum(sound)])
    a = np.clip(start.astype(np.int64), 0, profile.seconds - 1)
    b = np.clip(np.ceil(end).astype(np.int64), a + 1, profile.seconds)
    return np.clip(2 * (total[b] - total[a]) / (b - a) - 1, 0.0, 1.0)


def _hinted(hints: Sequence[Hint], found: spans.Spans) -> F:
    out = np.zeros(len(found))
    for hint in hints:
        shared = np.clip(np.minimum(found.end, hint.end_seconds) - np.maximum(found.start, hint.start_seconds), 0, None)
        out = np.maximum(out, shared / np.maximum(found.end - found.start, 1.0))
    return out


@cache
def common_words() -> frozenset[str]:
    """Stems that people of every trade use; a playbook's words among them say nothing."""
    return frozenset(forest.text("common.txt").split())
