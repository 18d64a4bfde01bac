# pyright: reportMissingImports=false
"""Teach the student: `python -m bench.statements.student.train`, with the options that the package names.

Talks are varied by processes of their own, the six layers read every batch, and the student learns their figures,
vectors and ends, and labels beside them. The weights of the last part are averaged. A run is not repeated to the byte.
"""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from bench.statements.encoder.go_on import load_weights
from bench.statements.student.corpus import FILE
from bench.statements.student.feed import Feed
from bench.statements.student.losses import PARTS, Loss
from bench.statements.student.network import Network, begin
from bench.statements.student.talks import Corpus
from bench.statements.student.teacher import Teacher, weights_of

RATE, MINUTES, TALKS, PROCESSES, SEED = 1.2e-3, 8.9, 96, 15, 27
WARM_STEPS, LEAST_RATE, AVERAGED, EVERY, PULL = 200, 0.01, 0.6, 5, 0.01
"""Steps until the rate is full; its share at the end; share of the time after which weights are averaged, and how."""
WORD_RATE, DECAY, BETAS, STEEPEST = 2.0, 0.01, (0.9, 0.98), 1.0
"""Rate of the vectors of pieces and marks; what else the optimiser is given; greatest norm of a gradient."""
SAMPLED, SHOWN = 3, 500
"""Batches from which the spread of the teacher's figures is learned; steps after which costs are shown."""


def steps_of(network: Network, rate: float) -> torch.optim.AdamW:
    """Return the optimiser: everything, and the vectors of pieces and marks, which do not decay."""
    own = ("words.", "marks.")
    words = [p for name, p in network.named_parameters() if name.startswith(own)]
    body = [p for name, p in network.named_parameters() if not name.startswith(own)]
    groups = [{"params": body}, {"params": words, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=rate, weight_decay=DECAY, betas=BETAS, fused=True)


def rate_at(step: int, share: float, rate: float) -> float:
    """Return the rate of a step. share: of the time that is over."""
    return rate * min(1.0, (step + 1) / WARM_STEPS) * max(LEAST_RATE, 0.5 + 0.5 * math.cos(math.pi * min(1.0, share)))


class Mean:
    """The mean of weights over the last steps."""

    def __init__(self, network: Network) -> None:
        self._own = list(network.parameters())
        self._mean: list[Tensor] = []

    def take(self) -> None:
        """Take in the weights as they are."""
        now = [values.detach() for values in self._own]
        if self._mean:
            torch._foreach_lerp_(self._mean, now, PULL)
        else:
            self._mean = [values.clone() for values in now]

    @torch.no_grad()
    def put(self) -> None:
        """Give the network the mean."""
        for values, mean in zip(self._own, self._mean, strict=False):  # nothing is taken in by a very short run
            values.copy_(mean)


def train(network: Network, teacher: Teacher, feed: Feed, minutes: float, rate: float) -> int:
    """Train for some minutes and return the number of steps; the network gets the mean of its weights."""
    loss, steps, mean = Loss([teacher(feed.get()) for _ in range(SAMPLED)]), steps_of(network, rate), Mean(network)
    shares = torch.tensor(list(PARTS.values())).to(next(network.parameters()).device)
    total, windows, step, began = torch.zeros_like(shares), 0, 0, time.monotonic()
    network.train()
    while (share := (time.monotonic() - began) / 60 / minutes) < 1:
        batch = feed.get()
        now = rate_at(step, share, rate)
        for part, factor in zip(steps.param_groups, (1.0, WORD_RATE), strict=True):
            part["lr"] = now * factor
        parts = loss.of(network, batch, teacher(batch))
        steps.zero_grad()
        (parts * shares).sum().backward()
        nn.utils.clip_grad_norm_(network.parameters(), STEEPEST)
        steps.step()
        step, windows, total = step + 1, windows + len(batch.words), total + parts.detach()
        if share >= AVERAGED and step % EVERY == 0:
            mean.take()
        if step % SHOWN == 0:
            said = " ".join(f"{name} {cost:.4f}" for name, cost in zip(PARTS, (total / SHOWN).tolist(), strict=True))
            print(f"step {step}, {windows} windows, {share:.0%}: {said}", flush=True)
            total.zero_()
    mean.put()
    return step


def network_of(corpus: Corpus, teacher: dict[str, Tensor], weights: Path | None) -> Network:
    """Return the student as it begins. weights: of an earlier run; None: those of the teacher."""
    network = Network(corpus.parts, len(teacher["words"]))
    if weights:
        network.load_state_dict(load_weights(weights))
    else:
        begin(network, teacher, corpus)
    return network


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.statements.student.train", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with corpus.npz")
    parser.add_argument("--teacher", type=Path, required=True, help="folder with the six layers as ONNX")
    parser.add_argument("--out", type=Path, required=True, help="file for the weights")
    parser.add_argument("--begin", type=Path, help="weights of an earlier run of this; else those of the teacher")
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--rate", type=float, default=RATE, help="greatest rate of learning")
    parser.add_argument("--talks", type=int, default=TALKS, help="talks of a step")
    parser.add_argument("--processes", type=int, default=PROCESSES, help="that vary talks")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cuda")
    options = parser.parse_args()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    corpus, device = Corpus.read(options.data / FILE), torch.device(options.device)
    feed = Feed(corpus, options.talks, options.processes, device, options.seed)  # before the card is in use
    torch.manual_seed(0)
    torch.set_float32_matmul_precision("high")
    if device.type == "cpu":
        torch.set_num_threads(1)
    weights = weights_of(options.teacher)
    network = network_of(corpus, weights, options.begin).to(device)
    count = train(network, Teacher(weights).on(device), feed, options.minutes, options.rate)
    feed.close()
    np.savez(options.out, **{name: values.half().cpu().numpy() for name, values in network.state_dict().items()})
    print(f"{count} steps")


if __name__ == "__main__":
    main()
