"""Evidence whose level differs between days, weighted by how well it separates this day's conversations from the rest.

Playbook words and topic cues are fitted together by a mixture of two groups inside the recording
(`features/mixture.py`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dayline.detection import gbdt
from dayline.detection.day_features import DayFeatures, Fitted, broadcast_share, kind_rows
from dayline.detection.features import candidates, mixture, playbook, topic_cues
from dayline.domain.acoustic_profile import DayProfile

F = NDArray[np.float64]
I = NDArray[np.int64]  # noqa: E741 - beside F, as the arrays of the detector are named

EVIDENCE = {
    "playbook": mixture.Evidence(
        visits=0.5, rest=-0.4, spread=0.35, gap=0.7, reach=0.75, start=0.85, slope=3.5, middle=0.65, full=0.7,
        limit=(2.5, 3.0), held=1.0,
    ),
    "talk": mixture.Evidence(
        visits=-0.6, rest=-1.4, spread=0.5, gap=0.0, reach=0.5, start=0.75, slope=1.5, middle=0.6, full=0.7,
        limit=(2.0, 2.0), held=2.0,
    ),
}  # fmt: skip
BROADCAST_WEIGHT = 6.0
_HALF_WEIGHT_NATS = 300.0


WEIGHT_NAMES: tuple[str, ...] = ("bias", "kind", "playbook", "talk")


def weights(has_voices: bool) -> dict[str, float]:
    """Return the weights of the kind forest, the playbook and the topic cues, with or without speaker labels."""
    row = gbdt.table("evidence")[int(has_voices)]
    return dict(zip(WEIGHT_NAMES, row.tolist(), strict=True))


def kind_log_odds(inputs: F, has_voices: bool) -> F:
    """Return the log-odds of the kind by voices, roles and wording, shape (m,). inputs: `kind_rows`."""
    weight = weights(has_voices)
    return weight["bias"] + weight["kind"] * gbdt.forest("kind").log_odds(inputs)


def fit(h: DayFeatures, profile: DayProfile | None) -> Fitted:
    """Fit the levels of playbook and topic cues to a day."""
    parts = candidates.split_residue(h.utterances, h.boundary_chance)
    rows = candidates.measure(h.utterances, h.roles, h.act_counts, h.boundary_chance, parts)
    kind = gbdt.forest("kind").log_odds(kind_rows(rows, h.language, parts.first, parts.last))
    if profile is not None and profile.seconds:
        kind = kind - BROADCAST_WEIGHT * broadcast_share(profile, parts.start, parts.end)
    information = np.concatenate([[0.0], np.cumsum(h.playbook.information)])
    says = information[parts.last] - information[parts.first]
    weight = says / (says + _HALF_WEIGHT_NATS)
    cues = topic_cues.score(rows)
    values = {"talk": sum(cues.values(), np.zeros(len(parts)))}
    if h.playbook.usual is not None:
        values["playbook"] = playbook.ratio(h.playbook, parts.first, parts.last)
    level = mixture.fit(values, kind, weight, {name: EVIDENCE[name] for name in values})
    usual = {name: float(np.average(v, weights=weight)) if weight.sum() > 0 else 0.0 for name, v in cues.items()}
    return Fitted(level, usual)


def of_spans(h: DayFeatures, fitted: Fitted, rows: F, first: I, last: I) -> dict[str, F]:
    """Return the log-odds by source that lines [first, last) are a customer conversation, shape (m,) each.

    Args:
        h: the day.
        fitted: its levels.
        rows: `candidates.measure` of these spans, shape (m, features).
        first, last: the spans.
    """
    cues, level = topic_cues.score(rows), fitted.level
    total = mixture.log_odds(sum(cues.values(), np.zeros(len(first))), EVIDENCE["talk"], level["talk"])
    out = topic_cues.relative(cues, fitted.usual, mixture.slope(EVIDENCE["talk"], level["talk"]), total)
    weight = weights(h.utterances.has_voices)
    out = {name: weight["talk"] * values for name, values in out.items()}
    if "playbook" in level:
        told = playbook.ratio(h.playbook, first, last)
        out["playbook"] = weight["playbook"] * mixture.log_odds(told, EVIDENCE["playbook"], level["playbook"])
    return out
