"""The rules of the house that no linter knows: sizes, names, and who may speak SQL or ask for the time."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SRC = ROOT / "src" / "dayline"
MODULES = sorted(SRC.rglob("*.py"))

MOST_LINES = 400
MOST_MODULES_A_FOLDER = 12
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "manager", "base", "common", "misc"}
CLOCK = re.compile(r"datetime\.(?:now|utcnow|today)\(|(?<![\w.])time\.time\(|date\.today\(")
# Spelled in two halves, so that this file does not hold them.
UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
SQL = re.compile(r"^\s*(?:import sqlalchemy|from sqlalchemy)\b", re.MULTILINE)

# What has been applied to a database is never edited again, so its length is history.
HISTORY = SRC / "store" / "migrations" / "versions"
# The judge of leases must tell the database's own failures from others; it runs no statement.
MAY_NAME_SQL_ERRORS = {SRC / "pipeline" / "engine" / "lease.py"}
# The client runs on other people's machines and stands on `core` alone.
OWN_CLOCK = {SRC / "kit" / "clock.py", SRC / "client" / "wire.py"}


def _shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_there_is_something_to_judge():
    assert len(MODULES) > 100


@pytest.mark.parametrize("path", MODULES, ids=_shown)
def test_every_module_says_what_it_is_for(path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), f"{_shown(path)} has no docstring"


def test_no_module_is_long():
    long = {_shown(p): _lines(p) for p in MODULES if HISTORY not in p.parents and _lines(p) > MOST_LINES}
    assert not long


def test_no_folder_is_full():
    folders = {p.parent for p in MODULES}
    counts = {_shown(f): sum(1 for p in f.glob("*.py") if p.name != "__init__.py") for f in folders}
    assert not {name: count for name, count in counts.items() if count > MOST_MODULES_A_FOLDER}


def test_names_say_something():
    names = [p for p in SRC.rglob("*") if p.suffix in ("", ".py") and p.stem in VAGUE_NAMES]
    assert not [_shown(p) for p in names]


def test_the_time_of_day_comes_from_one_place():
    assert not [
        _shown(p) for p in MODULES if p not in OWN_CLOCK and CLOCK.search(p.read_text(encoding="utf-8")) is not None
    ]


def test_only_the_store_speaks_sql():
    speakers = {p for p in MODULES if SQL.search(p.read_text(encoding="utf-8"))}
    assert not [_shown(p) for p in speakers - MAY_NAME_SQL_ERRORS if SRC / "store" not in p.parents]


def test_nothing_is_left_for_later():
    places = [SRC, ROOT / "tests", ROOT / "scripts", ROOT / "bench"]
    files = [p for place in places for p in place.rglob("*.py")]
    assert not [
        _shown(p) for p in files for line in p.read_text(encoding="utf-8").splitlines() if _is_note_to_self(line)
    ]


def _is_note_to_self(line: str) -> bool:
    comment = line.partition("#")[2]
    return UNFINISHED.search(comment) is not None
