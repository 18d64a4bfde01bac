"""The repository speaks of itself alone: no machine's paths, no registry's hosts, no talk about its making."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SELF = Path(__file__).resolve()
# The lock file is written by its tool and names where each package comes from.
WRITTEN_BY_TOOLS = {ROOT / "uv.lock", ROOT / "LICENSE"}
BINARY = {".opus", ".onnx", ".npz", ".png", ".ico", ".wav", ".mp3", ".m4a", ".flac", ".gz"}

NOT_HERE = {
    "a path of one machine": re.compile(r"(?<![\w./*-])/(?:work|root|workspace)/[\w.]|(?<![\w.])/home/[a-z]+/"),
    "a file in one machine's scratch": re.compile(r"(?<![\w./])/tmp/(?!dayline)[a-z]"),
    "a registry's host": re.compile(r"pypi\.org|pythonhosted\.org|registry\.npmjs|npmjs\.com|proxy\.golang|crates\.io"),
    "a task's number": re.compile(r"\b[Ii]ssues? #?\d"),
    "a folder that is not here": re.compile(
        r"(?<![\w./-])(?:\.\./)?shared/(?:design|contract|reference|samples|bench)"
    ),
    "a word on its making": re.compile(r"(?i)co-authored-by|\bgenerated (?:by|with) (?:an? )?(?:ai|llm)\b"),
}
TEXT_LIMIT_BYTES = 2_000_000


def _text(path: Path) -> str | None:
    if path.suffix in BINARY or path in WRITTEN_BY_TOOLS or path == SELF or path.stat().st_size > TEXT_LIMIT_BYTES:
        return None
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def test_words_that_do_not_belong_here_are_absent(tracked):
    found: list[str] = []
    for path in tracked:
        text = _text(path)
        for what, pattern in NOT_HERE.items() if text else ():
            found += [f"{path.relative_to(ROOT)}: {what}: {m[0]!r}" for m in pattern.finditer(text or "")]
    assert not found


def test_no_page_has_an_empty_place(pages):
    empty = re.compile(r"\b(?:TO" + r"DO|TB" + r"D|FIX" + r"ME|MEAS" + r"URED|LO" + r"REM)\b$", re.MULTILINE)
    assert not [p.relative_to(ROOT).as_posix() for p in pages if empty.search(p.read_text(encoding="utf-8"))]
