"""Features of one day, passed between the steps of the detector."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from dayline.detection.features import (
    candidates,
    day_topic,
    language,
    mixture,
    playbook,
    speaker_roles,
    utterance_arrays,
)
from dayline.detection.gbdt import logistic
from dayline.domain.acoustic_profile import DayProfile

F = NDArray[np.float64]
I = NDArray[np.int64]  # noqa: E741 - beside F, as the arrays of the detector are named

KIND_COLUMNS = [
    candidates.NAMES.index(name)
    for name in (*candidates.VOICE_NAMES, "seconds", "hello_at_start", "bye_at_end", *candidates.ROLE_NAMES)
]
LANGUAGE_NAMES = ("language", "language_relative")
KIND_NAMES: tuple[str, ...] = (*(candidates.NAMES[i] for i in KIND_COLUMNS), *LANGUAGE_NAMES)
EDGE_COLUMNS = [candidates.NAMES.index(name) for name in (*candidates.EDGE_NAMES, *candidates.VOICE_NAMES)]


@dataclass(frozen=True, slots=True)
class Fitted:
    """Levels of one day.

    Attributes:
        level: levels per source of evidence.
        usual: the day's mean of each topic cue.
    """

    level: Mapping[str, mixture.Level]
    usual: Mapping[str, float]


@dataclass(slots=True)
class DayFeatures:
    """A day with all its evidence; n utterances, m candidates.

    Attributes:
        utterances: the lines of the day.
        roles: speaker roles, i.e. which voice is the rep.
        act_counts: dialogue acts per line, shape (n, acts).
        boundary_rows: features of the places between lines, shape (n + 1, features).
        boundary_chance: probability of a boundary before each line and at the end, shape (n + 1,).
        candidates: possible conversations.
        rows: features of the candidates, shape (m, features).
        kind_rows: inputs of the kind forest, shape (m, len(KIND_NAMES)).
        kind: log-odds of the kind forest, as far as they count, shape (m,).
        forest_share: what part of the forest's log-odds counts.
        topic: content words of the day.
        playbook: use of the playbook's words per line.
        language: score of the wording per line.
        talk_kind: log-odds of the network of single lines that each belongs to a customer conversation, shape (n,).
        kind_shares: its probability of each kind of talk, shape (n, len(talk_kind.KINDS)).
        memory_lines: log ratios of remembered stems and their number per line; None without a memory.
        days_known: recordings of the organisation that the memory holds.
        service: how much more often the rep asks and is served than the other way round, per line; None without labels.
        edge: log-odds that the boundaries are right, shape (m,).
        fitted: levels of the day's evidence.
        memory_free_kind: `kind_log_odds` without the memory of the organisation and without a reader, shape (m,).
        memory_free_edge: `edge` without a reader, shape (m,).
        word_votes: votes of the words that the day's likely conversations share.
        added: log-odds by source that join the kind, shape (m,) each.
    """

    utterances: utterance_arrays.UtteranceArrays
    roles: speaker_roles.SpeakerRoles
    act_counts: F
    boundary_rows: F
    boundary_chance: F
    candidates: candidates.Candidates
    rows: F
    kind_rows: F
    kind: F
    topic: day_topic.Topic
    playbook: playbook.PlaybookUse
    language: language.LineScores
    talk_kind: F = field(default_factory=lambda: np.zeros(0))
    kind_shares: F = field(default_factory=lambda: np.zeros((0, 0)))
    forest_share: float = 1.0
    memory_lines: tuple[F, F] | None = None
    days_known: int = 0
    service: F | None = None
    edge: F = field(default_factory=lambda: np.zeros(0))
    fitted: Fitted | None = None
    memory_free_kind: F = field(default_factory=lambda: np.zeros(0))
    memory_free_edge: F = field(default_factory=lambda: np.zeros(0))
    word_votes: day_topic.WordVotes | None = None
    added: dict[str, F] = field(default_factory=dict[str, F])

    @property
    def kind_log_odds(self) -> F:
        """Return the log-odds that each candidate is a customer conversation, the sum over all sources."""
        return self.kind + sum(self.added.values(), np.zeros(len(self.candidates)))

    @property
    def chance(self) -> F:
        """Return the probability before calibration that each candidate is one conversation with these boundaries."""
        return logistic(self.kind_log_odds) * logistic(self.edge)


def without_voices(h: DayFeatures) -> DayFeatures:
    """Return the same scores with lines and roles without voices, for everything that is shown or sent elsewhere."""
    u = h.utterances
    unknown = speaker_roles.SpeakerRoles(np.zeros(len(u)), np.zeros(0), np.zeros(len(u), dtype=np.int64))
    return replace(h, utterances=replace(u, voice=np.full(len(u), -1), voices=()), roles=unknown)


def kind_rows(rows: F, lines: language.LineScores, first: I, last: I) -> F:
    """Return the inputs of the kind forest for candidates [first, last): shape (m, len(KIND_NAMES)).

    The wording is included twice: the score itself, and its difference from the mean of the whole day.
    """
    words = language.log_odds(lines, first, last)
    day = float(lines.total.sum() / max(1.0, float(lines.words.sum())))
    size = np.concatenate([[0.0], np.cumsum(lines.words)])
    length = size[last] - size[first]
    relative = words - lines.bias - day * length / np.sqrt(length + language.PRIOR_WORDS)
    return np.hstack([rows[:, KIND_COLUMNS], words[:, None], relative[:, None]])


def broadcast_share(profile: DayProfile, start: F, end: F) -> F:
    """Return how much of each interval sounds like a broadcast, 0..1, shape of start."""
    sound = np.nan_to_num(np.maximum(profile.broadcast, 0.7 * profile.music).astype(np.float64))
    total = np.concatenate([[0.0], np.cumsum(sound)])
    a = np.clip(start.astype(np.int64), 0, profile.seconds - 1)
    b = np.clip(np.ceil(end).astype(np.int64), a + 1, profile.seconds)
    return np.clip(2 * (total[b] - total[a]) / (b - a) - 1, 0.0, 1.0)
