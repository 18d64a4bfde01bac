from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from dayline.cli.main import run

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The environment of a command with a data folder of its own and no settings of this machine."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("DAYLINE_")}
    return {**clean, "DAYLINE_DATA_FOLDER": str(tmp_path / "data"), "DAYLINE_LOG_STYLE": "json", "COLUMNS": "80"}


@pytest.fixture
def dayline_process(environment: dict[str, str], tmp_path: Path) -> Run:
    """Run the command in a process of its own, as a user runs it."""

    def start(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "dayline", *arguments],
            env={**environment, **settings},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=240,
        )

    return start


@dataclass
class CommandResult:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def dayline(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., CommandResult]:
    """Run the command in this process: the same arguments, environment, output and exit status."""
    monkeypatch.chdir(tmp_path)

    def start(*arguments: str, **settings: str) -> CommandResult:
        mask = os.umask(0o022)
        with monkeypatch.context() as patch:
            for name in [n for n in os.environ if n.startswith("DAYLINE_")]:
                patch.delenv(name)
            for name, value in {**environment, **settings}.items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["dayline", *arguments])
            capsys.readouterr()
            try:
                run()
                status = 0
            except SystemExit as leave:
                status = int(leave.code or 0)
            finally:
                os.umask(mask)
            out, err = capsys.readouterr()
            return CommandResult(status, out, err)

    return start
