"""A speaker model in a file: its features, its vectors, and what makes it another one. The model is made here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, checker, helper, numpy_helper, save
from onnx_asr.preprocessors.numpy_preprocessor import KaldiPreprocessorNumpy

from dayline.diarization.kaldi_features import log_mel
from dayline.diarization.onnx_embedder import OnnxEmbedder, fingerprint
from dayline.diarization.registry import in_file, load, print_key
from dayline.diarization.voice_windows import embed_clips
from dayline.domain.clip import Clip
from dayline.domain.errors import InvalidRequest

SECONDS = 16_000


def make_model(path: Path, *, bands: int = 80, dimensions: int = 24, seed: int = 1) -> Path:
    """Write a speaker model of WeSpeaker's shape: statistics over frames, then one linear layer with random weights."""
    draw = np.random.default_rng(seed)
    weights = draw.standard_normal((bands, dimensions)).astype(np.float32)
    nodes = [
        helper.make_node("Mul", ["feats", "feats"], ["squares"]),
        helper.make_node("ReduceMean", ["squares"], ["power"], axes=[1], keepdims=0),
        helper.make_node("Sqrt", ["power"], ["spread"]),
        helper.make_node("MatMul", ["spread", "weights"], ["embs"]),
    ]
    graph = helper.make_graph(
        nodes,
        "speaker",
        [helper.make_tensor_value_info("feats", TensorProto.FLOAT, ["B", "T", bands])],
        [helper.make_tensor_value_info("embs", TensorProto.FLOAT, ["B", dimensions])],
        [numpy_helper.from_array(weights, "weights")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    checker.check_model(model)
    save(model, str(path))
    return path


def voice(pitch_hz: float, seconds: float, seed: int) -> np.ndarray:
    """A buzz with overtones that comes and goes like syllables, with a little noise."""
    draw = np.random.default_rng(seed)
    t = np.arange(int(seconds * SECONDS)) / SECONDS
    tone = sum(np.sin(2 * np.pi * pitch_hz * k * t) / k for k in range(1, 12))
    spoken = tone * (1 + np.sin(2 * np.pi * 4 * t)) + 0.05 * draw.standard_normal(len(t))
    return (spoken / np.abs(spoken).max() * 12_000).astype(np.int16)


@pytest.fixture(name="model")
def _model(tmp_path: Path) -> Path:
    return make_model(tmp_path / "voices.onnx")


def test_features_equal_those_of_another_implementation() -> None:
    samples = np.random.default_rng(2).integers(-9000, 9000, 3 * SECONDS).astype(np.int16)
    theirs, frames = KaldiPreprocessorNumpy("wespeaker")(samples.astype(np.float32)[None], np.array([len(samples)]))
    assert log_mel(samples).shape == (int(frames[0]), 80)
    assert np.allclose(log_mel(samples), theirs[0], atol=1e-4)
    assert np.all(np.isfinite(log_mel(np.zeros(SECONDS, np.int16))))


def test_vectors_are_of_the_clip_alone(model: Path) -> None:
    embedder = OnnxEmbedder(model, same_voice=0.35)
    clips = [voice(110, 1.6, 1), voice(220, 1.6, 2), voice(110, 0.5, 3), np.zeros(SECONDS, np.int16)]
    together = embedder.embed(clips)
    assert together.shape == (4, embedder.dimensions) == (4, 25)
    assert np.allclose(np.linalg.norm(together[:3], axis=1), 1, atol=1e-5)
    assert np.all(np.isfinite(together))
    assert np.allclose(together, np.concatenate([embedder.embed([c]) for c in clips]), atol=1e-5)
    softer = embedder.embed([(c // 4).astype(np.int16) for c in clips[:2]])
    assert np.all((softer * together[:2]).sum(axis=1) > 0.99)
    assert embedder.embed([]).shape == (0, 25)
    with pytest.raises(ValueError, match="at least"):
        embedder.embed([np.zeros(6_000, np.int16)])


def test_likeness_is_moved_to_the_scale_of_the_thresholds(model: Path) -> None:
    low, high = (OnnxEmbedder(model, same_voice=same) for same in (0.2, 0.6))
    clips = [voice(110, 1.6, 1), voice(230, 1.6, 2), voice(110, 1.6, 3)]
    for embedder, same_voice in ((low, 0.2), (high, 0.6)):
        one, other, again = embedder.embed(clips)
        scale = 0.25 / (1 - same_voice)
        plain = [float(v[:-1] @ one[:-1]) / scale for v in (other, again)]
        assert [float(one @ v) for v in (other, again)] == pytest.approx([1 - scale * (1 - p) for p in plain], abs=1e-4)
        assert 1 - scale * (1 - same_voice) == pytest.approx(0.75)
        assert one @ again > one @ other


def test_a_file_is_loaded_by_name_and_known_by_its_bytes(model: Path, tmp_path: Path) -> None:
    name = in_file(model, 0.4)
    embedder = load(name)
    windows = embed_clips(embedder, [Clip(voice(120, 3.0, 1), 10.0)])
    assert windows.embedder == print_key(name) == fingerprint(model)
    assert windows.vectors.shape == (3, 25)
    copy = tmp_path / "copy.onnx"
    copy.write_bytes(model.read_bytes())
    assert print_key(in_file(copy)) == print_key(name)
    assert print_key(in_file(make_model(tmp_path / "other.onnx", seed=2))) != print_key(name)
    assert print_key("ge2e") == "ge2e"


def test_what_is_no_speaker_model_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="There is no speaker model"):
        load(in_file(tmp_path / "nothing.onnx"))
    (tmp_path / "text.onnx").write_text("no model")
    with pytest.raises(InvalidRequest, match="can be loaded"):
        load(in_file(tmp_path / "text.onnx"))
    with pytest.raises(InvalidRequest, match="frames, 80"):
        load(in_file(make_model(tmp_path / "narrow.onnx", bands=40)))
