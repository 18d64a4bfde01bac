"""Compare two readings of the same dialogues: `python -m bench.statements.agreement`.

The second reading was made from the text alone. Where the labels were settled afterwards, the comparison is with the
labels as they were before (`first_reading.jsonl`). What two careful readings agree on is the most that any analyst can
be asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from scipy.stats import spearmanr

from bench.statements.dialogues import HERE, Dialogue, load, read_lines

READ_TWICE = ("unseen", "blind", "fresh")
Labels = dict[str, Any]
Pair = tuple[Labels, Labels]


def agreement(dialogues: Iterable[Dialogue]) -> list[str]:
    """Return a line per kind of fact: what share of the second reading the labels hold, and the other way round."""
    readings = {r["id"]: r for r in read_lines(HERE / "second_reading.jsonl")}
    before = {r["id"]: r for r in read_lines(HERE / "first_reading.jsonl")}
    pairs = [(readings[d.id], before.get(d.id, d.labels)) for d in dialogues if d.id in readings]
    lines = [f"{len(pairs)} dialogues read twice"]
    for name, optional in (
        ("asks", "ok_asks"),
        ("objections", "ok_objections"),
        ("steps", "ok_steps"),
        ("offers", "ok_offers"),
        ("needs", "ok_needs"),
    ):
        both = second = first = 0
        for reading, labels in pairs:
            rows = (reading.get(name, ()), labels.get(name, ()), labels.get(optional, ()))
            mine, theirs, either = (_places(name, facts) for facts in rows)
            both += len(mine & theirs)
            second += len(mine - (either - theirs))
            first += len(theirs)
        if second or first:
            lines.append(f"{name}: {both} of {second} also in the labels, {both} of {first} of the labels found")
    lines += _share("kind of objection", _kinds(pairs))
    lines += _share("whether an objection was answered", _values(pairs, "answered"))
    lines += _share("owner and time of next steps", _steps(pairs))
    lines += _share("playbook points", _values(pairs, "points"))
    lines += _share("outcome", ((r["outcome"] in w["outcome"]) for r, w in pairs))
    rank, _ = spearmanr([r["quality"] for r, _ in pairs], [w["quality"] for _, w in pairs])
    lines.append(f"rank correlation of quality: {rank:.2f}")
    return lines


def _share(name: str, same: Iterable[bool]) -> list[str]:
    """Return the line that says how often two readings have the same value, none where nothing was compared."""
    found = list(same)
    return [f"{name}: {sum(found)} of {len(found)} the same"] if found else []


def _kinds(pairs: Iterable[Pair]) -> Iterator[bool]:
    """Yield for each objection of both readings whether they share a kind."""
    for reading, labels in pairs:
        kinds = {turn: set(kind.split("|")) for turn, kind in labels["objections"]}
        for turn, kind in reading["objections"]:
            if turn in kinds:
                yield bool(set(kind.split("|")) & kinds[turn])


def _values(pairs: Iterable[Pair], name: str) -> Iterator[bool]:
    """Yield for each fact with a yes or no that both readings have whether it is the same."""
    for reading, labels in pairs:
        values = dict(map(tuple, labels.get(name, ())))
        for key, value in reading.get(name, ()):
            if key in values:
                yield value == values[key]


def _steps(pairs: Iterable[Pair]) -> Iterator[bool]:
    """Yield for each next step of both readings whether owner and time are the same, where the reading has a time."""
    for reading, labels in pairs:
        steps = {turn: (owner, (when or "").split("|")) for turn, owner, when in labels["steps"]}
        for turn, owner, *when in reading["steps"]:
            if turn in steps and when:
                same_time = any(_day(when[0] or "") & _day(w) or (when[0] or "") == w for w in steps[turn][1])
                yield owner == steps[turn][0] and same_time


def _day(when: str) -> set[str]:
    return set(when.lower().split()) - {"the", "of", "at", "in", "by"}


def _places(name: str, rows: Iterable[object]) -> set[object]:
    """Return what identifies a fact: its turn, for offers its turn and amount."""
    if name == "offers":
        return {tuple(r) if isinstance(r, list) else r for r in rows}
    return {r[0] if isinstance(r, list) else r for r in rows}


if __name__ == "__main__":
    for split in READ_TWICE:
        print(f"== {split}")
        print("\n".join(agreement(load([split])[0])))
