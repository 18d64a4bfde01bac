from __future__ import annotations

import shutil

import pytest
from typer.testing import CliRunner

from dayline.asr.model_table import KNOWN_MODELS
from dayline.asr.registry import SpeechConfig, describe_available
from dayline.cli.models import app

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


def test_list_says_which_models_cannot_be_compared_with_the_table():
    rows = {row.name: row.note for row in describe_available(SpeechConfig())}
    without = {name for name, note in rows.items() if "no hashes known here" in note}
    assert without == {m.name for m in KNOWN_MODELS if not m.has_hashes} == {"parakeet-tdt-0.6b-v2", "canary-1b-v2"}


def test_check_tries_the_bundled_engine():
    answer = runner.invoke(app, ["check"])
    assert answer.exit_code == 0
    assert "works pocketsphinx:en-us" in answer.output
    assert "last fallback" in answer.output
    assert "over silence" not in answer.output


def test_check_says_what_is_wrong(tmp_path):
    assert runner.invoke(app, ["check", "deepgram"]).exit_code == 1
    assert "no engine and no model" in runner.invoke(app, ["check", str(tmp_path)]).output


def test_check_compares_the_files_of_a_known_model_and_names_what_is_wrong(real_models_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("DAYLINE_MODELS_FOLDER", str(real_models_folder))
    answer = runner.invoke(app, ["check", "whisper-tiny.en"])
    assert answer.exit_code == 0, answer.output
    assert "works faster-whisper:whisper-tiny.en" in answer.output
    assert "over silence" not in answer.output
    folder = tmp_path / "models" / "whisper-tiny.en"
    shutil.copytree(real_models_folder / "whisper-tiny.en", folder)
    monkeypatch.setenv("DAYLINE_MODELS_FOLDER", str(folder.parent))
    with (folder / "vocabulary.txt").open("a") as file:
        file.write("x")
    answer = runner.invoke(app, ["check", "whisper-tiny.en"])
    assert answer.exit_code == 1
    assert "vocabulary.txt of whisper-tiny.en differ" in answer.output
    (folder / "tokenizer.json").unlink()
    assert "lacks tokenizer.json" in runner.invoke(app, ["check", "whisper-tiny.en"]).output
    assert "not installed. Run `dayline models install whisper-small`" in (
        runner.invoke(app, ["check", "whisper-small"]).output
    )


def test_install_takes_a_folder_of_the_operator(real_models_folder, tmp_path):
    answer = runner.invoke(app, ["install", "whisper-tiny.en", "--from", str(real_models_folder)])
    assert answer.exit_code == 0, answer.output
    assert f"Fetching from the folder {real_models_folder}" in answer.output
    assert "100 %" in answer.output
    assert (tmp_path / "models" / "whisper-tiny.en" / "model.bin").is_file()
    assert "* whisper-tiny.en" in " ".join(runner.invoke(app, ["list"]).output.split())


def test_install_of_an_unknown_name_lists_the_known():
    answer = runner.invoke(app, ["install", "nonsense"])
    assert answer.exit_code == 1
    assert "parakeet-tdt-0.6b-v3" in answer.output
