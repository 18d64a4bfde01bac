"""Build the voice activity model of the package from the one in faster-whisper.

    python scripts/make_speech_model.py

The weights are those of Silero VAD 6 (MIT) in its sequence form, unchanged; the results agree to the last digits of
float32. Only the order of computation differs. The published graph convolves every frame separately, in matrix products
too small to use a processor fully, and computes unused positions: the first of five spectra, and the taps of the last
layers that fall on padding. Here all frames of a call go through one matrix product per layer; a convolution over the
four spectra of a frame is a matrix of its own with zeros where a tap does not reach. The spectra themselves are left to
the caller (`dayline.audio.vad`): a Fourier transform takes half the time of a product with its 129 waves. Together this
takes a quarter of the time. The same input gives the same bytes.
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

WINDOWS, BINS = 4, 129
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

    def reshaped(self, x: str, *shape: int, output: str = "") -> str:
        return self.apply("Reshape", [x, self.constant(np.array(shape))], output=output)

    def affine(self, x: str, weights: Array, bias: Array) -> str:
        product = self.apply("MatMul", [x, self.constant(weights)])
        return self.apply("Add", [product, self.constant(bias)])


def build(weights: dict[str, Array]) -> onnx.ModelProto:
    """Return the network: `spectra` (frames, 4 x 129) and the state in, `speech_probs` (frames,) and the state out."""
    graph = _Graph()
    layers = [(weights[f"encoder.conv_layers.{i}.weight"], weights[f"encoder.conv_layers.{i}.bias"]) for i in range(4)]
    # Each layer's outputs stand at these of its inputs: the first layer keeps all four, the next two every second one.
    places = (tuple(range(WINDOWS)), (0, 2), (0,), (0,))
    flat, count = "spectra", WINDOWS
    for (taps, bias), centres in zip(layers, places, strict=True):
        product = graph.affine(flat, _banded(taps, count, centres), np.tile(bias, len(centres)))
        flat, count = graph.apply("Relu", [product]), len(centres)
    one = graph.constant(np.array([1]))
    steps = graph.apply("Unsqueeze", [flat, one])
    memory = [graph.constant(weights[f"onnx::LSTM_{number}"]) for number in (209, 210, 211)]
    outputs = ["memory", "hn", "cn"]
    graph.nodes.append(helper.make_node("LSTM", [steps, *memory, "", "h", "c"], outputs, hidden_size=CELLS))
    heard = graph.apply("Relu", [graph.reshaped("memory", -1, CELLS)])
    logit = graph.affine(heard, weights["decoder.conv1d.weight"][:, :, 0].T, weights["decoder.conv1d.bias"])
    graph.reshaped(graph.apply("Sigmoid", [logit]), -1, output="speech_probs")
    return _model(graph)


def _banded(taps: Array, places: int, centres: tuple[int, ...]) -> Array:
    """Return a convolution of three taps around each centre as one matrix (places x inputs, centres x outputs)."""
    outputs, inputs, reach = taps.shape
    matrix = np.zeros((places, inputs, len(centres), outputs), np.float32)
    for column, centre in enumerate(centres):
        for tap in range(reach):
            place = centre + tap - reach // 2
            if 0 <= place < places:
                matrix[place, :, column] = taps[:, :, tap].T
    return matrix.reshape(places * inputs, len(centres) * outputs)


def _model(graph: _Graph) -> onnx.ModelProto:
    def value(name: str, *shape: int | str) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape))

    state = [(1, 1, CELLS), (1, 1, CELLS)]
    made = helper.make_graph(
        graph.nodes,
        "silero",
        [value("spectra", "frames", WINDOWS * BINS), *(value(n, *s) for n, s in zip(("h", "c"), state, strict=True))],
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
