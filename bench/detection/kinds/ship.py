"""Store trained networks: `python -m bench.detection.kinds.ship --folder FOLDER --results RESULTS`.

Writes the network of all data into the package, and those of the folds beside this file.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from bench.detection import kinds
from bench.detection.train import MODELS, save

KINDS = 6


def of_fold(arrays: Mapping[str, np.ndarray], fold: int | None) -> dict[str, np.ndarray]:
    """The arrays of one training, without the outputs for start and end; what is left of floats has 16 bits."""
    mine = {name.removeprefix(f"{fold}."): a for name, a in arrays.items() if name.startswith(f"{fold}.")}
    mine |= {name: mine[name][:KINDS] for name in ("head.weight", "head.bias")}
    return {name: a if a.dtype == np.int8 or a.ndim < 2 else a.astype(np.float16) for name, a in mine.items()}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="with pieces.json")
    parser.add_argument("--results", type=Path, required=True, help="with networks.npz")
    a = parser.parse_args()
    with np.load(a.results / "networks.npz") as z:
        arrays = {name: z[name] for name in z.files}
    save(of_fold(arrays, None), MODELS / "kind_network.npz")
    for k in range(3):
        save(of_fold(arrays, k), kinds.FOLDER / f"fold_{k}.npz")
    pieces = json.loads((a.folder / "pieces.json").read_text())
    (MODELS / "kind_pieces.txt").write_text("\n".join(pieces) + "\n")


if __name__ == "__main__":
    main()
