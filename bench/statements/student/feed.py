# pyright: reportMissingImports=false
"""Batches made by other processes while the card learns: they are numpy alone and never touch the card."""

from __future__ import annotations

import multiprocessing
import queue
import threading
from typing import Any

import torch
from torch import Tensor

from bench.statements.student.batches import Batch, batches
from bench.statements.student.talks import Array, Corpus

MADE, LOADED, LONGEST_SECONDS = 24, 4, 120.0
"""Batches that wait to be read, and to be moved to the device; how long one may be waited for."""


def loaded(batch: Batch[Array], device: torch.device, is_pinned: bool = False) -> Batch[Tensor]:
    """Return a batch on a device. is_pinned: in memory from which the card reads by itself."""
    tensors = [torch.from_numpy(values) for values in batch]
    if is_pinned:
        return Batch(*(values.pin_memory() for values in tensors))
    return Batch(*(values.to(device) for values in tensors))


class Feed:
    """Batches of varied talks. seed: the first process has 100 times it, the others those after it."""

    def __init__(self, corpus: Corpus, talks: int, processes: int, device: torch.device, seed: int) -> None:
        context = multiprocessing.get_context("fork")  # the corpus is shared, so the card must not be in use yet
        self._device = device
        self._made: multiprocessing.Queue[Batch[Array]] = context.Queue(MADE)
        self._loaded: queue.Queue[Batch[Tensor]] = queue.Queue(LOADED)
        self._processes = [
            context.Process(target=_make, args=(corpus, talks, 100 * seed + n, self._made), daemon=True)
            for n in range(processes)
        ]
        for process in self._processes:
            process.start()
        threading.Thread(target=self._load, daemon=True).start()

    def _load(self) -> None:
        is_card = self._device.type == "cuda"
        while True:
            self._loaded.put(loaded(self._made.get(), torch.device("cpu"), is_card))

    def get(self) -> Batch[Tensor]:
        """Return the next batch on the device."""
        batch = self._loaded.get(timeout=LONGEST_SECONDS)
        return Batch(*(values.to(self._device, non_blocking=True) for values in batch))

    def close(self) -> None:
        """End the processes."""
        for process in self._processes:
            process.terminate()
            process.join()


def _make(corpus: Corpus, talks: int, seed: int, made: Any) -> None:
    for batch in batches(corpus, talks, seed):
        made.put(batch)
