"""Short exchanges from `exchanges.txt` and made from `phrases.txt`, to teach the models what dialogues hold only once.

A line of `exchanges.txt` is what was said before, the labelled sentence and, where one stands there, the reply. A line
of `phrases.txt` is a sentence with choices: `(a|b)` is one of them, `[c]` may be left out, `{day}` is one of the words
after "= day". Other lines are put before and after. The same seed gives the same exchanges.
"""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("phrases.txt")
EXCHANGES = Path(__file__).with_name("exchanges.txt")
SEED = 5
EACH = 5
"""So many sentences are made of a line."""

_CHOICE = re.compile(r"\(([^()]*)\)|\[([^\[\]()]*)\]|\{(\w+)\}")


def exchanges() -> list[dict[str, Any]]:
    """Return exchanges made from phrases with their labels, in the form of the dialogues."""
    return _Writer(random.Random(SEED)).all()


def said_exchanges() -> list[dict[str, Any]]:
    """Return the exchanges that were written out, with their labels, in the form of the dialogues."""
    return _Writer(random.Random(SEED)).written()


class _Writer:
    """Writes exchanges with one source of chance."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._sections, self._slots = _read()
        self._found: list[dict[str, Any]] = []

    def all(self) -> list[dict[str, Any]]:
        for line in self._sections["ask"]:
            for _ in range(EACH):
                self._ask(line)
        for name, lines in self._sections.items():
            if name.startswith("obj "):
                for line in lines:
                    for _ in range(EACH):
                        self._objection(name[4:], line)
        return self._found

    def written(self) -> list[dict[str, Any]]:
        for section, line in _written_lines():
            of_rep = section.endswith("ask")
            speakers = "BAB" if of_rep else "ABA"
            core = list(zip(speakers, line.split(" > "), strict=False))
            turns, at = self._padded(core)
            unsure = {"ok_asks": [n for n, t in enumerate(turns) if t["s"] == "A" and n in (at - 1, at + 1)]}
            unsure["ok_objections"] = [n for n, t in enumerate(turns) if t["s"] == "B" and n in (at - 1, at + 1)]
            kind = section.removeprefix("obj ")
            labels = {"asks": [at]} if section == "ask" else {"objections": [[at, kind]]} if kind != section else {}
            self._add(turns, **unsure, **labels)
        return self._found

    def _ask(self, line: str) -> None:
        lead = "" if self._dice.random() < 0.6 else f"{self._any('lead')}, "
        core = [("B", self._any("not obj")), ("A", lead + self._expand(line)), ("B", self._any("reply"))]
        turns, at = self._padded(core)
        self._add(turns, asks=[at], ok_objections=[at + 1])

    def _objection(self, kind: str, line: str) -> None:
        lead = "" if self._dice.random() < 0.5 else f"{self._any('doubt')}, "
        before = self._any("ask" if self._dice.random() < 0.45 else "not ask")
        answer = self._any("not ask") if self._dice.random() < 0.4 else self._any("answer")
        turns, at = self._padded([("A", before), ("B", lead + self._expand(line)), ("A", answer)])
        self._add(turns, objections=[[at, kind]], ok_asks=[at - 1, at + 1])

    def _padded(self, core: list[tuple[str, str]]) -> tuple[list[dict[str, str]], int]:
        """Return the turns with others before and after them, and the place of the second."""
        before, after = self._dice.randrange(5), self._dice.randrange(4)
        lead = [core[0][0] if n % 2 == 0 else _other(core[0][0]) for n in range(before, 0, -1)]
        end = [_other(core[-1][0]) if n % 2 == 0 else core[-1][0] for n in range(after)]
        turns = [*((s, self._plain(s)) for s in lead), *core, *((s, self._plain(s)) for s in end)]
        return [{"s": s, "t": t} for s, t in turns], before + 1

    def _plain(self, speaker: str) -> str:
        return self._any("not ask" if speaker == "A" else "not obj")

    def _any(self, section: str) -> str:
        return self._one(self._sections[section])

    def _one(self, lines: list[str]) -> str:
        return self._expand(self._dice.choice(lines))

    def _expand(self, line: str) -> str:
        while match := _CHOICE.search(line):
            if match[3]:
                chosen = self._dice.choice(self._slots[match[3]])
            elif match[1] is not None:
                chosen = self._dice.choice(match[1].split("|"))
            else:
                chosen = "" if self._dice.random() < 0.5 else self._dice.choice(match[2].split("|"))
            line = line[: match.start()] + chosen + line[match.end() :]
        return re.sub(r"\s+([,.])", r"\1", " ".join(line.split())).strip().strip(",")

    def _add(self, turns: list[dict[str, str]], **labels: list[Any]) -> None:
        empty: dict[str, list[Any]] = {"asks": [], "ok_asks": [], "objections": [], "ok_objections": []}
        self._found.append({"id": f"exchange-{len(self._found):04d}", "turns": turns, **empty, **labels})


def _other(speaker: str) -> str:
    return "A" if speaker == "B" else "B"


def _written_lines() -> list[tuple[str, str]]:
    """Return the lines of `exchanges.txt` with the section each stands in."""
    found: list[tuple[str, str]] = []
    section = ""
    for line in filter(None, map(str.strip, EXCHANGES.read_text(encoding="utf-8").splitlines())):
        if line.startswith("# "):
            section = line[2:]
        else:
            found.append((section, line))
    return found


def _read() -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return the lines of each section, and the words of each slot."""
    sections: dict[str, list[str]] = {}
    slots: dict[str, list[str]] = {}
    name = ""
    for line in filter(None, map(str.strip, FILE.read_text(encoding="utf-8").splitlines())):
        if line.startswith("= "):
            slot, _, members = line[2:].partition(" ")
            slots[slot] = members.split("|")
        elif line.startswith("# "):
            name = line[2:].strip()
        else:
            sections.setdefault(name, []).append(line)
    return sections, slots
