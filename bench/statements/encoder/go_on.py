# pyright: reportMissingImports=false
"""Go on with the training on a processor: `python -m bench.statements.encoder.go_on`.

Every epoch has all excerpts and later visits, a third of the other whole visits and a few of the other dialogues, so
that what was learned before is kept. `--mix` averages weights with those that it began from. One thread reads about 750
pieces a second.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from bench.statements.encoder.fit import LAYERS, NOISE, Loss
from bench.statements.encoder.model import Model, read_base
from bench.statements.encoder.windows import Item, Spoken, batches
from bench.statements.labelled import EXCERPTS, LATER_VISITS

RATE, HEAD_RATE, WARM_STEPS, AVERAGED, PULL, MOST_PIECES = 5e-5, 4.0, 40, 0.4, 0.015, 2600
LENGTHS = (192, 256, 320, 384)
OF_HEADS = {"ask": 2.0, "objection": 2.5, "accepted": 1.5, "declined": 1.5, "answered": 0.3}
OF_ENDS = 0.5
WHOLE = 0.35
KEPT = {"phrases": 0.03, "exchanges": 0.06, "others": 0.1} | dict.fromkeys(
    ("dev", "build", "written", "objections"), 0.15
)
"""Shares of the earlier whole visits and of the other dialogues in an epoch."""
Weights = Mapping[str, Tensor]


def load_weights(path: Path) -> dict[str, Tensor]:
    """Return the weights that a training has written."""
    with np.load(path) as arrays:
        return {name: torch.tensor(arrays[name].astype(np.float32)) for name in arrays.files}


def epoch_of(spoken: Spoken) -> list[Item]:
    """Return the windows of an epoch."""
    found: list[Item] = []
    for row in spoken.rows:
        is_new = row["split"] in (EXCERPTS, *LATER_VISITS)
        share = 1.0 if is_new else WHOLE if row["whole"] else KEPT[row["split"]]
        if spoken.dice.random() < share:
            found += spoken.varied(row, NOISE, LENGTHS)
    return found


def go_on(model: Model, spoken: Spoken, minutes: float, rate: float) -> dict[str, Tensor]:
    """Train a model for some minutes and return the mean of its weights over the last steps."""
    own = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    body, heads = ([p for name, p in own if name.startswith("encoder.") is own_part] for own_part in (True, False))
    steps = torch.optim.AdamW([{"params": body}, {"params": heads}], lr=rate, weight_decay=0.01)
    loss, began, step = Loss(torch.device("cpu"), OF_HEADS, OF_ENDS), time.monotonic(), 0
    mean: dict[str, Tensor] = {}
    model.train()
    while True:
        for group in batches(epoch_of(spoken), MOST_PIECES, spoken.dice):
            share = (time.monotonic() - began) / (minutes * 60)
            if share >= 1 and mean:
                return mean
            now = rate * min(1.0, (step + 1) / WARM_STEPS) * max(0.03, 1 - share)
            for part, factor in zip(steps.param_groups, (1.0, HEAD_RATE), strict=True):
                part["lr"] = now * factor
            steps.zero_grad()
            with torch.autocast("cpu", torch.bfloat16):
                cost = loss.of(model, group)
            cost.backward()
            nn.utils.clip_grad_norm_(body + heads, 1.0)
            steps.step()
            step += 1
            if share >= AVERAGED:
                for name, values in model.state_dict().items():
                    mean[name] = values.detach().clone() if name not in mean else mean[name].lerp(values.detach(), PULL)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.statements.encoder.go_on", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--begin", type=Path, required=True, help="weights.npz of fit, or of an earlier run of this")
    parser.add_argument("--minutes", type=float, default=28.0)
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--mix", type=float, default=0.5, help="share of the new weights in what is written")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    torch.set_num_threads(1)
    spoken = Spoken(options.data)
    spoken.dice.seed(options.seed)
    model = Model(read_base(options.data), LAYERS)
    before = load_weights(options.begin)
    model.load_state_dict(before, strict=False)
    after = go_on(model, spoken, options.minutes, options.rate)
    mixed = {name: values.lerp(after[name], options.mix) for name, values in before.items()}
    np.savez(options.out, **{name: values.half().numpy() for name, values in mixed.items()})


if __name__ == "__main__":
    main()
