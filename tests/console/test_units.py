"""The console's own tests, types and style, by the tools that its lock file names."""

from __future__ import annotations

import gzip
import json
import subprocess
from pathlib import Path

import pytest

from dayline.web.assets import STATIC_FOLDER

ROOT = Path(__file__).parent.parent.parent
CONSOLE = ROOT / "console"


@pytest.mark.parametrize("tool", ["test", "types", "lint"])
def test_the_consoles_own(tool: str) -> None:
    if not (CONSOLE / "node_modules").is_dir():
        pytest.skip("the console's packages are not installed: scripts/console fetches them from the npm registry")
    done = subprocess.run([ROOT / "scripts/console", tool], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


SHELL_BYTES = 125_000
DAY_BYTES = 45_000
STYLE_BYTES = 20_000


def test_what_a_browser_loads_stays_within_its_budget() -> None:
    manifest_file = STATIC_FOLDER / ".vite/manifest.json"
    if not manifest_file.is_file():
        pytest.skip("the console is not built: scripts/console")
    manifest = json.loads(manifest_file.read_text(encoding="utf-8"))

    def loaded(name: str) -> set[str]:
        """Every file that a chunk needs at once, itself among them."""
        found, waiting = set(), [name]
        while waiting:
            chunk = waiting.pop()
            if chunk not in found:
                found.add(chunk)
                waiting += manifest[chunk].get("imports", [])
        return found

    def size(chunks: set[str]) -> int:
        return sum(len(gzip.compress((STATIC_FOLDER / manifest[chunk]["file"]).read_bytes())) for chunk in chunks)

    shell = loaded("index.html")
    assert size(shell) <= SHELL_BYTES
    assert size(loaded("src/day/DayPage.tsx") - shell) <= DAY_BYTES
    styles = {style for chunk in manifest.values() for style in chunk.get("css", ())}
    assert sum(len(gzip.compress((STATIC_FOLDER / style).read_bytes())) for style in styles) <= STYLE_BYTES
