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

from dayline.detection import gbdt
from dayline.detection.features import (
    boundary_features,
    candidates,
    day_topic,
    dialogue_acts,
    mixture,
    playbook,
    short_recordings,
    speaker_roles,
    topic_cues,
    utterance_arrays,
)
from dayline.domain.acoustic_profile import DayProfile
from dayline.domain.timeline import DayContext, Hint
from dayline.domain.transcript import Transcript

F = NDArray[np.float64]

# The kind is judged by voices, roles, greeting and leave.
KIND_COLUMNS = [
    candidates.NAMES.index(name)
    for name in (*candidates.VOICE_NAMES, "seconds", "hello_at_start", "bye_at_end", *candidates.ROLE_NAMES)
]
EDGE_COLUMNS = [candidates.NAMES.index(name) for name in (*candidates.EDGE_NAMES, *candidates.VOICE_NAMES)]

# Levels of the log ratio of the playbook's share (`evidence/playbook.py`), and of talk's score (`evidence/talk.py`).
EVIDENCE = {
    "playbook": mixture.Evidence(0.5, -0.4, 0.35, 0.7, 0.75, 0.85, 3.5, 0.65, 0.7, (2.5, 3.0), 1.0),
    "talk": mixture.Evidence(-0.6, -1.4, 0.5, 0.0, 0.5, 0.75, 1.5, 0.6, 0.7, (2.0, 2.0), 2.0),
}
SHARED_WEIGHT, VOTE_LIMIT, VOTE_ROUNDS = 0.03, 3.0, 2
_AIRED_WEIGHT, _HINT_WEIGHT, _WHOLE_WEIGHT = 6.0, 1.5, 1.0
_SAYS_HALF_AT = 300.0
# Without voices a day with no clear visit at all is likelier to hold none: its best chance, and the log-odds it costs.
_CLEAR_CHANCE, _NOTHING_CLEAR = (0.6, 0.85), 0.5


@dataclass(slots=True)
class DayFeatures:
    """A day with all its evidence. added: log-odds per source that join the kind of each span, shape (m,) each."""

    utterances: utterance_arrays.UtteranceArrays
    roles: speaker_roles.SpeakerRoles
    count: F
    places: F
    boundary_chance: F
    spans: candidates.Candidates
    rows: F
    kind: F
    edge: F
    topic: day_topic.Topic
    book: playbook.PlaybookUse
    votes: day_topic.Votes | None = None
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
def shipped(name: str) -> gbdt.Forest:
    """A forest of the package, read once."""
    return gbdt.shipped(name)


def extract(
    transcript: Transcript, profile: DayProfile | None, context: DayContext | None, hints: Sequence[Hint]
) -> DayFeatures | None:
    """Collect all evidence of a day; None when nobody speaks."""
    t = utterance_arrays.load(transcript)
    if not len(t):
        return None
    day = line_features(t)
    places = logistic(shipped("place").log_odds(day[2]))
    if short_recordings.applies(t):
        places = short_recordings.chance(t, day[0], day[1], places)
    return score(t, day, places, profile, context, hints)


def line_features(t: utterance_arrays.UtteranceArrays) -> tuple[speaker_roles.SpeakerRoles, F, F]:
    """Cast, acts per line and evidence per place: what comes before any model."""
    roles = speaker_roles.find(t)
    count = dialogue_acts.count(t.texts)
    return roles, count, boundary_features.measure(t, roles, count)


def score(
    t: utterance_arrays.UtteranceArrays,
    day: tuple[speaker_roles.SpeakerRoles, F, F],
    boundary_chance: F,
    profile: DayProfile | None,
    context: DayContext | None,
    hints: Sequence[Hint],
) -> DayFeatures:
    """Propose stretches and judge them."""
    roles, count, places = day
    found = candidates.propose(t, boundary_chance.copy())
    unbroken = short_recordings.unbroken(t, count)
    if unbroken:
        found = short_recordings.with_whole(found, t)
    rows = candidates.measure(t, roles, count, boundary_chance, found)
    kind = shipped("kind").log_odds(rows[:, KIND_COLUMNS])
    edge = shipped("edge").log_odds(rows[:, EDGE_COLUMNS])
    if short_recordings.applies(t):
        edge = short_recordings.edge_log_odds(rows)
    elif unbroken:
        edge = short_recordings.whole_log_odds(found)
    book = playbook.read(t, context, playbook.spoken())
    h = DayFeatures(t, roles, count, places, boundary_chance, found, rows, kind, edge, day_topic.read(t), book)
    if unbroken:
        h.added["whole"] = _WHOLE_WEIGHT * (np.arange(len(found)) == len(found) - 1)
    if profile is not None and profile.seconds:
        h.added["sound"] = -_AIRED_WEIGHT * aired(profile, found.start, found.end)
    if hints:
        h.added["hint"] = _HINT_WEIGHT * _hint_overlap(hints, found)
    add_day_relative_evidence(h, profile)
    add_word_votes(h)
    if not t.has_voices and len(found):
        h.added["unclear"] = np.full(len(found), -_NOTHING_CLEAR * _ambiguity(float(h.chance.max())))
    return h


def add_day_relative_evidence(h: DayFeatures, profile: DayProfile | None) -> None:
    """Add what playbook and subjects of talk say, each as strongly as it parts this day's visits from its rest."""
    parts = candidates.split_residue(h.utterances, h.boundary_chance)
    rows = candidates.measure(h.utterances, h.roles, h.count, h.boundary_chance, parts)
    kind = shipped("kind").log_odds(rows[:, KIND_COLUMNS])
    if profile is not None and profile.seconds:
        kind = kind - _AIRED_WEIGHT * aired(profile, parts.start, parts.end)
    information = np.concatenate([[0.0], np.cumsum(h.book.information)])
    says = information[parts.last] - information[parts.first]
    weight = says / (says + _SAYS_HALF_AT)
    subjects, of_spans = topic_cues.score(rows), topic_cues.score(h.rows)
    values = {"talk": sum(subjects.values(), np.zeros(len(parts)))}
    if h.book.usual is not None:
        values["playbook"] = playbook.ratio(h.book, parts.first, parts.last)
    level = mixture.fit(values, kind, weight, {name: EVIDENCE[name] for name in values})
    total = mixture.log_odds(sum(of_spans.values(), np.zeros(len(h.spans))), EVIDENCE["talk"], level["talk"])
    usual = {name: float(np.average(v, weights=weight)) if weight.sum() > 0 else 0.0 for name, v in subjects.items()}
    h.added |= topic_cues.relative(of_spans, usual, mixture.slope(EVIDENCE["talk"], level["talk"]), total)
    if h.book.usual is not None:
        told = playbook.ratio(h.book, h.spans.first, h.spans.last)
        h.added["playbook"] = mixture.log_odds(told, EVIDENCE["playbook"], level["playbook"])


def add_word_votes(h: DayFeatures) -> None:
    """Add the votes of the words that the day's likely visits share to the kind of each span."""
    for _ in range(VOTE_ROUNDS if len(h.spans) else 0):
        belief = line_chance(h.spans, logistic(h.kind_log_odds) * np.sqrt(logistic(h.edge)), len(h.utterances))
        h.votes = day_topic.vote(h.topic, belief, h.boundary_chance)
        total = SHARED_WEIGHT * day_topic.of_spans(h.votes.shared, h.votes.words, h.spans.first, h.spans.last)
        h.added["shared"] = np.clip(total, -VOTE_LIMIT, VOTE_LIMIT)


def line_chance(found: candidates.Candidates, chance: F, lines: int) -> F:
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


def _hint_overlap(hints: Sequence[Hint], found: candidates.Candidates) -> F:
    out = np.zeros(len(found))
    for hint in hints:
        shared = np.clip(np.minimum(found.end, hint.end_seconds) - np.maximum(found.start, hint.start_seconds), 0, None)
        out = np.maximum(out, shared / np.maximum(found.end - found.start, 1.0))
    return out


def _ambiguity(best: float) -> float:
    low, high = _CLEAR_CHANCE
    return float(np.clip((high - best) / (high - low), 0.0, 1.0))
