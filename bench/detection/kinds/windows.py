"""Lines of composed days as arrays, and windows of them for encoder and network. Needs numpy only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

TEXT, CONTEXT = 128, 28
LENGTH = TEXT + CONTEXT + 4
PAD, UNKNOWN, BEGIN, SEPARATOR, NOBODY, REP, OTHER = range(7)
SPECIAL = 7
KINDS = ("customer", "internal", "personal", "errand", "radio", "memo")
WANTED = np.array([0.42, 0.2, 0.12, 0.15, 0.06, 0.05])
PURE_SHARE, ROLES_SHARE, CONTEXT_SHARE, REPLACED_SHARE = 0.4, 0.5, 0.5, 0.04
MOST_LINES_BEFORE, MARGIN_LINES = 12, 3


class Lines:
    """Lines of several sets in a row.

    Attributes:
        pieces: word pieces of all lines; at: where each line begins in them.
        count, role, kind, talk, day, about: per line; about is an index of what is sold.
        first, last: whether a talk begins or ends with a line.
        unit: number of the stretch of one talk that a line lies in.
    """

    def __init__(self, arrays: Mapping[str, np.ndarray], names: Sequence[str]) -> None:
        def joined(key: str) -> np.ndarray:
            return np.concatenate([arrays[f"{n}.{key}"].astype(np.int64) for n in names])

        self.pieces, self.count, self.role, self.kind = map(joined, ("tok", "line_len", "role", "kind"))
        self.talk = joined("talk")
        days, about, texts, ends = [], [], [], [0]
        for n in names:
            days.append(arrays[f"{n}.day"].astype(np.int64) + (days[-1][-1] + 1 if days else 0))
            about.append(arrays[f"{n}.ctx"].astype(np.int64) + len(ends) - 1)
            at = arrays[f"{n}.ctx_at"].astype(np.int64)
            ends += (at[1:] + ends[-1]).tolist()
            texts.append(arrays[f"{n}.ctx_tok"].astype(np.int64))
        self.day, self.about, self.texts, self.text_at = *map(np.concatenate, (days, about, texts)), ends
        self.at = np.concatenate([[0], np.cumsum(self.count)])
        unit = self.day * 1000 + self.talk
        begins = np.ones(len(unit), dtype=bool)
        begins[1:] = unit[1:] != unit[:-1]
        ends_here = np.append(begins[1:], True)
        self.first, self.last = begins & (self.talk >= 0), ends_here & (self.talk >= 0)
        self.unit = np.cumsum(begins)

    def end(self, i: int, *, pure: bool) -> int:
        """The line after the window that begins with line i. pure: it ends with the talk."""
        j, used = i, 0
        while (
            j < len(self.count)
            and self.day[j] == self.day[i]
            and used + self.count[j] + 1 <= TEXT
            and (not pure or self.unit[j] == self.unit[i])
        ):
            used += self.count[j] + 1
            j += 1
        return max(j, i + 1)


def arrays_of(x: Lines, spans: Sequence[tuple[int, int]], roles: Sequence[bool], about: Sequence[bool]) -> list:
    """Arrays of windows: encoder's pieces, segments and markers, targets, and the network's pieces, lines and roles.

    roles, about: whether each window is told the roles and what is sold.
    """
    b, n = len(spans), max(j - i for i, j in spans)
    ids, segment = np.zeros((b, LENGTH), np.int64), np.zeros((b, LENGTH), np.int64)
    marker, kind = np.zeros((b, n), np.int64), np.full((b, n), -1)
    first, last = np.zeros((b, n), np.float32), np.zeros((b, n), np.float32)
    flat, line, role = np.zeros((b, TEXT), np.int64), np.full((b, TEXT), n), np.zeros((b, n), np.int64)
    for w, (i, j) in enumerate(spans):
        ids[w, 0], p, c = BEGIN, 1, 0
        for k in range(i, j):
            role[w, k - i] = x.role[k] if roles[w] else 0
            ids[w, p], marker[w, k - i] = NOBODY + role[w, k - i], p
            mine = x.pieces[x.at[k] : x.at[k + 1]][: TEXT - p]
            ids[w, p + 1 : p + 1 + len(mine)] = mine
            p += 1 + len(mine)
            flat[w, c : c + len(mine)], line[w, c : c + len(mine)] = mine, k - i
            c += len(mine)
        kind[w, : j - i], first[w, : j - i], last[w, : j - i] = x.kind[i:j], x.first[i:j], x.last[i:j]
        ids[w, p] = SEPARATOR
        sold = x.texts[x.text_at[x.about[i]] : x.text_at[x.about[i] + 1]][:CONTEXT]
        if about[w] and len(sold):
            ids[w, p + 1 : p + 1 + len(sold)] = sold
            ids[w, p + 1 + len(sold)] = SEPARATOR
            segment[w, p + 1 : p + 2 + len(sold)] = 1
    return [ids, segment, marker, kind, first, last, flat, line, role]


def drawn(x: Lines, rows: Sequence[np.ndarray], size: int, r: np.random.Generator) -> list:
    """Arrays of random windows of all kinds, some pieces replaced. rows: lines of each kind."""
    spans = []
    for k in r.choice(len(KINDS), size, p=WANTED / WANTED.sum()):
        i, pure = int(r.choice(rows[k])), bool(r.random() < PURE_SHARE)
        back = int(r.integers(0, MOST_LINES_BEFORE))
        while back and i and x.day[i - 1] == x.day[i] and (not pure or x.unit[i - 1] == x.unit[i]):
            i, back = i - 1, back - 1
        spans.append((i, x.end(i, pure=pure)))
    told, sold = r.random(size) < ROLES_SHARE, r.random(size) < CONTEXT_SHARE
    out = arrays_of(x, spans, told.tolist(), sold.tolist())
    for pieces in (out[0], out[6]):
        hit = (r.random(pieces.shape) < REPLACED_SHARE) & (pieces >= SPECIAL)
        other = x.pieces[r.integers(0, len(x.pieces), pieces.shape)]
        pieces[hit] = np.where(r.random(pieces.shape) < 0.5, UNKNOWN, other)[hit]
    return out


def covering(x: Lines) -> list[tuple[int, int, int, int]]:
    """Windows over all lines with some context on both sides: first and last line, and the lines to keep."""
    out, i, n = [], 0, len(x.count)
    while i < n:
        a = i
        while a > 0 and i - a < MARGIN_LINES and x.day[a - 1] == x.day[i]:
            a -= 1
        j = x.end(a, pure=False)
        if j <= i:
            a, j = i, x.end(i, pure=False)
        is_last = j == n or x.day[j] != x.day[i]
        stop = j if is_last else max(i + 1, j - MARGIN_LINES)
        out.append((a, j, i, stop))
        i = stop
    return out
