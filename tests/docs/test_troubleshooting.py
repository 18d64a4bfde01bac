"""The log events that the troubleshooting page explains are those that the code writes."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/troubleshooting.md").read_text(encoding="utf-8")
WRITTEN = re.compile(r'\blog\.(?:debug|info|warning|error|exception)\(\s*"([a-z_]+)"(?: if [^"]+ else "([a-z_]+)")?')


def test_every_log_event_of_the_page_is_written_somewhere():
    section = PAGE.split("## Log events", 1)[1]
    named = {
        name for row in re.findall(r"^\| (`.+?) \|", section, re.MULTILINE) for name in re.findall(r"`([a-z_]+)`", row)
    } - {"error"}
    written: set[str] = set()
    for path in (ROOT / "src/dayline").rglob("*.py"):
        written |= {name for pair in WRITTEN.findall(path.read_text(encoding="utf-8")) for name in pair}
    assert len(named) > 20
    assert named <= written, sorted(named - written)
