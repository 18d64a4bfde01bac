"""Training of the network that reads lines (`features/talk_kind.py`), by way of a fine-tuned sentence encoder."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from dayline.detection.features import talk_kind

FOLDER = Path(__file__).parent


def of_fold(k: int) -> talk_kind.Network:
    """The network that has not seen part k of 3 of the training part of the corpus (`Pool.fold`)."""
    with np.load(FOLDER / f"fold_{k}.npz", allow_pickle=False) as z:
        return talk_kind.of_arrays({name: z[name] for name in z.files}, talk_kind.shipped().pieces)


@contextmanager
def in_use(network: talk_kind.Network) -> Generator[None]:
    """Let the detector read lines by this network in place of its own."""
    shipped = talk_kind.shipped
    talk_kind.shipped = lambda: network
    try:
        yield
    finally:
        talk_kind.shipped = shipped
