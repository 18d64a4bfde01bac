"""`dayline doctor` checks the settings that are set and fails where a session would."""

from __future__ import annotations

import json

import pytest

from bench.local_server import LocalHandler, LocalServer


def test_a_fresh_installation_passes(dayline):
    done = dayline("doctor", DAYLINE_SPEECH_ENGINE="pocketsphinx")
    assert done.returncode == 0, done.stdout
    assert "FAIL" not in done.stdout
    assert "pocketsphinx loads" in done.stdout


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"DAYLINE_SPEECH_ENGINE": "nope"}, "FAIL  Speech: DAYLINE_SPEECH_ENGINE"),
        (
            {"DAYLINE_SPEECH_ENGINE": "faster-whisper", "DAYLINE_SPEECH_MODEL": "/nowhere"},
            "FAIL  Speech: DAYLINE_SPEECH_MODEL",
        ),
        ({"DAYLINE_VOICE_MODEL": "/nowhere.onnx"}, "FAIL  Voices: DAYLINE_VOICE_MODEL: /nowhere.onnx is neither"),
        ({"DAYLINE_ANALYST": "openai"}, "FAIL  Analyst: DAYLINE_LANGUAGE_MODEL"),
        (
            {
                "DAYLINE_ANALYST": "openai",
                "DAYLINE_LANGUAGE_MODEL": "m",
                "DAYLINE_LANGUAGE_BASE_URL": "http://127.0.0.1:1/v1",
            },
            "FAIL  Analyst: DAYLINE_LANGUAGE_BASE_URL",
        ),
        ({"DAYLINE_DATABASE_URL": "postgresql://x@127.0.0.1:1/y"}, "FAIL  Database: "),
        ({"DAYLINE_OBJECTS_URL": "/proc/nowhere"}, "FAIL  Object store: DAYLINE_OBJECTS_URL"),
        ({"DAYLINE_CA_FILE": "/nowhere.pem"}, "FAIL  Network: DAYLINE_CA_FILE"),
    ],
)
def test_what_is_set_is_checked_and_the_rest_as_well(dayline, settings, line):
    done = dayline("doctor", **{"DAYLINE_SPEECH_ENGINE": "pocketsphinx", **settings})
    assert done.returncode == 1
    assert line in done.stdout
    assert done.stdout.count("FAIL") == 1
    assert done.stdout.count("ok ") == 8
    assert "Traceback" not in done.stderr


def test_a_damaged_model_fails_as_a_session_would(dayline, tmp_path):
    folder = tmp_path / "models" / "broken"
    folder.mkdir(parents=True)
    (folder / "model.bin").write_bytes(b"no weights")
    for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
        (folder / name).write_text("{}")
    done = dayline(
        "doctor",
        DAYLINE_SPEECH_ENGINE="faster-whisper",
        DAYLINE_SPEECH_MODEL="broken",
        DAYLINE_MODELS_FOLDER=str(folder.parent),
    )
    assert done.returncode == 1
    assert "FAIL  Speech: " in done.stdout


def test_a_refused_key_and_a_model_that_cannot_are_found(dayline):
    quote = {"line": 5, "words": "Would Thursday at nine work for you"}
    pillars = {key: {"score": 50} for key in ("clarity", "influence", "objection", "discovery", "delivery")}
    good = {"title": "Spring", "summary": [], **pillars, "close": {"score": 80, "cites": [quote]}, "outcome": "unknown"}

    class Handler(LocalHandler):
        answer = "I would rather talk about the weather."

        def do_GET(self) -> None:
            self.send(200 if self.headers["Authorization"] == "Bearer right" else 401)

        def do_POST(self) -> None:
            self.read_body()
            message = {"role": "assistant", "content": Handler.answer}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            self.send_json({"id": "r", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]})

    server = LocalServer(Handler)
    settings = {
        "DAYLINE_SPEECH_ENGINE": "pocketsphinx",
        "DAYLINE_ANALYST": "openai",
        "DAYLINE_LANGUAGE_MODEL": "m",
        "DAYLINE_LANGUAGE_BASE_URL": f"{server.base_url}/v1",
    }
    wrong = dayline("doctor", DAYLINE_LANGUAGE_API_KEY="wrong-secret", **settings)
    unable = dayline("doctor", DAYLINE_LANGUAGE_API_KEY="right", **settings)
    Handler.answer = json.dumps(good)
    right = dayline("doctor", DAYLINE_LANGUAGE_API_KEY="right", **settings)
    server.stop()
    assert (wrong.returncode, unable.returncode, right.returncode) == (1, 1, 0), right.stdout
    assert "FAIL  Analyst: DAYLINE_LANGUAGE_API_KEY" in wrong.stdout
    assert "wrong-secret" not in wrong.stdout + wrong.stderr
    assert "FAIL  Analyst: DAYLINE_LANGUAGE_MODEL: m cannot judge conversations" in unable.stdout
    assert "weather" not in unable.stdout
    assert "with 1 verified quotes" in right.stdout
