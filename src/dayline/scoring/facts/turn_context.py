"""How likely a turn holds a request or an objection, by the scores of its sentences and of the turns around it.

A linear model scores each sentence by its words. A sentence alone says too little: the same words are an objection
after a price and small talk at the door. Three more score the turn by all its words, by those of the turn before and by
those of the turn after it. A forest reads, for each turn, these scores, those of the turns around it, of the other
side's statements there, and the place and the length of the turn (a second model stacked on the first, Wolpert 1992).
It sees figures only and no words. In a conversation of many turns its log-odds are joined with those of the text
encoder (`turn_encoder`), which reads the words themselves with what stands around them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dayline.scoring.conversation import Conversation, Sentence
from dayline.scoring.facts.forest import Forest
from dayline.scoring.facts.sentence_features import SentenceFeatures
from dayline.scoring.facts.statement_model import OF_TURNS, PLACES, statement_model
from dayline.scoring.facts.turn_encoder import TASKS, Read, turn_encoder

OWN_SCORES = (0, 1, 2, 21, 22, 23)
"""Places of the figures of the turn's own scores: a greater one never lowers the log-odds."""
UNLIKELY = -9.0
"""Score where nothing was said."""
FEW_TURNS = 25
"""In a conversation of fewer turns the score of the sentence decides: the forests learn from longer ones above all."""
_AROUND, _NEAR = 5, 3
_MOST_TURNS = 250
_CLEAREST = 8


@dataclass(frozen=True, slots=True)
class Score:
    """What the words of a sentence say.

    Attributes:
        value: log-odds that it is a request or an objection, by the linear model.
        kind: the kind that a rule names, None where none does.
        text: the text that the rules read.

    """

    value: float
    kind: str | None
    text: str = ""


Scores = Mapping[int, Score]
"""Scores by the number of the sentence."""
Views = Mapping[int, Sequence[float]]
"""By the number of the turn, the log-odds that it holds a statement, by each of `PLACES`."""


@dataclass(frozen=True, slots=True)
class Stated:
    """Scores of the sentences of one side, and the log-odds of its turns.

    Attributes:
        scores: of the sentences.
        turns: log-odds of the turns.
        clearest: the sentence of each turn with the greatest score.
        by_words: log-odds of the turns without the encoder.

    """

    scores: Scores
    turns: Mapping[int, float]
    clearest: Mapping[int, int]
    by_words: Mapping[int, float]

    def of(self, sentence: Sentence) -> float:
        """Return the log-odds of the turn if the sentence is its clearest, else that of nothing said."""
        if self.clearest.get(sentence.turn) != sentence.number:
            return UNLIKELY
        return self.turns[sentence.turn]


def has_many_turns(talk: Conversation) -> bool:
    """Return whether a conversation has so many turns that those around a statement say something about it."""
    return len(talk.turns) >= FEW_TURNS


def views_of(talk: Conversation, features: SentenceFeatures) -> dict[str, dict[int, list[float]]]:
    """Return the views of all turns by the task ("ask", "objection")."""
    models = statement_model().turns
    count = len(talk.turns)
    said = models.of_all([features.turn_rows(turn) for turn in range(count)])
    silent = models.biases[None]
    beside = {"own": said, "before": np.vstack((silent, said[:-1])), "after": np.vstack((said[1:], silent))}
    found: dict[str, dict[int, list[float]]] = {}
    for task in ("ask", "objection"):
        columns = [beside[place][:count, OF_TURNS.index(f"{task}_{place}")] for place in PLACES]
        rows: list[list[float]] = np.column_stack(columns).tolist()
        found[task] = dict(enumerate(rows))
    return found


def read_turns(talk: Conversation) -> Read | None:
    """Return what the encoder reads in a conversation of many turns, None in others."""
    return turn_encoder().read(talk) if talk.rep is not None and has_many_turns(talk) else None


class Joint(NamedTuple):
    """Weights of the log-odds of a word model and of those of the encoder for the turn, and a bias."""

    bias: float
    model: float
    read: float

    def of(self, odds: float, read: Read, turn: int, task: str) -> float:
        """Return the joined log-odds. odds: by the word model. task: which of `TASKS` the encoder is asked for."""
        return self.bias + self.model * odds + self.read * float(read.turns[turn, TASKS.index(task)])


JOINTS = {
    "ask": Joint(bias=-0.07, model=0.42, read=0.42),
    "objection": Joint(bias=0.08, model=0.48, read=0.44),
    "step": Joint(bias=-0.47, model=0.43, read=0.70),
    "offer": Joint(bias=-0.46, model=0.99, read=0.27),
}
"""Logistic regressions over 138 whole visits of hands that neither the word models nor the encoders asked had seen
(`bench/statements/LOG.md`)."""


def stated_in(
    talk: Conversation,
    features: SentenceFeatures,
    forest: Forest,
    own: Scores,
    other: Scores,
    views: Views,
    task: str = "ask",
    read: Read | None = None,
) -> Stated:
    """Return the log-odds of the turns that have own scores.

    own, other: scores of the two sides' sentences. views: of all turns, for the own side. task: "ask" or "objection",
    which of what the encoder reads is joined with the forest's log-odds.
    """
    turns, rows = figures_of(talk, features, own, other, views)
    by_words = dict(zip(turns, map(float, forest.of(rows) if turns else ()), strict=True))
    odds = by_words
    if read is not None:
        odds = {turn: JOINTS[task].of(value, read, turn, task) for turn, value in by_words.items()}
    return Stated(own, odds, _clearest(talk, own), by_words)


def _clearest(talk: Conversation, own: Scores) -> dict[int, int]:
    found: dict[int, int] = {}
    for number, score in own.items():
        turn = talk.sentences[number].turn
        if turn not in found or own[found[turn]].value < score.value:
            found[turn] = number
    return found


def figures_of(
    talk: Conversation, features: SentenceFeatures, own: Scores, other: Scores, views: Views
) -> tuple[list[int], NDArray[np.float64]]:
    """Return the turns that have own scores, and a row of figures for each."""
    mine, theirs = _by_turn(talk, own), _by_turn(talk, other)
    named = {talk.sentences[n].turn for n, score in own.items() if score.kind is not None}
    turns = sorted(mine)
    places = np.array(turns, dtype=np.int64)
    best = {t: max(values) for t, values in mine.items()}
    others = {t: max(values) for t, values in theirs.items()}
    ordered = sorted(best.values(), reverse=True)
    rank = {t: place for place, t in enumerate(sorted(turns, key=lambda t: -best[t]))}
    words, asked = _lengths(talk, features)
    last = len(talk.turns)
    mine_at, theirs_at = _beside(best, last, UNLIKELY), _beside(others, last, UNLIKELY)
    words_at, asked_at = _beside(words, last, 0), _beside(asked, last, 0)
    columns = [
        [best[t] for t in turns],
        [(sorted(mine[t])[-2:-1] or [UNLIKELY])[0] for t in turns],
        [log(sum(exp(v) for v in mine[t])) for t in turns],
        np.max([mine_at[places - n] for n in range(1, _AROUND + 1)], axis=0),
        np.max([mine_at[places + n] for n in range(1, _AROUND + 1)], axis=0),
        theirs_at[places - 1],
        theirs_at[places + 1],
        np.max([theirs_at[places - n] for n in range(1, _NEAR + 1)], axis=0),
        np.max([theirs_at[places + n] for n in range(1, _NEAR + 1)], axis=0),
        [min(rank[t], _MOST_TURNS) for t in turns],
        np.full(len(turns), _mean(ordered[:_CLEAREST])),
        np.full(len(turns), _mean(sorted(others.values(), reverse=True)[:_CLEAREST])),
        places / max(1, last),
        np.full(len(turns), min(last, _MOST_TURNS)),
        np.minimum(last - places, _MOST_TURNS),
        words_at[places],
        asked_at[places],
        words_at[places - 1],
        words_at[places + 1],
        asked_at[places + 1],
        [t in named for t in turns],
        *zip(*(views[t] for t in turns), strict=True),
    ]
    return turns, np.array(columns, dtype=np.float64).T.copy()


def _beside(values: Mapping[int, float], count: int, silent: float) -> NDArray[np.float64]:
    """Return the values by the number of the turn, `silent` where there is none and before and after all turns.

    A negative number is one of a place before the first turn.
    """
    found = np.full(count + 2 * _AROUND, silent, dtype=np.float64)
    found[list(values)] = list(values.values())
    return found


def _by_turn(talk: Conversation, scores: Scores) -> dict[int, list[float]]:
    found: dict[int, list[float]] = {}
    for number, score in scores.items():
        found.setdefault(talk.sentences[number].turn, []).append(score.value)
    return found


def _lengths(talk: Conversation, features: SentenceFeatures) -> tuple[dict[int, int], dict[int, int]]:
    """Return the number of words and of questions of each turn."""
    words: dict[int, int] = {}
    asked: dict[int, int] = {}
    for s in talk.sentences:
        words[s.turn] = words.get(s.turn, 0) + len(s.words)
        asked[s.turn] = asked.get(s.turn, 0) + (s.is_marked_question or bool(features.questions_of(s)))
    return words, asked


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else UNLIKELY
