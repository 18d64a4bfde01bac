from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _tracked() -> list[Path]:
    """Return the files that git keeps; in a copy without git, every file that is not a build's or a tool's."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True)
        return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    left_out = {".venv", "__pycache__", "node_modules", ".out", "dist", "build"}
    return [p for p in ROOT.rglob("*") if p.is_file() and not left_out & set(p.relative_to(ROOT).parts)]


@pytest.fixture(scope="session")
def tracked() -> list[Path]:
    return _tracked()


@pytest.fixture(scope="session")
def pages() -> list[Path]:
    """Every page of documentation, in the working tree."""
    return sorted([*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")])
