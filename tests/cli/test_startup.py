"""An unusable configuration ends `serve` and `worker` at the start, with one line that names the setting."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

WRONG = [
    ({"DAYLINE_ANALYST": "openai"}, "DAYLINE_LANGUAGE_MODEL"),
    ({"DAYLINE_ANALYST": "openai", "DAYLINE_LANGUAGE_MODEL": "m"}, "DAYLINE_LANGUAGE_API_KEY"),
    ({"DAYLINE_ANALYST": "oracle"}, "DAYLINE_ANALYST"),
    ({"DAYLINE_SPEECH_ENGINE": "nope"}, "DAYLINE_SPEECH_ENGINE"),
    ({"DAYLINE_SPEECH_ENGINE": "deepgram"}, "DAYLINE_SPEECH_ENGINE"),
    ({"DAYLINE_SPEECH_ENGINE": "faster-whisper", "DAYLINE_SPEECH_MODEL": "/nowhere"}, "DAYLINE_SPEECH_MODEL"),
    ({"DAYLINE_MODELS_FOLDER": "/nowhere/models"}, "DAYLINE_MODELS_FOLDER"),
    ({"DAYLINE_DATA_FOLDER": "/proc/nowhere"}, "DAYLINE_DATA_FOLDER"),
    ({"DAYLINE_DATA_FOLDER": "/tmp"}, "DAYLINE_DATA_FOLDER"),
    ({"DAYLINE_OBJECTS_URL": "ftp://bucket/x"}, "DAYLINE_OBJECTS_URL"),
    ({"DAYLINE_MAX_CALL_MINUTES": "abc"}, "DAYLINE_MAX_CALL_MINUTES"),
    ({"DAYLINE_PORT": "99999"}, "DAYLINE_PORT"),
    ({"DAYLINE_LEASE_SECONDS": "-1"}, "DAYLINE_LEASE_SECONDS"),
    ({"DAYLINE_WEBHOOK_DELAYS_SECONDS": "60,x"}, "DAYLINE_WEBHOOK_DELAYS_SECONDS"),
    ({"DAYLINE_ALLOW_NETWORKS": "300.1.1.1"}, "DAYLINE_ALLOW_NETWORKS"),
    ({"DAYLINE_CA_FILE": "/nowhere.pem"}, "DAYLINE_CA_FILE"),
    ({"DAYLINE_DATABASE_URL": "mysql://x/y"}, "DAYLINE_DATABASE_URL"),
    ({"DAYLINE_DATABASE_URL": "postgresql://x@127.0.0.1:1/y"}, "DAYLINE_DATABASE_URL"),
]


def refused(done: Any, setting: str) -> None:
    """Check that a command ended by itself with one line that names the setting, and no trace of a library."""
    assert done.returncode == 1, done
    lines = [line for line in done.stderr.splitlines() if line.strip() and not line.startswith("{")]
    text = " ".join(lines)
    assert f"{setting}: " in text
    assert "Traceback" not in done.stderr
    assert "pydantic" not in done.stderr
    assert len(text) < 400
    assert "listens" not in done.stdout


@pytest.mark.parametrize(
    ("settings", "named"), WRONG, ids=[next(reversed(s)) + "=" + list(s.values())[-1] for s, _ in WRONG]
)
def test_an_unusable_setting_ends_the_start_by_its_name(dayline, settings, named):
    refused(dayline("serve", "--port", "0", **settings), named)


@pytest.mark.parametrize("command", [("serve", "--port", "0"), ("worker",)])
def test_the_process_ends_by_itself(dayline_process, command):
    refused(dayline_process(*command, DAYLINE_SPEECH_ENGINE="nope"), "DAYLINE_SPEECH_ENGINE")


def test_a_file_that_is_no_database_is_named(dayline, environment):
    folder = Path(environment["DAYLINE_DATA_FOLDER"])
    folder.mkdir()
    (folder / "dayline.db").write_bytes(b"this is a letter to a friend, no database\n" * 100)
    refused(dayline("serve", "--port", "0"), "DAYLINE_DATA_FOLDER")
    refused(dayline("worker"), "DAYLINE_DATA_FOLDER")
    done = dayline("doctor")
    assert done.returncode == 1
    assert "FAIL  Database" in done.stdout
    assert "Traceback" not in done.stderr


def test_a_schema_of_a_newer_version_is_named(dayline, environment):
    assert dayline("keys", "list").returncode == 0
    with sqlite3.connect(Path(environment["DAYLINE_DATA_FOLDER"]) / "dayline.db") as database:
        database.execute("update schema_version set version_num = '9999'")
    for command in (("serve", "--port", "0"), ("worker",)):
        done = dayline(*command)
        refused(done, "DAYLINE_DATA_FOLDER")
        assert "9999" in done.stderr
        assert "newer version" in " ".join(done.stderr.split())
    assert "9999" in dayline("doctor").stdout


def test_files_are_readable_by_their_user_only(dayline, environment):
    folder = Path(environment["DAYLINE_DATA_FOLDER"])
    folder.mkdir(mode=0o755)
    (folder / "dayline.db").touch(mode=0o644)
    assert dayline("keys", "create").returncode == 0
    assert oct(folder.stat().st_mode & 0o777) == "0o700"
    found = {p.name: oct(p.stat().st_mode & 0o777) for p in folder.rglob("*") if p.is_file()}
    assert set(found.values()) == {"0o600"}, found
