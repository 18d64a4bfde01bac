"""What `import dayline` and the command give, and what they do not load."""

from __future__ import annotations

import subprocess
import sys

import pytest

import dayline
from dayline.domain.transcript import Transcript, Utterance

SERVICE_MODULES = ("fastapi", "sqlalchemy", "dbos", "uvicorn", "numpy", "onnxruntime")


def _loaded_after(statement: str) -> list[str]:
    code = f"import sys\n{statement}\nprint(*[m for m in {SERVICE_MODULES!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.split()


def test_importing_dayline_loads_no_service():
    assert _loaded_after("import dayline; dayline.Transcript") == []


def test_detecting_loads_numpy_and_no_service():
    assert _loaded_after("import dayline; dayline.detect") == ["numpy"]


def _loaded_by_command(*words: str) -> set[str]:
    code = (
        f"import sys\nsys.argv = ['dayline', *{words!r}]\nfrom dayline.cli.main import run\n"
        "try:\n    run()\nexcept SystemExit:\n    pass\n"
        "print('loaded', *{name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    return set(done.stdout.rpartition("loaded")[2].split())


def test_version_loads_no_library():
    assert _loaded_by_command("version") & {*SERVICE_MODULES, "typer", "rich", "pydantic", "httpx2"} == set()


def test_help_loads_no_service():
    loaded = _loaded_by_command("--help")
    assert "typer" in loaded
    assert loaded & {*SERVICE_MODULES, "pydantic", "pydantic_settings", "structlog", "httpx2", "av"} == set()


def test_a_command_that_queues_nothing_loads_no_workflow_engine(tmp_path, monkeypatch):
    monkeypatch.setenv("DAYLINE_DATA_FOLDER", str(tmp_path / "data"))
    loaded = _loaded_by_command("keys", "create")
    assert "sqlalchemy" in loaded
    assert loaded & {"dbos", "fastapi", "uvicorn", "numpy", "onnxruntime", "httpx2", "av", "obstore"} == set()


def test_every_public_name_can_be_used():
    assert set(dir(dayline)) == set(dayline.__all__)
    for name in dayline.__all__:
        assert getattr(dayline, name) is not None


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'proces'"):
        _ = dayline.proces


def test_detect_accounts_for_every_second():
    said = Transcript((Utterance(1.0, 4.0, "good morning"),), duration_seconds=60.0)
    day = dayline.detect(said)
    assert day.timeline[0].start_seconds == 0.0
    assert day.timeline[-1].end_seconds == 60.0
