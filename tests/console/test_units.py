"""The console's own tests, types and style, by the tools that its lock file names."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
CONSOLE = ROOT / "console"


@pytest.mark.parametrize("tool", ["test", "types", "lint"])
def test_the_consoles_own(tool: str) -> None:
    if not (CONSOLE / "node_modules").is_dir():
        pytest.skip("the console's packages are not installed: scripts/console fetches them from the npm registry")
    done = subprocess.run([ROOT / "scripts/console", tool], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
