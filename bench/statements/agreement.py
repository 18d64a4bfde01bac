"""Compare a second reading of the `unseen` dialogues with their labels: `python -m bench.statements.agreement`.

The second reader saw the text only. What two careful readers agree on is the most that any analyst can be asked for.
"""

from __future__ import annotations

from collections.abc import Iterable

from scipy.stats import spearmanr

from bench.statements.dialogues import HERE, Dialogue, load, read_lines


def agreement(dialogues: Iterable[Dialogue]) -> list[str]:
    """Return a line per kind of fact: what share of the second reading the labels hold, and the other way round."""
    readings = {r["id"]: r for r in read_lines(HERE / "second_reading.jsonl")}
    pairs = [(readings[d.id], d.labels) for d in dialogues if d.id in readings]
    lines = [f"{len(pairs)} dialogues read twice"]
    for name, optional in (
        ("asks", "ok_asks"),
        ("objections", "ok_objections"),
        ("steps", "ok_steps"),
        ("offers", "ok_offers"),
    ):
        both = second = first = 0
        for reading, labels in pairs:
            mine, theirs, either = (_places(name, rows) for rows in (reading[name], labels[name], labels[optional]))
            both += len(mine & theirs)
            second += len(mine - (either - theirs))
            first += len(theirs)
        lines.append(f"{name}: {both} of {second} also in the labels, {both} of {first} of the labels found")
    kinds = [
        (kind, dict(map(tuple, labels["objections"]))[turn])
        for reading, labels in pairs
        for turn, kind in reading["objections"]
        if turn in dict(map(tuple, labels["objections"]))
    ]
    lines.append(f"kind of objection: {sum(k in w.split('|') for k, w in kinds)} of {len(kinds)} the same")
    lines.append(f"outcome: {sum(r['outcome'] in w['outcome'] for r, w in pairs)} of {len(pairs)} the same")
    rank, _ = spearmanr([r["quality"] for r, _ in pairs], [w["quality"] for _, w in pairs])
    lines.append(f"rank correlation of quality: {rank:.2f}")
    return lines


def _places(name: str, rows: Iterable[object]) -> set[object]:
    """Return what identifies a fact: its turn, for offers its turn and amount."""
    if name == "offers":
        return {tuple(r) if isinstance(r, list) else r for r in rows}
    return {r[0] if isinstance(r, list) else r for r in rows}


if __name__ == "__main__":
    print("\n".join(agreement(load(["unseen"])[0])))
