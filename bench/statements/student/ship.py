# pyright: reportMissingImports=false
"""Write what the package reads: `python -m bench.statements.student.ship --teacher FOLDER --weights FILE`.

The layers become an ONNX graph with int8 weights (dynamic quantisation), the rest tables of `encoder.npz`. Inputs of
the graph are `rows` (the vectors of the four words of each pair) and `extra` (of its position and place in the turn);
the output `hidden` has a row per chunk. Torch, onnx and onnxruntime must be installed.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from bench.statements.encoder.go_on import load_weights
from bench.statements.encoder.graph import OWN, Graph, Weights, write_int8
from bench.statements.encoder.model import WIDTH
from bench.statements.encoder.ship import name_files, with_bias
from bench.statements.examples import save
from bench.statements.student.network import IN_ROW, REACH, SPOKEN, WORD_WIDTH, Network
from bench.statements.student.teacher import vocabulary_of
from bench.statements.train import MODELS
from dayline.scoring.facts.word_vectors import MOST_PIECES


def load_student(path: Path) -> Network:
    """Return the student with the weights that a training has written, for which no word is known."""
    weights = load_weights(path)
    network = Network(np.zeros((1, MOST_PIECES), np.int64), len(weights["words.weight"]))
    network.load_state_dict(weights)
    return network.eval()


def graph_of(own: Weights, layers: int) -> onnx.ModelProto:
    """Return the student as a graph over the pairs of one window."""
    graph = Graph()
    inner = graph.add("Gelu", [graph.linear("rows", own, "stem_up", "rows")], ["stem_inner"], OWN)
    parts = [graph.linear("rows", own, "stem", "rows"), graph.linear("stem", own, "stem_down", inner)]
    rows = graph.add("Add", [graph.add("Add", parts, ["stem_parts"]), "extra"], ["stem_with_extra"])
    rows = graph.normed("stem", own, "stem_norm", rows)
    rows = _near(graph, own, rows)
    inner = graph.add("Gelu", [graph.linear("pair", own, "pair_up", rows)], ["pair_inner"], OWN)
    rows = graph.add("Add", [graph.linear("pair", own, "pair_down", inner), rows], ["pair_with_inner"])
    rows = graph.normed("pair", own, "pair_norm", rows)
    shape = graph.put("chunk_shape", np.array([1, -1, SPOKEN * WIDTH]))
    rows = graph.linear("chunk", own, "merge", graph.add("Reshape", [rows, shape], ["chunk_pairs"]))
    rows = graph.normed("chunk", own, "merge_norm", rows)
    for number in range(layers):
        prefix = f"layers.{number}."
        layer = {name.removeprefix(prefix): v for name, v in own.items() if name.startswith(prefix)}
        rows = graph.layer(f"layer{number}", layer, rows)
    return graph.model({"rows": IN_ROW * WORD_WIDTH, "extra": WIDTH}, "pairs", "chunks")


def _near(graph: Graph, own: Weights, rows: str) -> str:
    """Add the convolution over pairs."""
    weights = [graph.put(f"near_{kind}", own[f"near.{kind}"]) for kind in ("weight", "bias")]
    turned = graph.add("Transpose", [rows], ["near_turned"], perm=[0, 2, 1])
    options = {"group": WIDTH, "pads": [REACH, REACH], "kernel_shape": [2 * REACH + 1]}
    near = graph.add("Conv", [turned, *weights], ["near_found"], **options)
    near = graph.add("Transpose", [near], ["near_rows"], perm=[0, 2, 1])
    return graph.normed("near", own, "near_norm", graph.add("Add", [near, rows], ["near_with_rows"]))


def tables_of(network: Network, vocabulary: bytes) -> dict[str, NDArray[Any]]:
    """Return the tables beside the graph. The vectors of pieces are int8 with a scale for each row."""
    own = weights_of(network)
    words = own["words.weight"]
    scales = (np.abs(words).max(axis=1) / 127).astype(np.float16)
    whole = np.round(words / np.where(scales > 0, scales, 1).astype(np.float32)[:, None])  # piece 0 fills up, all 0
    return {
        "pieces": np.frombuffer(vocabulary, dtype=np.uint8),
        "words": np.clip(whole, -127, 127).astype(np.int8),
        "word_scales": scales,
        "marks": own["marks.weight"].astype(np.float16),
        "positions": own["positions.weight"].astype(np.float16),
        "places": own["places.weight"].astype(np.float16),
        "heads": with_bias(network.head),
        "looks": with_bias(network.look),
        "ends": with_bias(network.end),
    }


def weights_of(network: Network) -> dict[str, NDArray[np.float32]]:
    """Return all weights by name."""
    return {name: values.numpy() for name, values in network.state_dict().items()}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.statements.student.ship", description=__doc__)
    parser.add_argument("--teacher", type=Path, required=True, help="folder with the six layers, whose words it has")
    parser.add_argument("--weights", type=Path, required=True, help="written by bench.statements.student.train")
    parser.add_argument("--out", type=Path, default=MODELS, help="the package, or a folder to try it from")
    options = parser.parse_args()
    network = load_student(options.weights)
    write_int8(graph_of(weights_of(network), len(network.layers)), options.out / "encoder.onnx")
    save(options.out / "encoder.npz", tables_of(network, "\n".join(vocabulary_of(options.teacher)).encode()))
    if options.out == MODELS:
        name_files(MODELS.glob("encoder.*"))


if __name__ == "__main__":
    main()
