"""Features of every place between two utterances, where one conversation may end and the next begin.

Pauses, the voices before and after, words of greeting and leave-taking, and the change of vocabulary (lexical cohesion
after Hearst 1997, here with weights fitted to the day itself). No feature depends on a trade.
"""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

from dayline.detection.features import dialogue_acts
from dayline.detection.features.speaker_roles import SpeakerRoles
from dayline.detection.features.utterance_arrays import UtteranceArrays

F = NDArray[np.float64]

NAMES: tuple[str, ...] = (
    "gap",
    "gap_largest_near",
    "other_voices_same_8",
    "other_voices_same_25",
    "before_heard_again",
    "after_heard_before",
    "before_ends_for_good",
    "after_never_before",
    "rep_before",
    "rep_after",
    "cohesion_10",
    "cohesion_40",
    "hello_after_3",
    "hello_after_8",
    "bye_before_3",
    "bye_before_8",
    "hello_before_8",
    "bye_after_8",
    "hold_before",
    "back_after",
    "aside_after",
    "aside_before",
    "labelled",
    "same_voice_across",
    "opening_after_1",
    "opening_after_3",
    "closing_before_1",
    "closing_before_3",
)
_HASH = 512


def measure(utterances: UtteranceArrays, roles: SpeakerRoles, count: F, wording: F) -> F:
    """Return the features of each place: shape (n + 1, features); row i is before utterance i, NaN if unknown.

    wording: how much each line is worded like the first and like the last lines of a conversation, shape (n, 2).
    """
    n = len(utterances)
    out = np.full((n + 1, len(NAMES)), np.nan)
    gap = gaps(utterances)
    col = {name: i for i, name in enumerate(NAMES)}
    out[:, col["gap"]] = np.log1p(gap)
    around = np.array([gap[max(1, i - 6) : min(n, i + 7)].max() if n > 1 else 0.0 for i in range(n + 1)])
    out[:, col["gap_largest_near"]] = np.log1p(gap) - np.log1p(around)
    _voice_columns(out, col, utterances, roles)
    vectors = _word_vectors(utterances)
    out[:, col["cohesion_10"]] = _cosine(*_windows(vectors, 10))
    out[:, col["cohesion_40"]] = _cosine(*_windows(vectors, 40))
    hello = column(count, "greet") + 2 * column(count, "intro")
    leave = 2 * column(count, "bye") + 0.5 * column(count, "thanks")
    aside = column(count, "memo") + column(count, "call_in") + 0.5 * column(count, "family")
    for name, values, before in (
        ("hello_after_3", hello, 0),
        ("hello_after_8", hello, 0),
        ("bye_before_3", leave, 1),
        ("bye_before_8", leave, 1),
        ("hello_before_8", hello, 1),
        ("bye_after_8", leave, 0),
    ):
        left, right = _windows(values[:, None], int(name[-1]))
        out[:, col[name]] = (left if before else right)[:, 0]
    for name, values, before in (
        ("hold_before", column(count, "hold"), 1),
        ("back_after", column(count, "back"), 0),
        ("aside_after", aside, 0),
        ("aside_before", aside, 1),
    ):
        left, right = _windows(values[:, None], 4)
        out[:, col[name]] = (left if before else right)[:, 0]
    _wording_columns(out, col, wording)
    return out


def _wording_columns(out: F, col: dict[str, int], wording: F) -> None:
    n = len(wording)
    for k in (1, 3):
        for i in range(min(k, n)):
            after, before = out[: n - i, col[f"opening_after_{k}"]], out[i + 1 :, col[f"closing_before_{k}"]]
            after[:] = np.fmax(after, wording[i:, 0])
            before[:] = np.fmax(before, wording[: n - i, 1])


def column(count: F, name: str) -> F:
    """Return the counts of one act per utterance."""
    return count[:, dialogue_acts.INDEX[name]]


def gaps(utterances: UtteranceArrays) -> F:
    """Return the silence before each place in seconds, shape (n + 1,); at the ends, up to the edge of the recording."""
    reach = np.maximum.accumulate(utterances.end)
    inner = np.maximum(0.0, utterances.start[1:] - reach[:-1])
    return np.concatenate(
        [[utterances.start[0] - utterances.begin_seconds], inner, [max(0.0, utterances.finish_seconds - reach[-1])]]
    )


def other_mass(utterances: UtteranceArrays, roles: SpeakerRoles) -> F:
    """Return the speech in seconds of every voice but the rep's, per utterance: shape (n, voices)."""
    mass = np.zeros((len(utterances), max(1, len(utterances.voices))))
    known = np.flatnonzero(utterances.voice >= 0)
    mass[known, utterances.voice[known]] = utterances.talk[known] * (1 - roles.rep[known])
    return mass


def _voice_columns(out: F, col: dict[str, int], utterances: UtteranceArrays, roles: SpeakerRoles) -> None:
    out[:, col["labelled"]] = float(utterances.has_voices)
    if not utterances.has_voices:
        return
    n, mass = len(utterances), other_mass(utterances, roles)
    for k in (8, 25):
        out[:, col[f"other_voices_same_{k}"]] = _cosine(*_windows(mass, k))
    left, right = _windows(mass, 12)
    total = np.vstack([np.zeros((1, mass.shape[1])), np.cumsum(mass, axis=0)])
    all_of, before = total[-1], total
    after = all_of - total
    horizon = np.searchsorted(utterances.start, np.concatenate([utterances.start, [utterances.finish_seconds]]) + 400.0)
    past = np.searchsorted(utterances.start, np.concatenate([utterances.start, [utterances.finish_seconds]]) - 400.0)
    soon = total[np.minimum(horizon, n)] - total
    lately = total - total[past]
    out[:, col["before_heard_again"]] = _share(left, soon > 1.0)
    out[:, col["after_heard_before"]] = _share(right, lately > 1.0)
    out[:, col["before_ends_for_good"]] = _share(left, after < 0.1 * all_of + 1.0)
    out[:, col["after_never_before"]] = _share(right, before < 0.1 * all_of + 1.0)
    rep, talk = _windows((roles.rep * utterances.talk)[:, None], 12), _windows(utterances.talk[:, None], 12)
    out[:, col["rep_before"]] = rep[0][:, 0] / np.maximum(talk[0][:, 0], 0.2)
    out[:, col["rep_after"]] = rep[1][:, 0] / np.maximum(talk[1][:, 0], 0.2)
    same = (utterances.voice[1:] == utterances.voice[:-1]) & (utterances.voice[1:] >= 0)
    out[1:n, col["same_voice_across"]] = same


def _share(mass: F, where: NDArray[np.bool_]) -> F:
    total = mass.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > 0.3, (mass * where).sum(axis=1) / total, np.nan)


def _windows(values: F, k: int) -> tuple[F, F]:
    """Return sums over the k rows before and the k rows after each place, shape (n + 1, columns) each."""
    n = len(values)
    total = np.vstack([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    place = np.arange(n + 1)
    return total - total[np.maximum(place - k, 0)], total[np.minimum(place + k, n)] - total


def _cosine(a: F, b: F) -> F:
    na, nb = np.sqrt((a * a).sum(axis=1)), np.sqrt((b * b).sum(axis=1))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where((na > 1e-9) & (nb > 1e-9), (a * b).sum(axis=1) / (na * nb), np.nan)


def _word_vectors(utterances: UtteranceArrays) -> F:
    """Return the hashed words of each utterance, with less weight for words used all day: shape (n, 512)."""
    lines: dict[str, int] = {}
    for tokens in utterances.tokens:
        for w in set(tokens):
            lines[w] = lines.get(w, 0) + 1
    n = len(utterances)
    weight = {w: max(0.0, float(np.log(n / c)) - 1.5) if c > 1 else 0.0 for w, c in lines.items()}
    slot = {w: zlib.crc32(w.encode()) % _HASH for w in lines}
    out = np.zeros((n, _HASH), dtype=np.float64)
    for i, tokens in enumerate(utterances.tokens):
        for w in set(tokens):
            out[i, slot[w]] += weight[w]
    return out
