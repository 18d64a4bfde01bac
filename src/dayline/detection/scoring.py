"""Weighs the evidence: how likely each stretch is a visit, how likely its edges are right.

Two forests, because they fail differently: one judges what kind of talk a stretch holds, the other whether the stretch
is exactly one talk. What is talked about joins the first as strongly as it parts the visits of this very day from its
rest (`evidence/groups.py`); given to the trees it would be learned at the level of the training days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from dayline.detection import gbdt as forest
from dayline.detection.features import (
    boundary_features as cuts,
)
from dayline.detection.features import (
    candidates as spans,
)
from dayline.detection.features import (
    day_topic as topic,
)
from dayline.detection.features import (
    dialogue_acts as acts,
)
from dayline.detection.features import (
    mixture as groups,
)
from dayline.detection.features import (
    playbook,
)
from dayline.detection.features import (
    short_recordings as plain_cuts,
)
from dayline.detection.features import (
    speaker_roles as voices,
)
from dayline.detection.features import (
    topic_cues as talk,
)
from dayline.detection.features import (
    utterance_arrays as tape,
)
from dayline.domain.acoustic_profile import DayProfile
from dayline.domain.timeline import DayContext, Hint
from dayline.domain.transcript import Transcript

F = NDArray[np.float64]

# The kind is judged by voices, roles, greeting and leave.
KIND_COLUMNS = [
    spans.NAMES.index(name)
    for name in (*spans.VOICE_NAMES, "seconds", "hello_at_start", "bye_at_end", *spans.ROLE_NAMES)
]
EDGE_COLUMNS = [spans.NAMES.index(name) for name in (*spans.EDGE_NAMES, *spans.VOICE_NAMES)]

# Levels of the log ratio of the playbook's share (`evidence/playbook.py`), and of talk's score (`evidence/talk.py`).
EVIDENCE = {
    "playbook": groups.Evidence(0.5, -0.4, 0.35, 0.7, 0.75, 0.85, 3.5, 0.65, 0.7, (2.5, 3.0), 1.0),
    "talk": groups.Evidence(-0.6, -1.4, 0.5, 0.0, 0.5, 0.75, 1.5, 0.6, 0.7, (2.0, 2.0), 2.0),
}
SHARED_WEIGHT, VOTE_LIMIT, VOTE_ROUNDS = 0.03, 3.0, 2
_AIRED_WEIGHT, _HINT_WEIGHT, _WHOLE_WEIGHT = 6.0, 1.5, 1.0
_SAYS_HALF_AT = 300.0
# Without voices a day with no clear visit at all is likelier to hold none: its best chance, and the log-odds it costs.
_CLEAR_CHANCE, _NOTHING_CLEAR = (0.6, 0.85), 0.5


@dataclass(slots=True)
class DayFeatures:
    """A day with all its evidence. added: log-odds per source that join the kind of each span, shape (m,) each."""

    tape: tape.UtteranceArrays
    cast: voices.SpeakerRoles
    count: F
    places: F
    place_chance: F
    spans: spans.Spans
    rows: F
    kind: F
    edge: F
    topic: topic.Topic
    book: playbook.Book
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
) -> DayFeatures | None:
    """Collect all evidence of a day; None when nobody speaks."""
    t = tape.load(transcript)
    if not len(t):
        return None
    day = collect(t)
    places = logistic(shipped("place").log_odds(day[2]))
    if plain_cuts.applies(t):
        places = plain_cuts.chance(t, day[0], day[1], places)
    return weigh(t, day, places, profile, context, hints)


def collect(t: tape.UtteranceArrays) -> tuple[voices.SpeakerRoles, F, F]:
    """Cast, acts per line and evidence per place: what comes before any model."""
    cast = voices.find(t)
    count = acts.count(t.texts)
    return cast, count, cuts.measure(t, cast, count)


def weigh(
    t: tape.UtteranceArrays,
    day: tuple[voices.SpeakerRoles, F, F],
    place_chance: F,
    profile: DayProfile | None,
    context: DayContext | None,
    hints: Sequence[Hint],
) -> DayFeatures:
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
    book = playbook.read(t, context, playbook.spoken())
    h = DayFeatures(t, cast, count, places, place_chance, found, rows, kind, edge, topic.read(t), book)
    if unbroken:
        h.added["whole"] = _WHOLE_WEIGHT * (np.arange(len(found)) == len(found) - 1)
    if profile is not None and profile.seconds:
        h.added["sound"] = -_AIRED_WEIGHT * aired(profile, found.start, found.end)
    if hints:
        h.added["hint"] = _HINT_WEIGHT * _hinted(hints, found)
    compare_within_the_day(h, profile)
    let_words_vote(h)
    if not t.has_voices and len(found):
        h.added["unclear"] = np.full(len(found), -_NOTHING_CLEAR * _unclear(float(h.chance.max())))
    return h


def compare_within_the_day(h: DayFeatures, profile: DayProfile | None) -> None:
    """Add what playbook and subjects of talk say, each as strongly as it parts this day's visits from its rest."""
    parts = spans.cut_up(h.tape, h.place_chance)
    rows = spans.measure(h.tape, h.cast, h.count, h.place_chance, parts)
    kind = shipped("kind").log_odds(rows[:, KIND_COLUMNS])
    if profile is not None and profile.seconds:
        kind = kind - _AIRED_WEIGHT * aired(profile, parts.start, parts.end)
    information = np.concatenate([[0.0], np.cumsum(h.book.information)])
    says = information[parts.last] - information[parts.first]
    weight = says / (says + _SAYS_HALF_AT)
    subjects, of_spans = talk.score(rows), talk.score(h.rows)
    values = {"talk": sum(subjects.values(), np.zeros(len(parts)))}
    if h.book.usual is not None:
        values["playbook"] = playbook.ratio(h.book, parts.first, parts.last)
    level = groups.fit(values, kind, weight, {name: EVIDENCE[name] for name in values})
    total = groups.log_odds(sum(of_spans.values(), np.zeros(len(h.spans))), EVIDENCE["talk"], level["talk"])
    usual = {name: float(np.average(v, weights=weight)) if weight.sum() > 0 else 0.0 for name, v in subjects.items()}
    h.added |= talk.relative(of_spans, usual, groups.slope(EVIDENCE["talk"], level["talk"]), total)
    if h.book.usual is not None:
        told = playbook.ratio(h.book, h.spans.first, h.spans.last)
        h.added["playbook"] = groups.log_odds(told, EVIDENCE["playbook"], level["playbook"])


def let_words_vote(h: DayFeatures) -> None:
    """Add the votes of the words that the day's likely visits share to the kind of each span."""
    for _ in range(VOTE_ROUNDS if len(h.spans) else 0):
        belief = line_chance(h.spans, logistic(h.kind_log_odds) * np.sqrt(logistic(h.edge)), len(h.tape))
        h.votes = topic.vote(h.topic, belief, h.place_chance)
        total = SHARED_WEIGHT * topic.of_spans(h.votes.shared, h.votes.words, h.spans.first, h.spans.last)
        h.added["shared"] = np.clip(total, -VOTE_LIMIT, VOTE_LIMIT)


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


def _unclear(best: float) -> float:
    low, high = _CLEAR_CHANCE
    return float(np.clip((high - best) / (high - low), 0.0, 1.0))
