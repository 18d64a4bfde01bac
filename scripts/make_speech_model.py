"""Build the voice activity model of the package from the one in faster-whisper.

    python scripts/make_speech_model.py

The weights are those of Silero VAD 6 (MIT) in its sequence form, unchanged; the results agree to the last digits of
float32. Only the order of computation differs. The published graph convolves every frame separately, in matrix products
too small to use a processor fully, and computes unused positions: the first of five spectra, and the taps of the last
layers that fall on padding. Here all frames of a call go through one matrix product per layer, which takes a third of
the time. The same input gives the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

SOURCE_SHA256 = "4cbf549b8326f60f80f2536d9eefeb450a9abe83365a098031c89719f1be17d2"
TARGET = Path(__file__).resolve().parent.parent / "src/dayline/audio/silero.onnx"

SAMPLES, WINDOW, HOP, WINDOWS, BINS = 576, 256, 128, 4, 129
MIRRORED = 64
CELLS = 128

Array = NDArray[np.float32]


class _Graph:
    """Collector of nodes and constants; every method returns the name of its result."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.tensors: list[onnx.TensorProto] = []

    def constant(self, values: NDArray[np.generic]) -> str:
        name = f"constant{len(self.tensors)}"
        self.tensors.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def apply(self, kind: str, inputs: list[str], *, output: str = "", **attributes: Any) -> str:
        output = output or f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def part(self, x: str, start: int, end: int, axis: int, step: int = 1) -> str:
        bounds = [self.constant(np.array([v])) for v in (start, end, axis, step)]
        return self.apply("Slice", [x, *bounds])

    def padded(self, x: str, before: int, after: int) -> str:
        return self.apply("Pad", [x, self.constant(np.array([0, before, 0, 0, after, 0]))])

    def reshaped(self, x: str, *shape: int, output: str = "") -> str:
        return self.apply("Reshape", [x, self.constant(np.array(shape))], output=output)

    def affine(self, x: str, weights: Array, bias: Array) -> str:
        product = self.apply("MatMul", [x, self.constant(weights)])
        return self.apply("Add", [product, self.constant(bias)])


def build(weights: dict[str, Array]) -> onnx.ModelProto:
    """Return the network: `input` (frames, 576) and the state in, `speech_probs` (frames,) and the state out."""
    graph = _Graph()
    layers = [(weights[f"encoder.conv_layers.{i}.weight"], weights[f"encoder.conv_layers.{i}.bias"]) for i in range(4)]
    spectra = _spectra(graph, weights["encoder.feature_extractor.forward_basis_buffer"][:, 0].T)
    # Three neighbours side by side make a convolution one product: all four places, then every second one.
    first = _convolved(graph, graph.padded(spectra, 1, 1), *layers[0], places=4, step=1)
    second = _convolved(graph, graph.padded(first, 1, 0), *layers[1], places=2, step=2)
    # Two places are left and one comes out, so the tap before them only ever meets padding; then one place is left.
    (third, bias), (fourth, last_bias) = layers[2:]
    flat = graph.reshaped(second, -1, 2 * third.shape[1])
    flat = graph.apply("Relu", [graph.affine(flat, np.concatenate((third[:, :, 1].T, third[:, :, 2].T)), bias)])
    flat = graph.apply("Relu", [graph.affine(flat, fourth[:, :, 1].T, last_bias)])
    one = graph.constant(np.array([1]))
    steps = graph.apply("Unsqueeze", [flat, one])
    memory = [graph.constant(weights[f"onnx::LSTM_{number}"]) for number in (209, 210, 211)]
    outputs = ["memory", "hn", "cn"]
    graph.nodes.append(helper.make_node("LSTM", [steps, *memory, "", "h", "c"], outputs, hidden_size=CELLS))
    heard = graph.apply("Relu", [graph.reshaped("memory", -1, CELLS)])
    logit = graph.affine(heard, weights["decoder.conv1d.weight"][:, :, 0].T, weights["decoder.conv1d.bias"])
    graph.reshaped(graph.apply("Sigmoid", [logit]), -1, output="speech_probs")
    return _model(graph)


def _spectra(graph: _Graph, basis: Array) -> str:
    """Return magnitudes (frames, 4, 129) of windows over the frame and its mirrored end."""
    mirror = graph.constant(np.arange(SAMPLES - 2, SAMPLES - 2 - MIRRORED, -1))
    x = graph.apply("Concat", ["input", graph.apply("Gather", ["input", mirror], axis=1)], axis=1)
    one = graph.constant(np.array([1]))
    windows = [graph.part(x, HOP * i, HOP * i + WINDOW, 1) for i in range(WINDOWS)]
    windows = [graph.apply("Unsqueeze", [window, one]) for window in windows]
    both = graph.apply("MatMul", [graph.apply("Concat", windows, axis=1), graph.constant(basis)])
    parts = graph.part(both, 0, BINS, 2), graph.part(both, BINS, 2 * BINS, 2)
    squares = [graph.apply("Mul", [part, part]) for part in parts]
    return graph.apply("Sqrt", [graph.apply("Add", squares)])


def _convolved(graph: _Graph, x: str, weights: Array, bias: Array, *, places: int, step: int) -> str:
    """Return a convolution over three neighbours, rectified: (frames, places, channels)."""
    reach = (places - 1) * step + 1
    taps = [graph.part(x, k, k + reach, 1, step) for k in range(3)]
    columns = np.concatenate([weights[:, :, k].T for k in range(3)])
    return graph.apply("Relu", [graph.affine(graph.apply("Concat", taps, axis=2), columns, bias)])


def _model(graph: _Graph) -> onnx.ModelProto:
    def value(name: str, *shape: int | str) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape))

    state = [(1, 1, CELLS), (1, 1, CELLS)]
    made = helper.make_graph(
        graph.nodes,
        "silero",
        [value("input", "frames", SAMPLES), *(value(n, *s) for n, s in zip(("h", "c"), state, strict=True))],
        [value("speech_probs", "frames"), *(value(n, *s) for n, s in zip(("hn", "cn"), state, strict=True))],
        graph.tensors,
    )
    model = helper.make_model(
        made,
        opset_imports=[helper.make_opsetid("", 18)],
        ir_version=9,
        producer_name="dayline",
        doc_string=f"Weights of Silero VAD 6 (MIT), silero_vad_v6.onnx {SOURCE_SHA256}",
    )
    onnx.checker.check_model(model)
    return model


def source_path() -> Path:
    """Return the published model. Raises FileNotFoundError when faster-whisper is not installed."""
    spec = importlib.util.find_spec("faster_whisper")
    for place in (spec.submodule_search_locations or []) if spec else []:
        path = Path(place) / "assets" / "silero_vad_v6.onnx"
        if path.is_file():
            return path
    raise FileNotFoundError("faster-whisper carries the published model; install it first")


def main() -> int:
    """Read the published model and write the rebuilt one."""
    options = argparse.ArgumentParser(description="Make silero.onnx from the model of faster-whisper.")
    options.add_argument("--out", type=Path, default=TARGET)
    given = options.parse_args()
    data = source_path().read_bytes()
    if hashlib.sha256(data).hexdigest() != SOURCE_SHA256:
        print(f"{source_path().name} is not the model this was made for (sha256 {SOURCE_SHA256}).", file=sys.stderr)
        return 1
    published = onnx.load_from_string(data)
    weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in published.graph.initializer}
    content = build(weights).SerializeToString(deterministic=True)
    given.out.write_bytes(content)
    print(f"{given.out}: {len(content):,} bytes, sha256 {hashlib.sha256(content).hexdigest()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
