# pyright: reportMissingImports=false
"""Write what `six_layers` reads: `python -m bench.statements.encoder.ship --data FOLDER --fitted FOLDER --out FOLDER`.

The layers become an ONNX graph with int8 weights (dynamic quantisation), the rest tables of `encoder.npz`. The scores
of all folds become `unseen.npz`, and `ENCODER.json` of the package names the hashes. What the package reads is the
student of these six layers (`bench.statements.student`). Torch, onnx and onnxruntime must be installed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from torch import nn

from bench.statements.encoder.fit import LAYERS
from bench.statements.encoder.graph import graph_of, write_int8
from bench.statements.encoder.model import TASKS, Model, read_base
from bench.statements.encoder.six_layers import WINDOW
from bench.statements.encoder.unseen import FILE
from bench.statements.examples import save
from bench.statements.train import MODELS


def write_encoder(data: Path, weights: Path, out: Path) -> None:
    """Write `encoder.onnx` and `encoder.npz`."""
    model = Model(read_base(data), LAYERS, 0.0).eval()
    with np.load(weights) as arrays:
        model.load_state_dict({k: torch.tensor(arrays[k].astype(np.float32)) for k in arrays.files}, strict=False)
    layers = [{k: v.detach().numpy() for k, v in layer.state_dict().items()} for layer in model.encoder.layers]
    write_int8(graph_of(layers), out / "encoder.onnx")
    with np.load(data / "base.npz") as arrays:
        words = arrays["embeddings.word_embeddings.weight.q"]
        scales = arrays["embeddings.word_embeddings.weight.s"][:, 0]
    own = model.encoder
    norm = np.stack([own.norm.weight.detach().numpy(), own.norm.bias.detach().numpy()])
    tables = {
        "pieces": np.frombuffer((data / "vocab.txt").read_bytes(), dtype=np.uint8),
        "words": words,
        "word_scales": scales,
        "marks": own.marks.detach().numpy(),
        "spots": own.places.detach().numpy()[: WINDOW + 16].astype(np.float16),
        "norm": norm,
        "heads": with_bias(model.head)[:, : len(TASKS)],
        "looks": with_bias(model.look),
        "ends": with_bias(model.end),
    }
    save(out / "encoder.npz", tables)


def with_bias(part: nn.Linear) -> np.ndarray:
    """Return the weights of a head, its bias as the last row."""
    return torch.cat([part.weight.T, part.bias[None]]).detach().numpy()


def write_unseen(fitted: Path) -> None:
    """Write the scores of all folds as one file."""
    known: dict[str, np.ndarray] = {}
    for path in sorted(fitted.glob("unseen_*.npz")):
        with np.load(path) as arrays:
            known |= {name: arrays[name] for name in arrays.files}
    ids = sorted(name.removeprefix("said/") for name in known if name.startswith("said/"))
    found: dict[str, np.ndarray] = {"ids": np.frombuffer("\n".join(ids).encode(), dtype=np.uint8)}
    for kind in ("said", "wrong"):
        turns = [known.get(f"{kind}/{name}", np.zeros((0, len(TASKS)), np.float16)) for name in ids]
        ends = [known.get(f"{kind}_end/{name}", np.zeros(3, np.float16)) for name in ids]
        found[f"{kind}_sizes"] = np.array([rows.size for rows in turns], np.int32)
        found[f"{kind}_turns"] = np.concatenate([rows.ravel() for rows in turns])
        found[f"{kind}_ends"] = np.stack(ends)
    save(FILE, found)


def name_files(paths: Iterable[Path], key: str = "files") -> None:
    """Write the hashes of files into `ENCODER.json`. key: "files", or "teacher" for those of the six layers."""
    place = MODELS / "ENCODER.json"
    origin = json.loads(place.read_text(encoding="utf-8"))
    origin[key] |= {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
    place.write_text(json.dumps(origin, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.statements.encoder.ship", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--fitted", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    write_encoder(options.data, options.fitted / "weights.npz", options.out)
    write_unseen(options.fitted)
    name_files([FILE, *sorted(options.data.glob("*"))])
    name_files(sorted(options.out.glob("encoder.*")), "teacher")


if __name__ == "__main__":
    main()
