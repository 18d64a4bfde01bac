"""Identify the rep's voice: the one that alternates with the most others. Uses speaker labels only, no words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dayline.detection.features.utterance_arrays import UtteranceArrays

_EPOCH_SECONDS = 1800.0
_NEIGHBOUR_SECONDS = 8.0
_ALTERNATIONS_FOR_A_TALK = 5.0


@dataclass(frozen=True, slots=True)
class SpeakerRoles:
    """Probability of being the rep, per utterance and per voice.

    Attributes:
        rep: probability that a line is the rep's, per utterance; 0 where nothing is known.
        hub: the same per voice, shape (voices,).
        epoch: index of the part of the recording in which labels are comparable, per utterance.
    """

    rep: NDArray[np.float64]
    hub: NDArray[np.float64]
    epoch: NDArray[np.int64]


def find(utterances: UtteranceArrays) -> SpeakerRoles:
    """Identify the rep: a label that contains REP, else the hub of each epoch."""
    n, epoch = len(utterances), epochs(utterances)
    hub = np.zeros(len(utterances.voices))
    told = np.array(["rep" in v.lower().replace("-", "_").split("_") for v in utterances.voices], dtype=bool)
    if told.any():
        hub[told] = 1.0
    elif utterances.has_voices:
        for e in range(int(epoch.max()) + 1 if n else 0):
            rows = epoch == e
            score = _hub_scores(utterances, rows)
            best = score.max() if len(score) else 0.0
            if best > 0:
                share = np.where(score > 0, score / best, 0.0)
                hub = np.maximum(hub, np.where(share > 0.999, 1.0, np.where(share > 0.66, 0.5 * share, 0.0)))
    rep = np.where(utterances.voice >= 0, hub[np.maximum(utterances.voice, 0)] if len(hub) else 0.0, 0.0)
    return SpeakerRoles(rep=rep, hub=hub, epoch=epoch)


def epochs(utterances: UtteranceArrays) -> NDArray[np.int64]:
    """Number the parts between which no label continues (the diarizer restarted); each lasts at least 30 minutes."""
    n = len(utterances)
    out = np.zeros(n, dtype=np.int64)
    if n < 2 or not utterances.has_voices:
        return out
    last = {int(v): i for i, v in enumerate(utterances.voice) if v >= 0}
    reach, current, opened = -1, 0, utterances.start[0]
    for i in range(n):
        closed = reach < i and utterances.start[i] - opened >= _EPOCH_SECONDS
        if i and closed and utterances.end[-1] - utterances.start[i] >= _EPOCH_SECONDS:
            current, opened = current + 1, utterances.start[i]
        out[i] = current
        if utterances.voice[i] >= 0:
            reach = max(reach, last[int(utterances.voice[i])])
    return out


def _hub_scores(utterances: UtteranceArrays, rows: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Score each voice by the number of others it takes turns with (each at most 1), plus a little for talk time."""
    at = np.flatnonzero(rows & (utterances.voice >= 0))
    k = len(utterances.voices)
    turns = np.zeros((k, k))
    a, b = at[:-1], at[1:]
    near = (utterances.start[b] - utterances.end[a] < _NEIGHBOUR_SECONDS) & (utterances.voice[a] != utterances.voice[b])
    np.add.at(turns, (utterances.voice[a[near]], utterances.voice[b[near]]), 1.0)
    both = turns + turns.T
    talk = np.bincount(utterances.voice[at], weights=utterances.talk[at], minlength=k)
    partners = np.minimum(1.0, both / (2 * _ALTERNATIONS_FOR_A_TALK)).sum(axis=1)
    return np.where(talk > 0, partners + 0.3 * talk / max(1.0, talk.max()), 0.0)
