"""The script that makes the VAD model: same results as the published graph, and repeatable bytes."""

from __future__ import annotations

import hashlib

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper

from dayline.audio.vad import MODEL_PATH, SpeechProbability
from tests.load_script import load_script


@pytest.fixture(scope="module")
def script():
    return load_script("make_speech_model")


def test_the_model_is_the_one_that_the_script_makes(script):
    published = onnx.load(str(script.source_path()))
    weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in published.graph.initializer}
    made = script.build(weights).SerializeToString(deterministic=True)
    assert hashlib.sha256(made).digest() == hashlib.sha256(MODEL_PATH.read_bytes()).digest()


def test_it_says_what_the_published_graph_says(script, talk):
    rng = np.random.default_rng(4)
    sounds = (
        talk(20, 3),
        rng.integers(-200, 200, 100_000).astype(np.int16),
        np.zeros(20_000, np.int16),
        talk(5, 4, 210.0),
    )
    samples = np.concatenate(sounds)
    frames = samples[: len(samples) // 512 * 512].reshape(-1, 512).astype(np.float32) / np.float32(32768)
    ours, theirs = SpeechProbability().push(frames), published_probabilities(script, frames)
    assert np.abs(ours - theirs).max() < 1e-4
    assert ours.max() > 0.9
    assert ours.min() < 0.05


def published_probabilities(script, frames):
    """Return what the published graph says of frames, each after the last 64 samples of the one before."""
    context = np.concatenate((np.zeros((1, 64), np.float32), frames[:-1, -64:]))
    state = np.zeros((1, 1, 128), np.float32)
    session = onnxruntime.InferenceSession(str(script.source_path()), providers=["CPUExecutionProvider"])
    feeds = {"input": np.concatenate((context, frames), axis=1), "h": state, "c": state}
    return np.asarray(session.run(None, feeds)[0]).reshape(-1)


def test_it_writes_where_the_package_reads(script):
    assert script.TARGET == MODEL_PATH


def test_another_model_is_refused(script, tmp_path, monkeypatch, capsys):
    other = tmp_path / "other.onnx"
    other.write_bytes(b"not it")
    monkeypatch.setattr(script, "source_path", lambda: other)
    monkeypatch.setattr("sys.argv", ["make_speech_model.py", "--out", str(tmp_path / "x.onnx")])
    assert script.main() == 1
    assert "sha256" in capsys.readouterr().err
    assert not (tmp_path / "x.onnx").exists()
