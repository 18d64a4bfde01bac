"""Evidence whose level differs from day to day, weighed by how far it separates this day's conversations from its rest.

Playbook words, topic cues, wording and the memory of the organisation are fitted together by a mixture of two groups
inside the recording (`features/mixture.py`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dayline.detection import gbdt, memory
from dayline.detection.day_features import DayFeatures, broadcast_share, kind_rows
from dayline.detection.features import candidates, mixture, playbook, short_recordings, topic_cues
from dayline.detection.features.utterance_arrays import UtteranceArrays
from dayline.domain.acoustic_profile import DayProfile

F = NDArray[np.float64]

EVIDENCE = {
    "playbook": mixture.Evidence(
        visits=0.5, rest=-0.4, spread=0.35, gap=0.7, reach=0.75, start=0.85, slope=3.5, middle=0.65, full=0.7,
        limit=(2.5, 3.0), held=1.0,
    ),
    "talk": mixture.Evidence(
        visits=-0.6, rest=-1.4, spread=0.5, gap=0.0, reach=0.5, start=0.75, slope=1.5, middle=0.6, full=0.7,
        limit=(2.0, 2.0), held=2.0,
    ),
    "memory": mixture.Evidence(
        visits=-0.29, rest=-0.68, spread=0.2, gap=0.15, reach=0.5, start=0.75, slope=5.0, middle=0.5, full=0.35,
        limit=(2.2, 1.2), held=4.0,
    ),
}  # fmt: skip
WORDS_ONLY = {"kind": 0.8, "playbook": 1.74, "talk": 0.5}
"""Weights of the kind forest, the playbook and the topic cues on a day without speaker labels.

Voices are most of what the forest knows of the kind, so that the playbook must say more without them
(`bench/detection/LOG.md`).
"""

MEMORY_WEIGHT = 1.0
BROADCAST_WEIGHT = 6.0
_HALF_WEIGHT_NATS = 300.0


def kind_weight(utterances: UtteranceArrays) -> float:
    """Weight of the kind forest's log-odds on a day."""
    return WORDS_ONLY["kind"] if short_recordings.knows_words_only(utterances) else 1.0


def add(h: DayFeatures, profile: DayProfile | None, org_memory: memory.OrgMemory | None) -> None:
    """Add what playbook, topic cues and memory say about each candidate to `h.added`."""
    parts = candidates.split_residue(h.utterances, h.boundary_chance)
    rows = candidates.measure(h.utterances, h.roles, h.act_counts, h.boundary_chance, parts)
    inputs = kind_rows(rows, h.language, parts.first, parts.last)
    kind = gbdt.forest("kind").log_odds(inputs)
    if profile is not None and profile.seconds:
        kind = kind - BROADCAST_WEIGHT * broadcast_share(profile, parts.start, parts.end)
    information = np.concatenate([[0.0], np.cumsum(h.playbook.information)])
    says = information[parts.last] - information[parts.first]
    weight = says / (says + _HALF_WEIGHT_NATS)
    found = h.candidates
    cues, cues_of_candidates = topic_cues.score(rows), topic_cues.score(h.rows)
    values = {"talk": sum(cues.values(), np.zeros(len(parts)))}
    if h.playbook.usual is not None:
        values["playbook"] = playbook.ratio(h.playbook, parts.first, parts.last)
    if "language" in EVIDENCE:
        values["language"] = inputs[:, -2]
    if h.memory_lines is not None and org_memory is not None:
        values["memory"] = memory.ratio(*h.memory_lines, parts.first, parts.last)
    level = mixture.fit(values, kind, weight, {name: EVIDENCE[name] for name in values})
    total = mixture.log_odds(sum(cues_of_candidates.values(), np.zeros(len(found))), EVIDENCE["talk"], level["talk"])
    usual = {name: float(np.average(v, weights=weight)) if weight.sum() > 0 else 0.0 for name, v in cues.items()}
    h.added |= topic_cues.relative(cues_of_candidates, usual, mixture.slope(EVIDENCE["talk"], level["talk"]), total)
    if h.playbook.usual is not None:
        told = playbook.ratio(h.playbook, found.first, found.last)
        h.added["playbook"] = mixture.log_odds(told, EVIDENCE["playbook"], level["playbook"])
    if short_recordings.knows_words_only(h.utterances):
        for name in (*topic_cues.NAMES, *(["playbook"] if h.playbook.usual is not None else [])):
            h.added[name] = h.added[name] * WORDS_ONLY["playbook" if name == "playbook" else "talk"]
    if "language" in EVIDENCE:
        h.added["language"] = mixture.log_odds(h.kind_rows[:, -2], EVIDENCE["language"], level["language"])
    if h.memory_lines is not None and org_memory is not None:
        told = memory.ratio(*h.memory_lines, found.first, found.last)
        odds = mixture.log_odds(told, EVIDENCE["memory"], level["memory"])
        h.added["memory"] = (
            MEMORY_WEIGHT * org_memory.weight * memory.known_share(h.memory_lines[1], found.first, found.last) * odds
        )
