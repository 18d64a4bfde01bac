"""Which voice is the rep: the one that runs through the day, or the enrolled one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dayline.diarization.clustering import Labels, Vectors, linked_labels, unit

# A voice is present where it says at least this much.
PRESENT_SECONDS = 3.0
ROUNDS = 4
CANDIDATES = 3
# Likeness of a group to the rep's mean voice, room taken off: the rep's own mostly lie above .85, others below .65.
SURE_LIKENESS = 0.85
REP_LIKENESS = 0.70
LEANING_LIKENESS = 0.62
LEANING_LEAD = 0.18
# Within a block, groups almost as like the rep as the best one are parts of the rep that the clustering split.
SPLIT_MARGIN = 0.05
# Groups that turned out not to be the rep are one voice when they are this much alike.
LOST_LIKENESS = 0.70
# An enrolment was spoken elsewhere, so it is held to less than a voice of the same day.
ENROLLED_LIKENESS = 0.68


@dataclass(frozen=True, slots=True)
class Shares:
    """How long which group speaks in which scene (about a minute of speech): a row for each pair that meets."""

    groups: Labels
    scenes: Labels
    seconds: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Groups:
    """Groups of windows, one row each: what the clustering of single blocks found."""

    heard: Vectors
    """Mean vectors as the encoder gave them; only these may be compared with a print from elsewhere."""
    centroids: Vectors
    """Mean vectors less what the room adds; these are compared with each other."""
    seconds: NDArray[np.float64]
    blocks: NDArray[np.int64]
    given: list[str | None]
    shares: Shares

    def voice_centroids(self, voices: Labels) -> Vectors:
        """Return the mean voice (voices, dimensions), groups weighted by their speech; -1 means no voice yet."""
        known = voices >= 0
        sums = np.zeros((int(voices.max()) + 1, self.centroids.shape[1]), np.float32)
        np.add.at(sums, voices[known], self.centroids[known] * self.seconds[known, None].astype(np.float32))
        return unit(sums)


@dataclass(frozen=True, slots=True)
class Rep:
    """The rep's voice: its number, all groups with it, and how sure that is (0..1)."""

    voice: int
    voices: Labels
    confidence: float


def find_rep(groups: Groups, voices: Labels, enrolled: NDArray[np.floating] | None = None) -> Rep | None:
    """Return the rep and the corrected voice of every group, or None when no voice is close to the enrolled one."""
    if enrolled is not None:
        return _enrolled(groups, voices, unit(np.asarray(enrolled)))
    present = presence(groups, voices)
    seconds = np.bincount(voices, groups.seconds)
    order = np.lexsort((-seconds, -present))
    # Linking may have left the rep in two parts; asked again with each candidate in mind, the true one gathers them.
    tried = [_gathered(groups, voices, int(candidate)) for candidate in order[:CANDIDATES] if present[candidate] > 0]
    if not tried:
        tried = [_gathered(groups, voices, int(order[0]))]
    rep, corrected = max(tried, key=lambda pair: _strength(groups, pair[1], pair[0]))
    return Rep(rep, corrected, _confidence(groups, corrected, rep))


def _strength(groups: Groups, voices: Labels, rep: int) -> tuple[float, float]:
    """Return in how many scenes a voice is heard, each counted by how like the voice's mean it is there; then seconds.

    Several customers that were taken for one voice are heard everywhere too, but are less like their mean.
    """
    shares = groups.shares
    mine = (voices[shares.groups] == rep) & (shares.seconds >= PRESENT_SECONDS)
    near = groups.centroids @ groups.voice_centroids(voices)[rep]
    best = np.zeros(int(shares.scenes.max()) + 1)
    np.maximum.at(best, shares.scenes[mine], np.clip((near[shares.groups[mine]] - 0.6) / 0.3, 0.0, 1.0))
    return round(float(best.sum()), 6), float(groups.seconds[voices == rep].sum())


def _gathered(groups: Groups, voices: Labels, rep: int) -> tuple[int, Labels]:
    members = _refined(groups, voices, rep, np.flatnonzero(voices == rep))
    return rep, _with_members(groups, voices, rep, members)


def presence(groups: Groups, voices: Labels) -> NDArray[np.int64]:
    """Return for each voice in how many scenes it says something."""
    shares = groups.shares
    table = np.zeros((int(voices.max()) + 1, int(shares.scenes.max()) + 1), np.float32)
    np.add.at(table, (voices[shares.groups], shares.scenes), shares.seconds)
    return (table >= PRESENT_SECONDS).sum(axis=1)


def _enrolled(groups: Groups, voices: Labels, voice_print: Vectors) -> Rep | None:
    near = groups.heard @ voice_print
    seeds = np.flatnonzero((near >= ENROLLED_LIKENESS) & (groups.seconds >= PRESENT_SECONDS))
    if len(seeds) == 0:
        return None
    totals = np.bincount(voices[seeds], (near * groups.seconds)[seeds])
    rep = int(np.argmax(totals))
    _, corrected = _gathered(groups, voices, rep)
    mine = corrected == rep
    likeness = float(np.average(near[mine], weights=groups.seconds[mine]))
    return Rep(rep, corrected, round(float(np.clip((likeness - 0.55) / 0.35, 0.0, 0.99)), 3))


def _refined(groups: Groups, voices: Labels, rep: int, members: NDArray[np.int64]) -> NDArray[np.int64]:
    """Ask every block again which of its groups is the rep, given the mean of those found so far.

    A group is the rep when it is very like the rep; or like the rep, and no other voice of the day explains it better
    (by that voice's mean without this group); or when it alone in its block leans to the rep and the others do not.
    """
    rivals = _best_rival(groups, voices, rep)
    for _ in range(ROUNDS):
        weights = groups.seconds[members, None].astype(np.float32)
        near = groups.centroids @ unit((groups.centroids[members] * weights).sum(axis=0))
        best = np.full(int(groups.blocks.max()) + 1, -1.0)
        np.maximum.at(best, groups.blocks, near)
        part = near >= best[groups.blocks] - SPLIT_MARGIN
        second = np.full(len(best), -1.0)
        np.maximum.at(second, groups.blocks[~part], near[~part])
        lead = np.where(second > -1.0, best - second, 0.0)
        alone = (near >= LEANING_LIKENESS) & (lead[groups.blocks] >= LEANING_LEAD)
        found = part & ((near >= SURE_LIKENESS) | ((near >= REP_LIKENESS) & (near > rivals)) | alone)
        now = np.flatnonzero(found)
        if len(now) == 0 or np.array_equal(now, members):
            break
        members = now
    return members


def _best_rival(groups: Groups, voices: Labels, rep: int) -> NDArray[np.float32]:
    """Return for every group its likeness to the rest of its own voice, where that voice is heard elsewhere too."""
    sums = np.zeros((int(voices.max()) + 1, groups.centroids.shape[1]), np.float32)
    weighted = groups.centroids * groups.seconds[:, None].astype(np.float32)
    np.add.at(sums, voices, weighted)
    rest = sums[voices] - weighted
    length = np.linalg.norm(rest, axis=1)
    likeness = (unit(rest) * groups.centroids).sum(axis=1)
    return np.where((voices == rep) | (length < PRESENT_SECONDS), -1.0, likeness).astype(np.float32)


def _with_members(groups: Groups, voices: Labels, rep: int, members: NDArray[np.int64]) -> Labels:
    """Return voices with exactly these groups as the rep; groups that no longer are form voices among themselves."""
    out = voices.copy()
    lost = np.setdiff1d(np.flatnonzero(voices == rep), members)
    if len(lost):
        c = groups.centroids[lost]
        out[lost] = int(voices.max()) + 1 + linked_labels(c @ c.T, groups.seconds[lost], LOST_LIKENESS)
    out[members] = rep
    return out


def _confidence(groups: Groups, voices: Labels, rep: int) -> float:
    """Return how clearly the rep runs through the day: its share of the scenes, and its lead over the next voice."""
    present = presence(groups, voices)
    heard = max(len(np.unique(groups.shares.scenes[groups.shares.seconds >= PRESENT_SECONDS])), 1)
    share = present[rep] / heard
    second = np.delete(present, rep).max(initial=0) / heard
    known = min(1.0, heard / 6)  # a few minutes can't show who recurs
    return round(float(np.clip(known * (0.4 * share + 0.6 * (share - second) + 0.3), 0.05, 0.99)), 3)
