"""Every link has a target, and every page can be reached from the index."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
FENCE = re.compile(r"^( *)(```|~~~).*?^\1\2", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)


def _prose(page: Path) -> str:
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def _links(page: Path) -> list[tuple[Path, str]]:
    """Return (file, heading) of each link that stays in the repository."""
    found: list[tuple[Path, str]] = []
    for target in LINK.findall(_prose(page)):
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, heading = unquote(target).partition("#")
        found.append(((page.parent / path).resolve() if path else page, heading))
    return found


def _headings(page: Path) -> set[str]:
    plain = (re.sub(r"[^\w\- ]", "", h.replace("`", "").lower()) for h in HEADING.findall(_prose(page)))
    return {h.strip().replace(" ", "-") for h in plain}


def test_links_resolve(pages):
    broken = [
        f"{page.relative_to(ROOT)} -> {target}" for page in pages for target, _ in _links(page) if not target.exists()
    ]
    assert not broken


def test_links_to_headings_resolve(pages):
    broken = [
        f"{page.relative_to(ROOT)} -> {target.name}#{heading}"
        for page in pages
        for target, heading in _links(page)
        if heading and target.suffix == ".md" and target.exists() and heading not in _headings(target)
    ]
    assert not broken


def test_links_stay_in_the_repository(pages):
    assert not [(p.name, t) for p in pages for t, _ in _links(p) if not t.is_relative_to(ROOT)]


def test_every_page_is_reachable_from_the_index():
    start = ROOT / "docs" / "index.md"
    seen, todo = {start}, [start]
    while todo:
        for target, _ in _links(todo.pop()):
            if target.suffix == ".md" and target.exists() and target not in seen:
                seen.add(target)
                todo.append(target)
    missing = sorted(p.relative_to(ROOT).as_posix() for p in (ROOT / "docs").rglob("*.md") if p not in seen)
    assert not missing


def test_the_index_is_reachable_from_the_readme():
    assert ROOT / "docs" / "index.md" in {target for target, _ in _links(ROOT / "README.md")}


def test_every_decision_is_listed_in_order():
    folder = ROOT / "docs" / "decisions"
    records = sorted(p for p in folder.glob("[0-9]*.md"))
    listed = [target for target, _ in _links(folder / "README.md") if target.parent == folder]
    assert listed == records
    numbers = [p.name[:4] for p in records]
    assert len(set(numbers)) == len(numbers), "two decisions have the same number"


def test_every_decision_has_its_parts():
    for record in sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md")):
        headings = _headings(record)
        assert {"context", "decision", "consequences"} <= headings, record.name
