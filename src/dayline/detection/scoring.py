"""Score candidates: the probability that each is a customer conversation, and that its boundaries are correct.

Two boosted forests, because they fail differently: one predicts the kind of talk of a candidate, the other whether the
candidate is exactly one conversation. Evidence about the subject is added to the first with a weight that depends on
how well it separates the conversations of the same day from the rest (`day_evidence.py`); as a feature of the trees it
would be learned at the level of the training days.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dayline.detection import (
    contrast,
    counter_evidence,
    day_evidence,
    gbdt,
    line_evidence,
    memory,
    without_labels,
)
from dayline.detection.day_features import EDGE_COLUMNS, DayFeatures, Fitted, broadcast_share, kind_rows
from dayline.detection.features import (
    boundary_features,
    candidates,
    day_topic,
    dialogue_acts,
    language,
    playbook,
    service_direction,
    short_recordings,
    speaker_roles,
    talk_kind,
    utterance_arrays,
)
from dayline.domain.acoustic_profile import DayProfile
from dayline.domain.timeline import DayContext, Hint
from dayline.domain.transcript import Transcript

F = NDArray[np.float64]
HINT_WEIGHT, WHOLE_WEIGHT, SOUND_WEIGHT = 1.5, 1.0, 15.0
"""Log-odds of an appointment, of a recording of one conversation, and against talk that sounds like a broadcast."""

SHARED_WEIGHT, SHARED_WEIGHT_OF_DAYS, VOTE_LIMIT, VOTE_ROUNDS = 0.03, 0.05, 3.0, 2
"""Weight of the words that the likely conversations share, in general and on labelled days of half an hour and more."""

CLEAR_CHANCE, NOTHING_CLEAR_PENALTY = (0.6, 0.85), 0.5
"""Without speaker labels, a day whose best probability is below these more likely contains no conversation at all."""


def line_features(
    t: utterance_arrays.UtteranceArrays, model: language.LanguageModel
) -> tuple[speaker_roles.SpeakerRoles, F, F]:
    """Return the speaker roles, the dialogue acts per line and the features per boundary."""
    roles = speaker_roles.find(t)
    act_counts = dialogue_acts.count(t.texts)
    return roles, act_counts, boundary_features.measure(t, roles, act_counts, language.edges(t, model))


def extract(
    transcript: Transcript,
    profile: DayProfile | None,
    context: DayContext | None,
    hints: Sequence[Hint],
    org_memory: memory.OrgMemory | None = None,
) -> DayFeatures | None:
    """Propose and score the candidates of a day; None when nobody speaks."""
    t = utterance_arrays.load(transcript)
    if not len(t):
        return None
    lines = line_features(t, language.shipped())
    chance = gbdt.logistic(gbdt.forest("place").log_odds(lines[2]))
    if short_recordings.has_rules(t):
        chance = short_recordings.chance(t, lines[1], chance)
    return score(t, lines, chance, profile, context, hints, org_memory)


def score(
    t: utterance_arrays.UtteranceArrays,
    lines: tuple[speaker_roles.SpeakerRoles, F, F],
    boundary_chance: F,
    profile: DayProfile | None,
    context: DayContext | None,
    hints: Sequence[Hint],
    org_memory: memory.OrgMemory | None = None,
) -> DayFeatures:
    """Propose candidates and score them with all evidence."""
    h, unbroken = assemble(t, lines, boundary_chance, context, org_memory)
    found = h.candidates
    kinds = talk_kind.read(t, lines[0], talk_kind.shipped())
    h.talk_kind, h.kind_shares = talk_kind.customer_log_odds(kinds), talk_kind.shares(kinds)
    rules: F | None = None
    if short_recordings.has_rules(t):
        rules = short_recordings.edge_log_odds(h.rows)
    elif unbroken:
        rules = short_recordings.whole_log_odds(found)
        h.added["whole"] = WHOLE_WEIGHT * (np.arange(len(found)) == len(found) - 1)
    if profile is not None and profile.seconds:
        h.added["sound"] = -SOUND_WEIGHT * broadcast_share(profile, found.start, found.end)
    if hints:
        h.added["hint"] = HINT_WEIGHT * _hint_overlap(hints, found)
    _weigh(h, day_evidence.fit(h, profile), rules)
    h.memory_free_kind, h.memory_free_edge = h.kind_log_odds, h.edge
    if h.memory_lines is not None and org_memory is not None:
        h.added["memory"] = memory.log_odds(h.memory_lines, org_memory, found.first, found.last)
    return h


def assemble(
    t: utterance_arrays.UtteranceArrays,
    lines: tuple[speaker_roles.SpeakerRoles, F, F],
    boundary_chance: F,
    context: DayContext | None,
    org_memory: memory.OrgMemory | None = None,
    found: candidates.Candidates | None = None,
    wording: language.LineScores | None = None,
) -> tuple[DayFeatures, bool]:
    """Return a day with the forest's kind of each candidate, and whether the day is one unbroken conversation.

    found, wording: candidates and scores of the wording to use instead of the day's own.
    """
    roles, act_counts, boundary_rows = lines
    unbroken = found is None and short_recordings.unbroken(t, act_counts)
    if found is None:
        found = candidates.propose(t, boundary_chance.copy())
        found = short_recordings.with_whole(found, t) if unbroken else found
    rows = candidates.measure(t, roles, act_counts, boundary_chance, found)
    wording = wording or language.read(t, roles, language.shipped())
    inputs = kind_rows(rows, wording, found.first, found.last)
    h = DayFeatures(
        utterances=t,
        roles=roles,
        act_counts=act_counts,
        boundary_rows=boundary_rows,
        boundary_chance=boundary_chance,
        candidates=found,
        rows=rows,
        kind_rows=inputs,
        kind=day_evidence.kind_log_odds(inputs, t.has_voices),
        topic=day_topic.read(t),
        playbook=playbook.read(t, context, playbook.everyday_words()),
        language=wording,
        memory_lines=memory.line_scores(t, org_memory) if org_memory is not None and org_memory.days else None,
        days_known=org_memory.recordings if org_memory is not None else 0,
    )
    return h, unbroken


def _weigh(h: DayFeatures, fitted: Fitted, rules: F | None) -> None:
    """Add the evidence that depends on the day as a whole, and score the boundaries.

    Args:
        h: the day.
        fitted: levels of its evidence.
        rules: log-odds of the boundaries by rule, for recordings that have little to compare with.
    """
    found = h.candidates
    h.added = {**h.added, **day_evidence.of_spans(h, fitted, h.rows, found.first, found.last)}
    h.fitted = fitted
    h.edge = edge_log_odds(h, found, h.rows, h.kind_log_odds) if rules is None else rules
    if not h.utterances.has_voices:
        without_labels.weigh(h, judged=rules is None)
        if rules is None:
            line_evidence.add_to_boundaries(h)
    add_counter_evidence(h)
    line_evidence.add_to_kind(h)
    add_word_votes(h)
    if not h.utterances.has_voices and len(found):
        h.added["unclear"] = np.full(len(found), -NOTHING_CLEAR_PENALTY * _ambiguity(float(h.chance.max())))


def edge_log_odds(h: DayFeatures, spans: candidates.Candidates, rows: F, kind: F) -> F:
    """Return the log-odds that the boundaries of spans are correct, shape (m,). kind: log-odds of their kind."""
    assert h.fitted is not None
    return gbdt.forest("edge").log_odds(np.hstack([rows[:, EDGE_COLUMNS], contrast.measure(h, h.fitted, spans, kind)]))


def add_counter_evidence(h: DayFeatures) -> None:
    """Add evidence whose level does not depend on the day, after the boundaries, which were learned without it."""
    found, u = h.candidates, h.utterances
    words, is_english = counter_evidence.language_of(u, found.first, found.last)
    if not short_recordings.applies(u):
        h.added["numbers"] = counter_evidence.few_numbers(h.rows, words, is_english, has_voices=u.has_voices)
    if u.has_voices and not short_recordings.applies(u):
        h.service = service_direction.measure(u, h.roles)
        balance = service_direction.rate(h.service, words, found.first, found.last)
        h.added["served"] = counter_evidence.rep_is_served(balance)
    if u.has_voices and short_recordings.applies(u):
        h.added["office"] = counter_evidence.OFFICE_IN_SHORT * h.added["office"]
    if "playbook" in h.added and u.has_voices:
        day, ratio = h.added["playbook"], playbook.ratio(h.playbook, found.first, found.last)
        if short_recordings.applies(u):
            level = counter_evidence.playbook_level(ratio, counter_evidence.PLAYBOOK_IN_SHORT)
        else:
            level = counter_evidence.playbook_level(ratio, counter_evidence.PLAYBOOK)
            trust = line_evidence.trust(h)
            day, level = (counter_evidence.supported(told, h.kind, is_english, trust) for told in (day, level))
            level = counter_evidence.PLAYBOOK_DAY_SHARE * day + level
        h.added["playbook"] = np.where(is_english, level, day)


def add_word_votes(h: DayFeatures) -> None:
    """Add the votes of the words that the day's likely conversations share to the kind of each candidate."""
    found, u = h.candidates, h.utterances
    weight = SHARED_WEIGHT_OF_DAYS if u.has_voices and not short_recordings.applies(u) else SHARED_WEIGHT
    for _ in range(VOTE_ROUNDS if len(found) else 0):
        belief = line_chance(found, gbdt.logistic(h.kind_log_odds) * np.sqrt(gbdt.logistic(h.edge)), len(h.utterances))
        h.word_votes = day_topic.word_votes(h.topic, belief, h.boundary_chance)
        total = weight * day_topic.of_intervals(h.word_votes.shared, h.word_votes.words, found.first, found.last)
        h.added["shared"] = np.clip(total, -VOTE_LIMIT, VOTE_LIMIT)


def line_chance(found: candidates.Candidates, chance: F, lines: int) -> F:
    """Return for each line the probability of the likeliest candidate that contains it, shape (lines,)."""
    out = np.full(lines, 0.02)
    for i in np.argsort(chance, kind="stable"):
        if chance[i] > 0.02:
            out[found.first[i] : found.last[i]] = chance[i]
    return out


def _hint_overlap(hints: Sequence[Hint], found: candidates.Candidates) -> F:
    out = np.zeros(len(found))
    for hint in hints:
        shared = np.clip(np.minimum(found.end, hint.end_seconds) - np.maximum(found.start, hint.start_seconds), 0, None)
        out = np.maximum(out, shared / np.maximum(found.end - found.start, 1.0))
    return out


def _ambiguity(best: float) -> float:
    low, high = CLEAR_CHANCE
    return float(np.clip((high - best) / (high - low), 0.0, 1.0))
