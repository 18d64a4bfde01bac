"""Who spoke when, over a whole day, in bounded memory.

The day is cut into blocks of a few minutes of speech at its longest pauses; each block is clustered by itself; the
groups of all blocks are linked into voices, one label per voice for the whole day. Work is linear in the number of
windows apart from the linking, which sees a few groups per block and never more than `LINKED_AT_ONCE`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from dayline.diarization import clustering
from dayline.diarization.rep_identification import Groups, Shares, find_rep
from dayline.diarization.scene_cuts import parted_at_pauses
from dayline.diarization.voice_windows import VoiceWindows
from dayline.domain.transcript import REP_LABEL

BLOCK_WINDOWS = 250
# A pause this long mostly parts conversations; a block is cut there while both sides keep enough windows to cluster.
BLOCK_PAUSE_SECONDS = 20.0
BLOCK_LEAST_WINDOWS = 20
# The rep is who is heard in most scenes. Shorter than blocks, so that ten minutes hold enough of them to compare.
SCENE_PAUSE_SECONDS = 8.0
SCENE_SECONDS = 60.0
# Share of its block's mean that is taken off a group before groups of different rooms are compared.
ROOM_SHARE = 0.5
LINK_LIKENESS = 0.68
# Share that the windows before and after have in the vector by which a window is grouped.
NEIGHBOUR_SHARE = 0.3
# In one room the groups of one voice are much more alike; those that spectral clustering parted mostly are two people.
SAME_BLOCK_HANDICAP = 0.10
LINKED_AT_ONCE = 1500
# Less speech than this over the whole day is too little to be sure of another voice.
SCANT_SECONDS = 3.0
SCANT_LIKENESS = 0.60
# Turns of one voice with no more than this between them are one turn.
TURN_PAUSE_SECONDS = 0.5
# Steepness that turns the lead of the best voice over the second into a confidence.
CONFIDENCE_SLOPE = 14.0


@dataclass(frozen=True, slots=True)
class Turn:
    """A stretch of speech of one voice. `confidence` (0..1) says how far ahead of the next voice it was."""

    start_seconds: float
    end_seconds: float
    label: str
    confidence: float


@dataclass(frozen=True, slots=True)
class EngineTurn:
    """Who speaks according to the recogniser. A label means one voice within one request: make it unique to that."""

    start_seconds: float
    end_seconds: float
    label: str


@dataclass(frozen=True, slots=True)
class Voice:
    """One voice of the day."""

    label: str
    first_seconds: float
    speech_seconds: float


class VoicesJson(TypedDict):
    """`DayVoices` as JSON: one row per turn and voice, its values in the order of the fields."""

    turns: list[tuple[float, float, str, float]]
    voices: list[tuple[str, float, float]]
    rep_confidence: float | None
    aliases: dict[str, str]


@dataclass(frozen=True, slots=True)
class DayVoices:
    """Turns in order of time and voices in order of first appearance. Holds labels and times, never a voice print."""

    turns: tuple[Turn, ...]
    voices: tuple[Voice, ...]
    rep_confidence: float | None
    """How sure it is that `REP` is the rep; None when no voice could be named."""
    aliases: dict[str, str]
    """The recogniser's labels and the voice of the day that each became."""

    def as_record(self) -> VoicesJson:
        """Return plain values for JSON."""
        return {
            "turns": [(round(t.start_seconds, 3), round(t.end_seconds, 3), t.label, t.confidence) for t in self.turns],
            "voices": [(v.label, round(v.first_seconds, 3), round(v.speech_seconds, 3)) for v in self.voices],
            "rep_confidence": self.rep_confidence,
            "aliases": self.aliases,
        }

    @classmethod
    def from_record(cls, record: VoicesJson) -> DayVoices:
        """Return what `as_record` described."""
        return cls(
            tuple(Turn(*row) for row in record["turns"]),
            tuple(Voice(*row) for row in record["voices"]),
            record["rep_confidence"],
            dict(record["aliases"]),
        )


def diarize_day(
    windows: VoiceWindows,
    *,
    enrolled: NDArray[np.floating] | None = None,
    engine_labels: Sequence[EngineTurn] | None = None,
) -> DayVoices:
    """Return who spoke when. The same windows always give the same labels.

    `enrolled` is the rep's voice print (dimensions,); without it the rep is the voice that runs through the day.
    `engine_labels` replace the clustering inside blocks wherever the recogniser named speakers.
    """
    if len(windows) == 0:
        return DayVoices((), (), None, {})
    starts, ends = own_stretches(windows)
    given = _given_labels(starts, ends, engine_labels or ())
    labels, groups = _groups(windows, starts, ends, given)
    voices = _linked(groups)
    rep = find_rep(groups, voices, enrolled)
    if rep is not None:
        voices = rep.voices
    voices = _without_scant(groups, voices, None if rep is None else rep.voice)
    names = _names(labels, voices, None if rep is None else rep.voice)
    turns = _turns(starts, ends, labels, voices, names, _confidences(windows, labels, voices))
    aliases = {label: names[voices[g]] for g, label in enumerate(groups.given) if label is not None}
    return DayVoices(turns, _voices(turns), None if rep is None else rep.confidence, aliases)


def voice_print(windows: VoiceWindows, voices: DayVoices, label: str = REP_LABEL) -> NDArray[np.float32] | None:
    """Return the mean vector (dimensions,) of one voice's surer turns, or None when it has none.

    This is biometric data: ask for it only where the person has agreed to be recognised again.
    """
    total = np.zeros(windows.vectors.shape[1] if len(windows) else 0, np.float64)
    middles = (windows.start_seconds + windows.end_seconds) / 2
    for turn in voices.turns:
        if turn.label == label and turn.confidence >= 0.5:
            lo, hi = np.searchsorted(middles, (turn.start_seconds, turn.end_seconds))
            total += windows.vectors[lo:hi].astype(np.float64).sum(axis=0)
    return clustering.unit(total) if total.any() else None


def own_stretches(windows: VoiceWindows) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return start and end of the stretch that each window answers for: half-way to its overlapping neighbours."""
    starts, ends = windows.start_seconds.copy(), windows.end_seconds.copy()
    overlapping = np.flatnonzero(windows.start_seconds[1:] < windows.end_seconds[:-1])
    middle = (windows.end_seconds[overlapping] + windows.start_seconds[overlapping + 1]) / 2
    ends[overlapping] = middle
    starts[overlapping + 1] = middle
    # Clips that overlap by more than a neighbour (padding, two sources) must not send turns back in time.
    starts = np.maximum.accumulate(starts)
    ends[:-1] = np.minimum(ends[:-1], starts[1:])
    return starts, np.maximum(ends, starts)


def blocks(windows: VoiceWindows) -> list[tuple[int, int]]:
    """Return ranges of windows, in order, of at most `BLOCK_WINDOWS` each, cut at the longest pauses.

    A cut of a large range leaves at least an eighth on each side, which keeps the work at n log n.
    """
    pauses = np.maximum(0, windows.start_seconds[1:] - windows.end_seconds[:-1])
    done: list[tuple[int, int]] = []
    waiting = [(0, len(windows))]
    while waiting:
        lo, hi = waiting.pop()
        large = hi - lo > BLOCK_WINDOWS
        margin = (hi - lo) // 8 if large else BLOCK_LEAST_WINDOWS
        inside = pauses[lo + margin - 1 : hi - margin]
        if len(inside) == 0 or (not large and inside.max() < BLOCK_PAUSE_SECONDS):
            done.append((lo, hi))
            continue
        # Where nothing pauses, the middle is as good as any place and keeps the halves even.
        cut = lo + margin + int(np.argmax(inside)) if inside.max() > 0 else (lo + hi) // 2
        waiting += [(cut, hi), (lo, cut)]
    return done


def _shares(
    windows: VoiceWindows, starts: NDArray[np.float64], ends: NDArray[np.float64], labels: clustering.Labels
) -> Shares:
    """Cut the day into scenes, at pauses and after every minute of speech, and sum who speaks in each."""
    pauses = np.concatenate(([0.0], windows.start_seconds[1:] - windows.end_seconds[:-1]))
    after_pause = np.cumsum(pauses >= SCENE_PAUSE_SECONDS)
    _, first = np.unique(after_pause, return_index=True)
    spoken = np.cumsum(ends - starts)
    since = spoken - (spoken - (ends - starts))[first][after_pause]
    scenes = clustering.compact(after_pause * 1_000_000 + (since // SCENE_SECONDS).astype(np.int64))
    pairs, inverse = np.unique(np.stack((labels, scenes)), axis=1, return_inverse=True)
    return Shares(pairs[0], pairs[1], np.bincount(inverse.reshape(-1), ends - starts).astype(np.float64))


def without_room(centroids: clustering.Vectors, owners: clustering.Labels) -> clustering.Vectors:
    """Return centroids less a share of their block's mean: what all voices of a block have in common is its room."""
    sums = np.zeros((int(owners.max()) + 1, centroids.shape[1]), np.float32)
    np.add.at(sums, owners, centroids)
    means = sums / np.maximum(np.bincount(owners), 1)[:, None].astype(np.float32)
    return clustering.unit(centroids - np.float32(ROOM_SHARE) * means[owners])


def _given_labels(
    starts: NDArray[np.float64], ends: NDArray[np.float64], turns: Sequence[EngineTurn]
) -> list[str | None]:
    ordered = sorted(turns, key=lambda t: t.start_seconds)
    given: list[str | None] = [None] * len(starts)
    at = np.searchsorted([t.start_seconds for t in ordered], (starts + ends) / 2, side="right") - 1
    places: list[int] = at.tolist()
    for i, k in enumerate(places):
        if k >= 0 and (starts[i] + ends[i]) / 2 < ordered[k].end_seconds:
            given[i] = ordered[k].label
    return given


def _groups(
    windows: VoiceWindows, starts: NDArray[np.float64], ends: NDArray[np.float64], given: list[str | None]
) -> tuple[clustering.Labels, Groups]:
    labels = np.zeros(len(windows), np.int64)
    centroids: list[clustering.Vectors] = []
    seconds: list[float] = []
    owners: list[int] = []
    names: list[str | None] = []
    for block, (lo, hi) in enumerate(blocks(windows)):
        vectors = clustering.unit(windows.vectors[lo:hi])
        joined = windows.start_seconds[lo + 1 : hi] < windows.end_seconds[lo : hi - 1]
        mine, engine = _block_labels(smoothed(vectors, joined), given[lo:hi], starts[lo:hi], ends[lo:hi])
        labels[lo:hi] = mine + len(centroids)
        for g in range(int(mine.max()) + 1):
            members = mine == g
            centroids.append(clustering.unit(vectors[members].mean(axis=0)))
            seconds.append(float((ends[lo:hi] - starts[lo:hi])[members].sum()))
            owners.append(block)
            names.append(engine[g])
    raw, of_block = np.stack(centroids), np.array(owners)
    return labels, Groups(
        raw, without_room(raw, of_block), np.array(seconds), of_block, names, _shares(windows, starts, ends, labels)
    )


def smoothed(vectors: clustering.Vectors, joined: NDArray[np.bool_]) -> clustering.Vectors:
    """Return every vector with a share of its neighbours in the same stretch of speech.

    `joined` tells for each but the last whether the next one overlaps it. Noise of far microphones differs from window
    to window, and the voice does not. Groups are found among these; their means are taken of the vectors as they were.
    """
    out = vectors.copy()
    at = np.flatnonzero(joined)
    out[at] += NEIGHBOUR_SHARE * vectors[at + 1]
    out[at + 1] += NEIGHBOUR_SHARE * vectors[at]
    return clustering.unit(out)


def _block_labels(
    vectors: clustering.Vectors,
    given: list[str | None],
    starts: NDArray[np.float64],
    ends: NDArray[np.float64],
) -> tuple[clustering.Labels, list[str | None]]:
    """Return a group per window, and the recogniser's label of each group where it named one."""
    known = sorted({label for label in given if label is not None})
    if not known:
        labels = parted_at_pauses(vectors, clustering.block_labels(vectors), starts, ends)
        return labels, [None] * (int(labels.max()) + 1)
    number = {label: i for i, label in enumerate(known)}
    labels = np.array([-1 if label is None else number[label] for label in given])
    centres = np.stack([vectors[labels == i].mean(axis=0) for i in range(len(known))])
    unnamed = labels < 0
    labels[unnamed] = np.argmax(vectors[unnamed] @ clustering.unit(centres).T, axis=1)
    return labels, list(known)


def _linked(groups: Groups) -> clustering.Labels:
    """Return a voice per group. The heaviest groups are linked; what is beyond the limit joins its nearest voice."""
    heaviest = np.sort(np.argsort(-groups.seconds, kind="stable")[:LINKED_AT_ONCE])
    c = groups.centroids[heaviest]
    likeness = c @ c.T - SAME_BLOCK_HANDICAP * (groups.blocks[heaviest][:, None] == groups.blocks[heaviest][None])
    indices: list[int] = heaviest.tolist()
    for label in {g for g in groups.given if g is not None}:
        same = np.array([groups.given[i] == label for i in indices])
        likeness[np.ix_(same, same)] = 1.0
    voices = np.full(len(groups.seconds), -1)
    voices[heaviest] = clustering.linked_labels(likeness, groups.seconds[heaviest], LINK_LIKENESS)
    rest = np.flatnonzero(voices < 0)
    if len(rest):
        centres = groups.voice_centroids(voices)
        near = groups.centroids[rest] @ centres.T
        own = np.arange(len(rest)) + len(centres)
        voices[rest] = np.where(near.max(axis=1) >= LINK_LIKENESS, near.argmax(axis=1), own)
    return voices


def _without_scant(groups: Groups, voices: clustering.Labels, rep: int | None) -> clustering.Labels:
    """Give voices with hardly any speech to the voice of their own block that is most like them, if one is."""
    out = voices.copy()
    seconds = np.bincount(voices, groups.seconds)
    centres = groups.voice_centroids(voices)
    for g in np.flatnonzero(seconds[voices] < SCANT_SECONDS):
        if voices[g] == rep:
            continue
        beside = voices[groups.blocks == groups.blocks[g]]
        beside = beside[seconds[beside] >= SCANT_SECONDS]
        if len(beside):
            near = centres[beside] @ groups.centroids[g]
            if near.max() >= SCANT_LIKENESS:
                out[g] = beside[int(np.argmax(near))]
    return out


def _names(labels: clustering.Labels, voices: clustering.Labels, rep: int | None) -> dict[int, str]:
    names: dict[int, str] = {}
    of_windows = voices[labels]
    _, first = np.unique(of_windows, return_index=True)
    for voice in of_windows[np.sort(first)].tolist():
        names[voice] = REP_LABEL if voice == rep else f"SPEAKER_{len(names) - (REP_LABEL in names.values()) + 1:02d}"
    return names


def _confidences(windows: VoiceWindows, labels: clustering.Labels, voices: clustering.Labels) -> NDArray[np.float32]:
    """Return per window how far its own group in the block leads over the nearest group of another voice, as 0.5..1."""
    out = np.ones(len(windows), np.float32)
    for lo, hi in blocks(windows):
        vectors = clustering.unit(windows.vectors[lo:hi])
        mine = labels[lo:hi] - labels[lo:hi].min()
        of_group = voices[np.arange(int(mine.max()) + 1) + labels[lo:hi].min()]
        centres = clustering.unit(np.stack([vectors[mine == g].mean(axis=0) for g in range(len(of_group))]))
        near = vectors @ centres.T
        rival = np.where(of_group[mine][:, None] == of_group[None], -1.0, near).max(axis=1)
        lead = near[np.arange(len(mine)), mine] - rival
        alone = rival <= -1.0
        out[lo:hi] = np.where(alone, 0.9, 1 / (1 + np.exp(-CONFIDENCE_SLOPE * lead)))
    return out


def _turns(
    starts: NDArray[np.float64],
    ends: NDArray[np.float64],
    labels: clustering.Labels,
    voices: clustering.Labels,
    names: dict[int, str],
    confidences: NDArray[np.float32],
) -> tuple[Turn, ...]:
    turns: list[Turn] = []
    weights: list[float] = []
    for start, end, group, sure in zip(
        starts.tolist(), ends.tolist(), labels.tolist(), confidences.tolist(), strict=True
    ):
        label, weight = names[int(voices[group])], max(end - start, 1e-3)
        last = turns[-1] if turns else None
        if last is not None and last.label == label and start - last.end_seconds <= TURN_PAUSE_SECONDS:
            total = weights[-1] + weight
            mean = (last.confidence * weights[-1] + sure * weight) / total
            turns[-1] = replace(last, end_seconds=max(end, last.end_seconds), confidence=mean)
            weights[-1] = total
        else:
            turns.append(Turn(start, end, label, sure))
            weights.append(weight)
    return tuple(replace(t, confidence=round(t.confidence, 3)) for t in turns)


def _voices(turns: tuple[Turn, ...]) -> tuple[Voice, ...]:
    first: dict[str, float] = {}
    seconds: dict[str, float] = {}
    for t in turns:
        first.setdefault(t.label, t.start_seconds)
        seconds[t.label] = seconds.get(t.label, 0.0) + t.end_seconds - t.start_seconds
    return tuple(Voice(label, first[label], seconds[label]) for label in first)
