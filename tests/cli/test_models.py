from __future__ import annotations

import pytest
from typer.testing import CliRunner

from dayline.cli.models import app
from dayline.domain.errors import NotFound

runner = CliRunner()


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("DAYLINE_DATA_FOLDER", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")


def test_list_says_what_auto_takes():
    answer = runner.invoke(app, ["list"])
    assert answer.exit_code == 0
    marked = [line for line in answer.output.splitlines() if line.startswith("* ") and "pocketsphinx" in line]
    assert len(marked) == 1
    assert "parakeet-tdt-0.6b-v3" in answer.output


def test_check_tries_the_bundled_engine():
    answer = runner.invoke(app, ["check"])
    assert answer.exit_code == 0
    assert "works pocketsphinx:en-us" in answer.output
    assert "demo quality" in answer.output
    assert "over silence" not in answer.output


def test_check_says_what_is_wrong(tmp_path):
    assert runner.invoke(app, ["check", "deepgram"]).exit_code == 1
    assert "no engine and no model" in runner.invoke(app, ["check", str(tmp_path)]).output


def test_install_of_an_unknown_name_lists_the_known():
    answer = runner.invoke(app, ["install", "nonsense"])
    assert isinstance(answer.exception, NotFound)
    assert "parakeet-tdt-0.6b-v3" in answer.exception.message
