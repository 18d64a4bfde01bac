"""Weigh the candidates anew where no voices are told apart, once their boundaries are scored.

Without speaker labels the forest of the kind has little to go by. It was trained on service dialogues as well, in which
the wording without sides tells nothing, and so believes the wording too little elsewhere; and what the playbook says
within one day depends on what else is said that day. Here the wording counts by itself, the playbook counts on a fixed
level alone (`counter_evidence.py`), more than it does with labels, and forest and topic cues count for less. On whole
true talks of businesses left out of training this separates conversations better (`bench/detection/LOG.md`).

The wording and the everyday words are English: a day in another language stays as it is, and on an English day the
playbook counts as before for talk in another language.
"""

from __future__ import annotations

import numpy as np

from dayline.detection import counter_evidence
from dayline.detection.day_features import DayFeatures
from dayline.detection.features import language, playbook, short_recordings, topic_cues

FOREST_SHARE, CUES_SHARE = 0.4, 0.6
"""What is left of the log-odds of the forest and of the topic cues."""

WORDING_WEIGHT, WORDING_LIMIT = 0.6, 5.0
"""Weight of the score of the wording, and its limit in both directions."""

BIAS, BIAS_BY_RULE, EDGE_LEVEL = -1.1, -0.3, 0.3
"""Log-odds of the kind of every candidate, where a forest judged the boundaries and where rules did, and what is taken
off the boundaries that a forest judged."""


def weigh(h: DayFeatures, *, judged: bool) -> None:
    """Replace the log-odds of the kind of a day without speaker labels, and lower those of the boundaries.

    Args:
        h: the day.
        judged: a forest judged the boundaries; those by rule stay as they are.
    """
    u, found = h.utterances, h.candidates
    _, whole = counter_evidence.language_of(u, np.array([0]), np.array([len(u)]))
    if not whole[0]:
        return
    h.forest_share = FOREST_SHARE
    h.kind = FOREST_SHARE * h.kind
    for name in topic_cues.NAMES:
        h.added[name] = CUES_SHARE * h.added[name]
    score = language.log_odds(h.language, found.first, found.last)
    h.added["wording"] = WORDING_WEIGHT * np.clip(score, -WORDING_LIMIT, WORDING_LIMIT)
    if "playbook" in h.added:
        _, is_english = counter_evidence.language_of(u, found.first, found.last)
        told = playbook.ratio(h.playbook, found.first, found.last)
        scale = counter_evidence.PLAYBOOK_WITHOUT_LABELS
        if short_recordings.applies(u):
            scale = counter_evidence.PLAYBOOK_WITHOUT_LABELS_IN_SHORT
        level = counter_evidence.playbook_level(told, scale)
        h.added["playbook"] = np.where(is_english, level, h.added["playbook"])
    h.added["without_labels"] = np.full(len(found), BIAS if judged else BIAS_BY_RULE)
    if judged:
        h.edge = h.edge - EDGE_LEVEL
