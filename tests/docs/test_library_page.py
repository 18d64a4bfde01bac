"""The examples of the library page run as printed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = re.findall(r"```python\n(.*?)```", (ROOT / "docs/library.md").read_text(), re.DOTALL)


def _run(example: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", example], cwd=folder, capture_output=True, text=True, timeout=120, check=True
    )


def _example(marker: str) -> str:
    (found,) = [e for e in EXAMPLES if marker in e]
    return found


def test_detecting_from_files(tmp_path):
    segments = [{"start": 10.0 + 5 * i, "end": 13.0 + 5 * i, "text": f"line {i}", "words": []} for i in range(40)]
    (tmp_path / "day.whisperx.json").write_text(json.dumps({"segments": segments}))
    (tmp_path / "day.rttm").write_text("SPEAKER day 1 10.0 300.0 <NA> <NA> A <NA> <NA>\n")
    _run(_example("read_rttm"), tmp_path)
    assert json.loads((tmp_path / "day.detected.json").read_text())["timeline"][-1]["end_seconds"] == 28_800


def test_a_transcript_built_by_hand(tmp_path):
    assert _run(_example("dayline.Utterance("), tmp_path).stdout.split() == ["600.0"]


def test_the_names_of_the_first_example_exist():
    from dayline.local_run import ProcessedDay

    example = _example("dayline.process(")
    assert {"segments", "analysis_of"} <= set(re.findall(r"day\.(\w+)", example)) & set(dir(ProcessedDay))
