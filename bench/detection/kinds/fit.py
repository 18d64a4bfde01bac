"""Fine-tune the encoder and fit the network: `OUT=RESULTS python bench/detection/kinds/fit.py FOLDER`.

Needs PyTorch, and a graphics card to be quick. FOLDER holds `data.npz` and `base.npz` (`data.py`).
"""
# pyright: basic, reportMissingImports=false, reportAttributeAccessIssue=false, reportUnknownVariableType=false

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
import windows
from networks import Encoder, Network, load_base, reduced
from torch import nn
from torch.nn import functional

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
FOLDS = (0, 2, None, 1)
PLANS = ((900, 1.2e-4), (300, 1e-4))
NETWORK_STEPS, SIZE, WORKERS = 1800, 64, 14


class Batches(torch.utils.data.Dataset):
    """Random windows by number."""

    def __init__(self, lines: windows.Lines, steps: int, size: int, seed: int) -> None:
        self.lines, self.steps, self.size, self.seed = lines, steps, size, seed
        self.rows = [np.flatnonzero(lines.kind == k) for k in range(len(windows.KINDS))]

    def __len__(self) -> int:
        return self.steps

    def __getitem__(self, n: int) -> list[torch.Tensor]:
        found = windows.drawn(self.lines, self.rows, self.size, np.random.default_rng((self.seed, n)))
        return [torch.from_numpy(np.ascontiguousarray(a)) for a in found]


def at_markers(y: torch.Tensor, marker: torch.Tensor) -> torch.Tensor:
    """Outputs at the markers of lines."""
    return y.gather(1, marker[..., None].expand(-1, -1, y.shape[-1]))


def loss_of(y: Any, kind: Any, edges: Any, soft: Any) -> Any:
    """Cross entropy of kind, start and end; with soft outputs of an encoder mostly the distance from these."""
    known = kind >= 0
    y = y[known].float()
    hard = functional.cross_entropy(y[:, :6], kind[known], label_smoothing=0.05)
    edge = functional.binary_cross_entropy_with_logits(
        y[:, 6:], edges[known], pos_weight=torch.tensor([4.0, 4.0], device=y.device)
    )
    if soft is None:
        return hard + 0.2 * edge
    soft = soft[known].float()
    like = functional.kl_div(
        functional.log_softmax(y[:, :6], -1),
        functional.log_softmax(soft[:, :6], -1),
        log_target=True,
        reduction="batchmean",
    )
    ends = functional.binary_cross_entropy_with_logits(y[:, 6:], torch.sigmoid(soft[:, 6:]))
    return 0.3 * hard + 0.1 * edge + like + 0.2 * ends


def train(
    model: nn.Module, lines: windows.Lines, steps: int, size: int, rate: float, seed: int, teacher: nn.Module | None
) -> nn.Module:
    """Fit an encoder, or a network that learns from a teacher."""
    model.to(DEVICE).train()
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.01)
    warm = max(1, steps // 12)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda n: min((n + 1) / warm, max(0.0, (steps - n) / (steps - warm)))
    )
    data = torch.utils.data.DataLoader(Batches(lines, steps, size, seed), batch_size=None, num_workers=WORKERS)
    for batch in data:
        ids, segment, marker, kind, first, last, *rest = (t.to(DEVICE, non_blocking=True) for t in batch)
        with torch.autocast(DEVICE, torch.bfloat16, enabled=DEVICE == "cuda"):
            soft = None
            if teacher is not None:
                with torch.no_grad():
                    soft = at_markers(teacher(ids, segment), marker)
            y = model(*rest) if isinstance(model, Network) else at_markers(model(ids, segment), marker)
        loss = loss_of(y, kind, torch.stack([first, last], -1), soft)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
    return model.eval()


def score(model: nn.Module, x: windows.Lines, *, roles: bool) -> np.ndarray:
    """Log-odds of a customer per line."""
    out, spans = np.zeros(len(x.count), np.float32), windows.covering(x)
    for k in range(0, len(spans), 512):
        part = spans[k : k + 512]
        found = windows.arrays_of(x, [(a, b) for a, b, *_ in part], [roles] * len(part), [False] * len(part))
        ids, segment, marker, _, _, _, *rest = (torch.from_numpy(np.ascontiguousarray(a)).to(DEVICE) for a in found)
        with torch.no_grad(), torch.autocast(DEVICE, torch.bfloat16, enabled=DEVICE == "cuda"):
            y = model(*rest) if isinstance(model, Network) else at_markers(model(ids, segment), marker)
        y = y[..., :6].float()
        odds = (y[..., 0] - torch.logsumexp(y[..., 1:], -1)).cpu().numpy()
        for row, (a, _, i, stop) in zip(odds, part, strict=True):
            out[i:stop] = row[i - a : stop - a]
    return out


def area(x: windows.Lines, odds: np.ndarray) -> float:
    """Area under the curve of customers by the mean of each true talk."""
    talk = x.talk >= 0
    _, which = np.unique(x.unit[talk], return_inverse=True)
    n = np.bincount(which)
    mean, customer = np.bincount(which, odds[talk]) / n, np.bincount(which, x.kind[talk] == 0) / n > 0.5
    rank = np.empty(len(mean))
    rank[np.argsort(mean)] = np.arange(1, len(mean) + 1)
    p = customer.sum()
    return float((rank[customer].sum() - p * (p + 1) / 2) / (p * (len(mean) - p)))


def stored(model: nn.Module) -> dict[str, np.ndarray]:
    """Matrices as whole numbers of 8 bits with a scale per row, the rest as it is."""
    out = {}
    for name, value in model.state_dict().items():
        a = value.detach().float().cpu().numpy()
        if a.ndim == 2 and a.shape[0] > 16:
            scale = np.abs(a).max(1) / 127 + 1e-12
            out[name + ".q"], out[name + ".s"] = np.round(a / scale[:, None]).astype(np.int8), scale.astype(np.float32)
        else:
            out[name] = a.astype(np.float32)
    return out


def main() -> None:
    """Command line."""
    folder, results = Path(sys.argv[1]), Path(os.environ["OUT"])
    torch.manual_seed(0)
    arrays, base = np.load(folder / "data.npz"), np.load(folder / "base.npz")
    plans, networks = list(PLANS), {}
    for fold in FOLDS:
        names = [f"part{k}" for k in range(3) if k != fold] + [f"visits{'all' if fold is None else fold}"]
        lines, tried = windows.Lines(arrays, names), []
        for steps, rate in plans:
            encoder = load_base(Encoder(len(base["word.q"]), 6), base, range(6))
            encoder = train(encoder, lines, steps, SIZE, rate, 1, None)
            unseen = windows.Lines(arrays, [f"dev{fold}"]) if len(plans) > 1 else None
            areas = [area(unseen, score(encoder, unseen, roles=r)) for r in (False, True)] if unseen else [0.0]
            tried.append((sum(areas), (steps, rate), encoder))
        _, plan, encoder = max(tried, key=lambda t: t[0])
        plans = [plan]
        network = train(Network(reduced(encoder)), lines, NETWORK_STEPS, 2 * SIZE, 1e-3, 3, encoder)
        networks |= {f"{fold}.{name}": a for name, a in stored(network).items()}
        np.savez(results / "networks.npz", **networks)
        if f"dev{fold}.tok" in arrays.files:
            unseen = windows.Lines(arrays, [f"dev{fold}"])
            for name, model in (("encoder", encoder), ("network", network)):
                areas = [round(area(unseen, score(model, unseen, roles=r)), 4) for r in (False, True)]
                print(f"fold {fold}, plan {plan}, {name}: area without and with roles {areas}", flush=True)


if __name__ == "__main__":
    main()
