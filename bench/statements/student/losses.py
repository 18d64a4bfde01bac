# pyright: reportMissingImports=false
"""What a batch costs the student: against the teacher's figures, vectors and ends, and against labels."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from bench.statements.encoder.model import ENDS, TASKS, ends_of
from bench.statements.student.batches import Batch
from bench.statements.student.network import Network
from bench.statements.student.teacher import Known, at_places

NO_WORD = 0.01
"""Share of words that the student does not read."""
OF_HEADS = {"ask": 2.0, "objection": 2.5, "accepted": 1.5, "declined": 1.5, "answered": 0.3}
PARTS = {"turns": 1.0, "vectors": 1.0, "looks": 0.3, "ends": 1.0, "labelled ends": 0.1}
OF_LABELS, OF_DISTANCE, OF_END_DISTANCE = 0.1, 0.04, 0.03
"""What the parts of the loss count; within the first labels, and distances in log-odds."""
BORDER, AT_BORDER = 6, 0.3
"""Chunks to a border that are too few to see what stands around a turn, and the weight of such turns."""
UNLIKELY, FARTHEST, LEAST_ENDS, LEAST_SPREAD = -6.0, 6.0, 6.0, 0.5
"""Log-odds below which any are as good; distance that counts; least count of ends, and spread of looks."""
_UNREAD = -1e4
_cross_entropy = functional.binary_cross_entropy_with_logits


class Loss:
    """The cost of batches. sample: what the teacher says of some, to learn how far its figures spread."""

    def __init__(self, sample: Sequence[Known]) -> None:
        vectors = torch.cat([known.vectors for known in sample])
        looks = torch.cat([torch.cat([known.looks, known.values], 1) for known in sample])
        self._heads = torch.tensor([OF_HEADS.get(task, 1.0) for task in TASKS], device=vectors.device)
        self._spread, self._looks_spread = vectors.std(0) + 1e-3, looks.std(0)
        self._looks_spread[: len(ENDS)].clamp_(min=LEAST_SPREAD)

    def of(self, network: Network, batch: Batch[Tensor], teacher: Known) -> Tensor:
        """Return the costs of `PARTS`. teacher: what it says of each turn of the batch."""
        device = batch.words.device.type
        with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
            vectors = network(batch, NO_WORD)
        figures, looks, values = network.figures(vectors)
        known = at_places(teacher, batch)
        weights = torch.where(batch.borders >= BORDER, 1.0, AT_BORDER)
        far = ((network.as_teacher(vectors) - known.vectors) / self._spread) ** 2
        wanted = torch.cat([known.looks, known.values], 1)
        far_looks = ((torch.cat([looks, values], 1) - wanted) / self._looks_spread) ** 2
        ends, known_ends = tail_ends(looks, values, batch), tail_ends(known.looks, known.values, batch)
        of_ends = (_against(ends, known_ends) + OF_END_DISTANCE * (ends - known_ends) ** 2).mean(1)
        parts = (
            _mean(self._turns(figures, known.figures, batch.labels.float()), weights),
            _mean(far.mean(1), weights),
            _mean(far_looks.mean(1), weights),
            _mean(of_ends, batch.of_ends),
            _labelled(ends, batch.ends.float()).sum() / (batch.ends >= 0).sum().clamp(min=LEAST_ENDS),
        )
        return torch.stack(parts)

    def _turns(self, figures: Tensor, known: Tensor, labels: Tensor) -> Tensor:
        """Return what the figures of each place cost."""
        far = torch.where(known < UNLIKELY, functional.relu(figures - UNLIKELY), figures - known)
        far = far.clamp(-FARTHEST, FARTHEST)
        costs = OF_LABELS * _labelled(figures, labels) + _against(figures, known) + OF_DISTANCE * far**2
        return (costs * self._heads).sum(1)


def tail_ends(looks: Tensor, values: Tensor, batch: Batch[Tensor]) -> Tensor:
    """Return the log-odds of the end of each window from the turns that the teacher could read with it."""
    read = torch.where(batch.is_tail[:, None], looks, torch.full_like(looks, _UNREAD))
    return ends_of(read, values, batch.spans[:, 0].long(), len(batch.words))


def _mean(costs: Tensor, weights: Tensor) -> Tensor:
    return (costs * weights).sum() / weights.sum()


def _labelled(said: Tensor, labels: Tensor) -> Tensor:
    """Return the cross entropy of log-odds, 0 where the label is not known."""
    return _cross_entropy(said, labels.clamp(min=0), reduction="none") * (labels >= 0)


def _against(said: Tensor, known: Tensor) -> Tensor:
    """Return the divergence of log-odds from those of the teacher."""
    share = torch.sigmoid(known)
    return _cross_entropy(said, share, reduction="none") - _cross_entropy(known, share, reduction="none")
