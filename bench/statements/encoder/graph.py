# pyright: reportMissingImports=false
"""The layers of the encoder as an ONNX graph over one window, with int8 weights (dynamic quantisation)."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from bench.statements.encoder.model import ATTENTION_HEADS, WIDTH

Weights = Mapping[str, NDArray[np.float32]]
OWN = "com.microsoft"
_OPSET, _VERSION = 18, 9


class Graph:
    """Nodes and weights in the order in which they are added."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def put(self, name: str, values: NDArray[Any]) -> str:
        """Add weights, or whole numbers such as a shape, and return their name."""
        kind = np.int64 if values.dtype.kind == "i" else np.float32
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(values, dtype=kind), name))
        return name

    def add(self, kind: str, inputs: Sequence[str], outputs: Sequence[str], domain: str = "", **options: Any) -> str:
        """Add a node and return its first output."""
        self.nodes.append(helper.make_node(kind, inputs, outputs, name=outputs[0], domain=domain, **options))
        return outputs[0]

    def linear(self, name: str, own: Weights, part: str, inputs: str) -> str:
        """Add a product with the weights of a part of a layer, and its bias."""
        weights = self.put(f"{name}_{part}_w", own[f"{part}.weight"].T)
        bias = self.put(f"{name}_{part}_b", own[f"{part}.bias"])
        return self.add("Add", [self.add("MatMul", [inputs, weights], [f"{name}_{part}_m"]), bias], [f"{name}_{part}"])

    def normed(self, name: str, own: Weights, part: str, inputs: str) -> str:
        """Add a layer norm."""
        scale, bias = (self.put(f"{name}_{part}_{kind}", own[f"{part}.{kind}"]) for kind in ("weight", "bias"))
        return self.add("LayerNormalization", [inputs, scale, bias], [f"{name}_{part}"], axis=-1, epsilon=1e-12)

    def layer(self, name: str, own: Weights, rows: str) -> str:
        """Add a layer of BERT."""
        parts = [f"{name}_{part}" for part in ("query", "key", "value")]
        self.add("Split", [self.linear(name, own, "qkv", rows)], parts, axis=2, num_outputs=3)
        seen = self.add("MultiHeadAttention", parts, [f"{name}_seen"], OWN, num_heads=ATTENTION_HEADS)
        rows = self.add("Add", [self.linear(name, own, "out", seen), rows], [f"{name}_with_seen"])
        rows = self.normed(name, own, "n1", rows)
        inner = self.add("Gelu", [self.linear(name, own, "up", rows)], [f"{name}_inner"], OWN)
        rows = self.add("Add", [self.linear(name, own, "down", inner), rows], [f"{name}_with_inner"])
        return self.normed(name, own, "n2", rows)

    def model(self, inputs: Mapping[str, int], places: str = "pieces", found: str = "pieces") -> onnx.ModelProto:
        """Return the graph of one window; its last node is the output `hidden`.

        inputs: the width of each input; places and found: names of how many rows are given and found.
        """
        self.nodes[-1].output[0] = "hidden"
        given = [helper.make_tensor_value_info(k, TensorProto.FLOAT, [1, places, n]) for k, n in inputs.items()]
        output = helper.make_tensor_value_info("hidden", TensorProto.FLOAT, [1, found, WIDTH])
        made = helper.make_graph(self.nodes, "encoder", given, [output], self.weights)
        versions = [helper.make_opsetid("", _OPSET), helper.make_opsetid(OWN, 1)]
        return helper.make_model(made, opset_imports=versions, ir_version=_VERSION)


def graph_of(layers: Sequence[Weights]) -> onnx.ModelProto:
    """Return the layers as a graph from `rows` to `hidden`, each of one window that is not filled up."""
    graph = Graph()
    rows = "rows"
    for number, own in enumerate(layers):
        rows = graph.layer(f"layer{number}", own, rows)
    return graph.model({"rows": WIDTH})


def write_int8(graph: onnx.ModelProto, path: Path) -> None:
    """Write a graph with int8 weights, a scale for each column."""
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "encoder.onnx"
        onnx.save(graph, str(whole))
        quantize_dynamic(
            whole,
            path,
            per_channel=True,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul"],
            extra_options={"DefaultTensorType": TensorProto.FLOAT},
        )
