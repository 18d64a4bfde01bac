"""Models of random weights, small enough to be made anew by every test run, complete enough for the real engines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.specs import whisper_spec
from onnx import TensorProto, checker, helper, numpy_helper, save
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

_WORDS = ["the", "a", "to", "and", "of", "we", "you", "is", "it", "order", "price", "store", "call", "delivery"]


def make_whisper(folder: Path, *, seed: int = 0) -> Path:
    """Write an English-only Whisper of two layers and 32 dimensions in the form faster-whisper loads."""
    folder.mkdir(parents=True)
    plain = [*sorted(pre_tokenizers.ByteLevel.alphabet()), *("Ġ" + w for w in _WORDS)]
    control = ["<|endoftext|>", "<|startoftranscript|>", "<|translate|>", "<|transcribe|>", "<|startoflm|>"]
    control += ["<|startofprev|>", "<|nospeech|>", "<|notimestamps|>"]
    times = [f"<|{i * 0.02:.2f}|>" for i in range(1501)]
    _write_tokenizer(folder / "tokenizer.json", plain, control, times)
    (folder / "preprocessor_config.json").write_text(json.dumps({"feature_size": 80, "hop_length": 160}))
    vocabulary = [*plain, *control, *times]
    spec = _WhisperFiller(len(vocabulary), seed).spec
    config: Any = spec.config  # the library declares no types for its specifications
    config.suppress_ids = []
    config.suppress_ids_begin = [vocabulary.index("<|endoftext|>")]
    config.lang_ids = []
    config.alignment_heads = [(1, 0), (1, 1)]
    spec.register_vocabulary(vocabulary)
    spec.validate()
    spec.optimize(quantization=None)
    spec.save(str(folder))
    return folder


def _write_tokenizer(path: Path, plain: list[str], control: list[str], times: list[str]) -> None:
    tokenizer = Tokenizer(models.BPE(vocab={t: i for i, t in enumerate(plain)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(t, special=True) for t in control])
    tokenizer.add_tokens([AddedToken(t, special=False) for t in times])
    tokenizer.save(str(path))


class _WhisperFiller:
    """Fills every weight that a Whisper of two layers has."""

    size, heads, layers, inner, mels = 32, 2, 2, 64, 80

    def __init__(self, vocabulary_size: int, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self.spec = whisper_spec.WhisperSpec(self.layers, self.heads, self.layers, self.heads)
        encoder: Any = self.spec.encoder  # the library declares no types for its specifications
        decoder: Any = self.spec.decoder
        for convolution, width in ((encoder.conv1, self.mels), (encoder.conv2, self.size)):
            convolution.weight = self._random(self.size, width, 3)
            convolution.bias = np.zeros(self.size, np.float32)
        encoder.position_encodings.encodings = self._random(1500, self.size)
        decoder.position_encodings.encodings = self._random(448, self.size)
        decoder.embeddings.weight = self._random(vocabulary_size, self.size)
        decoder.projection.weight = decoder.embeddings.weight
        self._norm(encoder.layer_norm)
        self._norm(decoder.layer_norm)
        for layer in encoder.layer:
            self._attention(layer.self_attention)
            self._feed_forward(layer.ffn)
        for layer in decoder.layer:
            self._attention(layer.self_attention)
            self._attention(layer.attention, crosses=True)
            self._feed_forward(layer.ffn)

    def _random(self, *shape: int) -> np.ndarray:
        return (self._rng.normal(size=shape) * 0.1).astype(np.float32)

    def _norm(self, norm) -> None:
        norm.gamma, norm.beta = np.ones(self.size, np.float32), np.zeros(self.size, np.float32)

    def _linear(self, linear, rows: int, columns: int) -> None:
        linear.weight, linear.bias = self._random(rows, columns), np.zeros(rows, np.float32)

    def _attention(self, attention, *, crosses: bool = False) -> None:
        multiples = (1, 2, 1) if crosses else (3, 1)
        for linear, multiple in zip(attention.linear, multiples, strict=True):
            self._linear(linear, multiple * self.size, self.size)
        self._norm(attention.layer_norm)

    def _feed_forward(self, block) -> None:
        self._linear(block.linear_0, self.inner, self.size)
        self._linear(block.linear_1, self.size, self.inner)
        self._norm(block.layer_norm)


_FEATURES, _HIDDEN, _STATE, _STEP = 128, 16, 8, 8
_TOKENS = ["\u2581" + w for w in _WORDS] + list("abcdefghijklmnopqrstuvwxyz") + ["<blk>"]
_DURATIONS = 5


def make_ctc(folder: Path, *, seed: int = 0) -> Path:
    """Write a CTC model: frames averaged by eight, one matrix, log softmax."""
    rng = _onnx_folder(folder, "nemo-conformer-ctc", seed)
    nodes = [
        *_averaged_frames(),
        helper.make_node("MatMul", ["frames", "weight"], ["scores"]),
        helper.make_node("LogSoftmax", ["scores"], ["logprobs"], axis=-1),
        helper.make_node("Identity", ["length"], ["length_seen"]),
    ]
    outputs = [_tensor("logprobs", ["batch", "steps", len(_TOKENS)])]
    weight = rng.normal(size=(_FEATURES, len(_TOKENS))).astype(np.float32)
    _save(folder / "model.onnx", nodes, _audio_inputs(), outputs, {"weight": weight})
    return folder


def make_tdt(folder: Path, *, seed: int = 0) -> Path:
    """Write a token-and-duration transducer in the two files that Parakeet has."""
    rng = _onnx_folder(folder, "nemo-conformer-tdt", seed)
    encoder = [
        *_averaged_frames(),
        helper.make_node("MatMul", ["frames", "weight"], ["hidden"]),
        helper.make_node("Transpose", ["hidden"], ["outputs"], perm=[0, 2, 1]),
        helper.make_node("Add", ["length", "round_up"], ["longer"]),
        helper.make_node("Div", ["longer", "step"], ["encoded_lengths"]),
    ]
    outputs = [_tensor("outputs", ["batch", _HIDDEN, "steps"]), _tensor("encoded_lengths", ["batch"], integer=True)]
    weights = {
        "weight": rng.normal(size=(_FEATURES, _HIDDEN)).astype(np.float32),
        "round_up": np.array(_STEP - 1, np.int64),
        "step": np.array(_STEP, np.int64),
    }
    _save(folder / "encoder-model.onnx", encoder, _audio_inputs(), outputs, weights)
    _save_joint(folder / "decoder_joint-model.onnx", rng)
    return folder


def _save_joint(path: Path, rng: np.random.Generator) -> None:
    width = len(_TOKENS) + _DURATIONS
    nodes = [
        helper.make_node("Transpose", ["encoder_outputs"], ["heard"], perm=[0, 2, 1]),
        helper.make_node("MatMul", ["heard", "weight"], ["by_sound"]),
        helper.make_node("Gather", ["table", "targets"], ["by_last"]),
        helper.make_node("Add", ["by_sound", "by_last"], ["sum"]),
        helper.make_node("Unsqueeze", ["sum", "axis"], ["outputs"]),
        helper.make_node("Identity", ["target_length"], ["target_length_seen"]),
    ]
    states = ("1", "2")
    nodes += [helper.make_node("Identity", [f"input_states_{s}"], [f"output_states_{s}"]) for s in states]
    shape = [2, 1, _STATE]
    inputs = [
        _tensor("encoder_outputs", ["batch", _HIDDEN, 1]),
        helper.make_tensor_value_info("targets", TensorProto.INT32, ["batch", 1]),
        helper.make_tensor_value_info("target_length", TensorProto.INT32, ["batch"]),
        *(_tensor(f"input_states_{s}", shape) for s in states),
    ]
    outputs = [_tensor("outputs", ["batch", 1, 1, width]), *(_tensor(f"output_states_{s}", shape) for s in states)]
    weights = {
        "weight": rng.normal(size=(_HIDDEN, width)).astype(np.float32),
        "table": (rng.normal(size=(len(_TOKENS), width)) * 3).astype(np.float32),
        "axis": np.array([1], np.int64),
    }
    _save(path, nodes, inputs, outputs, weights)


def _onnx_folder(folder: Path, model_type: str, seed: int) -> np.random.Generator:
    folder.mkdir(parents=True)
    (folder / "vocab.txt").write_text("".join(f"{t} {i}\n" for i, t in enumerate(_TOKENS)), encoding="utf-8")
    config = {"model_type": model_type, "features_size": _FEATURES, "subsampling_factor": _STEP}
    (folder / "config.json").write_text(json.dumps(config))
    return np.random.default_rng(seed)


def _averaged_frames() -> list:
    pool = helper.make_node(
        "AveragePool", ["audio_signal"], ["pooled"], kernel_shape=[_STEP], strides=[_STEP], ceil_mode=1
    )
    return [pool, helper.make_node("Transpose", ["pooled"], ["frames"], perm=[0, 2, 1])]


def _audio_inputs() -> list:
    return [_tensor("audio_signal", ["batch", _FEATURES, "samples"]), _tensor("length", ["batch"], integer=True)]


def _tensor(name: str, shape: list, *, integer: bool = False):
    return helper.make_tensor_value_info(name, TensorProto.INT64 if integer else TensorProto.FLOAT, shape)


def _save(path: Path, nodes: list, inputs: list, outputs: list, weights: dict[str, np.ndarray]) -> None:
    initializers = [numpy_helper.from_array(v, k) for k, v in weights.items()]
    graph = helper.make_graph(nodes, path.stem, inputs, outputs, initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    checker.check_model(model)
    save(model, str(path))
