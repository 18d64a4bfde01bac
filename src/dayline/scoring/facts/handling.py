"""How the rep dealt with the customer, estimated over a whole conversation.

The text encoder says of every turn how likely it is an objection, an answered one, a need, a request or a next step.
A single turn is often too unsure to be stated; the sum over all turns of a conversation is surer, and it also counts
what is not stated. These figures have no place in the conversation: they are for scores and never for quotes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dayline.scoring.conversation import Conversation
from dayline.scoring.facts.objections import Objection
from dayline.scoring.facts.statement_model import ENDS
from dayline.scoring.facts.turn_encoder import TASKS, Read

Chances = NDArray[np.float64]

_LATE = 0.7
"""Share of the conversation after which a promise is a next step rather than a part of the talk."""
_LONGEST_REPLY = 40
"""Words of a reply that count."""
_FEW_OBJECTIONS = 0.5
"""Number of turns with an objection under which replies to them are not measured."""


@dataclass(frozen=True, slots=True)
class Handling:
    """Estimated figures over all turns of a conversation.

    Attributes:
        objecting: number of turns in which the customer objects.
        answered: number of these that the rep answers.
        reply_words: mean number of words of the replies to them; None where nothing is objected.
        pressed: number of requests right after an objection that the rep did not answer.
        needs: number of turns in which the customer tells a need before the rep names a price.
        steps: number of turns late in the conversation in which a next step is agreed.
        order, refused, left_open: probabilities of the ends.
        answered_by_turn: probability, for each turn, that the objection in it is answered.

    """

    objecting: float
    answered: float
    reply_words: float | None
    pressed: float
    needs: float
    steps: float
    order: float
    refused: float
    left_open: float
    answered_by_turn: tuple[float, ...]

    def answers(self, objection: Objection) -> float:
        """Return the probability that the rep answers an objection that is stated."""
        return self.answered_by_turn[objection.sentence.turn]

    def in_words(self) -> str:
        """Return the figures that bear on scores, as one sentence."""
        return (
            f"objections about {self.objecting:.0f}, answered about {self.answered:.0f}; needs told before a price "
            f"about {self.needs:.0f}; turns at the end with a next step about {self.steps:.0f}; an order "
            f"{self.order:.0%}, an open end {self.left_open:.0%}, a refusal {self.refused:.0%}"
        )


def handling_in(talk: Conversation, read: Read | None) -> Handling | None:
    """Return the figures of a conversation that the encoder has read, None of others."""
    if read is None:
        return None
    chances = {task: _chances(read.turns[:, place]) for place, task in enumerate(TASKS)}
    is_rep = np.array([turn.speaker == talk.rep for turn in talk.turns])
    objects = chances["objection"] * ~is_rep
    left = objects * (1 - chances["answered"])
    replies = [turn for turn in range(len(talk.turns) - 1) if is_rep[turn + 1] and not is_rep[turn]]
    priced = np.flatnonzero(is_rep & (chances["offer"] > 0.5))
    first_price = int(priced[0]) if priced.size else len(talk.turns)
    order, refused, left_open = (float(chance) for chance in _shares(read.ends))
    return Handling(
        objecting=float(objects.sum()),
        answered=float((objects - left).sum()),
        reply_words=_reply_words(talk, replies, objects),
        pressed=float(sum(left[turn] * chances["ask"][turn + 1] for turn in replies)),
        needs=float((chances["need"] * ~is_rep)[:first_price].sum()),
        steps=float(chances["step"][int(_LATE * len(talk.turns)) :].sum()),
        order=order,
        refused=refused,
        left_open=left_open,
        answered_by_turn=tuple(map(float, chances["answered"])),
    )


def _reply_words(talk: Conversation, replies: list[int], objects: Chances) -> float | None:
    weight = sum(float(objects[turn]) for turn in replies)
    if weight < _FEW_OBJECTIONS:
        return None
    words = {turn: sum(1 for token in talk.turns[turn + 1].tokens if token.raw) for turn in replies}
    return sum(float(objects[turn]) * min(words[turn], _LONGEST_REPLY) for turn in replies) / weight


def _chances(log_odds: NDArray[np.float32]) -> Chances:
    return 1 / (1 + np.exp(-np.clip(log_odds.astype(np.float64), -30, 30)))


def _shares(log_odds: NDArray[np.float32]) -> Chances:
    """Return the probabilities of ends that exclude one another, in the order of `ENDS`."""
    assert len(log_odds) == len(ENDS)
    odds = np.exp(log_odds.astype(np.float64) - float(log_odds.max()))
    return odds / odds.sum()
