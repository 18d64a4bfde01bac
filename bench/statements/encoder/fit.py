# pyright: reportMissingImports=false
"""Fine-tune the encoder: `python -m bench.statements.encoder.fit --data FOLDER --fold K --out FOLDER`.

For a fold the scores of its dialogues are written, without a fold (-1) the weights. A training on a graphics card is
not repeated to the byte.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from bench.statements.encoder.model import ENDS, HEADS, TASKS, Model, read_base
from bench.statements.encoder.windows import WEIGHT, Item, Row, Spoken, batches, labels_of
from bench.statements.labelled import EXCERPTS, LATER_VISITS

LAYERS = tuple(range(6))
EPOCHS, RATE, HEAD_RATE, NOISE = 8, 1.5e-4, 8.0, 0.1
MOST_PIECES, WARM, AVERAGED, PULL = 9000, 0.08, 0.6, 0.03
"""Pieces of a batch; the share of steps until the rate is full, and from which the weights are averaged, and how."""
OF_HEADS = {"ask": 2.0, "objection": 2.0, "answered": 0.3}
OF_KINDS, OF_ENDS, OF_BORDER, BORDER = 0.1, 0.3, 0.3, 30
Judged = tuple[NDArray[np.float32], NDArray[np.float32]]


def tensors(group: Sequence[Item], device: torch.device) -> tuple[Tensor, Tensor]:
    """Return the pieces of windows, filled up, and the spans of their turns."""
    longest = max(len(item.window.pieces) for item in group)
    pieces = np.zeros((len(group), (longest + 15) // 16 * 16), dtype=np.int64)
    for place, item in enumerate(group):
        pieces[place, : len(item.window.pieces)] = item.window.pieces
    spans = [(place, p.begin, p.end) for place, item in enumerate(group) for p in item.window.places]
    return torch.tensor(pieces).to(device), torch.tensor(spans).to(device)


def judge(model: Model, spoken: Spoken, row: Row, key: str) -> Judged:
    """Return the log-odds of a dialogue's turns and of its end. key: "said", or "wrong" words."""
    device = next(model.parameters()).device
    texts, sides = (row["texts"], row["sides"]) if key == "said" else row["wrong"]
    scores, nearest = np.zeros((len(texts), len(HEADS)), np.float32), np.full(len(texts), -1)
    ends = np.zeros(len(ENDS), np.float32)
    for item in spoken.as_judged(row, texts, sides):
        with torch.no_grad(), torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
            said, last = (found.float().cpu().numpy() for found in model(*tensors([item], device)))
        for place, values in zip(item.window.places, said, strict=True):
            if place.border > nearest[place.turn]:
                nearest[place.turn], scores[place.turn] = place.border, values
        ends = last[0]
    return scores[:, : len(TASKS)], ends


class Loss:
    """What a batch costs against its labels."""

    def __init__(
        self, device: torch.device, of_heads: Mapping[str, float] = OF_HEADS, of_ends: float = OF_ENDS
    ) -> None:
        self._device, self._of_ends = device, of_ends
        self._heads = torch.tensor([of_heads.get(h, OF_KINDS if h.startswith("kind") else 1.0) for h in HEADS]).to(
            device
        )

    def of(self, model: Model, group: Sequence[Item]) -> Tensor:
        """Return the loss of a batch."""
        pieces, spans = tensors(group, self._device)
        labels = [labels_of(item.row) for item in group]
        places = [[p.turn for p in item.window.places] for item in group]
        wanted = self._on(np.concatenate([table[own] for (table, _), own in zip(labels, places, strict=True)]))
        ended = self._on(
            np.stack([ends if i.is_last else ends * 0 - 1 for i, (_, ends) in zip(group, labels, strict=True)])
        )
        rows = [1.0 if i.row["whole"] else WEIGHT.get(i.row["split"], 1.0) for i in group]
        near = [1.0 if p.border >= BORDER else OF_BORDER for i in group for p in i.window.places]
        weights = self._on(np.repeat(rows, list(map(len, places)))) * self._on(np.array(near))
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._device.type == "cuda"):
            turns, ends = (said.float() for said in model(pieces, spans))
        loss = (_cost(turns, wanted) * self._heads * weights[:, None]).sum() / weights.sum()
        known = max(1.0, float((ended >= 0).sum()))
        return loss + self._of_ends * (_cost(ends, ended) * self._on(np.array(rows))[:, None]).sum() / known

    def _on(self, values: NDArray[np.floating]) -> Tensor:
        return torch.tensor(values, dtype=torch.float32).to(self._device)


def _cost(said: Tensor, wanted: Tensor) -> Tensor:
    """Return the cross entropy of log-odds, 0 where the label is not known."""
    cost = functional.binary_cross_entropy_with_logits(said, wanted.clamp(min=0), reduction="none")
    return cost * (wanted >= 0).float()


def train(model: Model, spoken: Spoken, rows: Sequence[Row]) -> Model:
    """Train a model in place; the weights of the last steps are averaged."""
    torch.manual_seed(0)
    spoken.dice.seed(0)
    device = next(model.parameters()).device
    own = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    body, heads = ([p for name, p in own if name.startswith("encoder.") is own_part] for own_part in (True, False))
    both = [{"params": body, "lr": RATE}, {"params": heads, "lr": RATE * HEAD_RATE}]
    steps = torch.optim.AdamW(both, weight_decay=0.01)
    loss, step, plan = Loss(device), 0, 0
    mean: dict[str, Tensor] = {}
    for epoch in range(EPOCHS):
        kept = [row for row in rows if row["split"] != "phrases" or spoken.dice.random() < 0.5]
        groups = batches([item for row in kept for item in spoken.varied(row, NOISE)], MOST_PIECES, spoken.dice)
        plan = plan or len(groups) * EPOCHS
        for group in groups:
            now = RATE * min(1.0, (step + 1) / (WARM * plan)) * max(0.02, 1 - step / plan)
            for part, factor in zip(steps.param_groups, (1.0, HEAD_RATE), strict=True):
                part["lr"] = now * factor
            model.train()
            steps.zero_grad()
            loss.of(model, group).backward()
            nn.utils.clip_grad_norm_(body + heads, 1.0)
            steps.step()
            step += 1
            if step >= AVERAGED * plan:
                for name, values in model.state_dict().items():
                    mean[name] = values.detach().clone() if name not in mean else mean[name].lerp(values.detach(), PULL)
        print(f"epoch {epoch}, step {step} of {plan}", flush=True)
    model.load_state_dict(mean)
    return model.eval()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.statements.encoder.fit", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--fold", type=int, default=-1)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    spoken, base = Spoken(options.data), read_base(options.data)
    rows = [r for r in spoken.rows if r["split"] not in (EXCERPTS, *LATER_VISITS)]
    seen = [r for r in rows if options.fold < 0 or r["fold"] != options.fold]
    model = train(Model(base, LAYERS).to(device), spoken, seen)
    if options.fold < 0:
        np.savez(options.out / "weights.npz", **model.state())
        return
    found: dict[str, NDArray[np.float16]] = {}
    for row in spoken.rows:
        for key in ("said", "wrong") if row["fold"] == options.fold else ():
            if key == "said" or row["wrong"]:
                turns, ends = judge(model, spoken, row, key)
                found |= {
                    f"{key}/{row['id']}": turns.astype(np.float16),
                    f"{key}_end/{row['id']}": ends.astype(np.float16),
                }
    path = options.out / f"unseen_{options.fold}.npz"
    np.savez_compressed(path, **found)  # pyright: ignore[reportArgumentType] - the stub's allow_pickle


if __name__ == "__main__":
    main()
