"""Labelled examples of every model, computed once for all dialogues that are learned from.

No feature depends on a trained model, so the same examples teach the models of all folds.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.statements import phrases
from bench.statements.dialogues import CORPUS, REP, Dialogue, load
from bench.statements.examples import Example
from bench.statements.step_examples import step_examples
from dayline.scoring.conversation import Conversation
from dayline.scoring.facts import asks, objections, outcome
from dayline.scoring.facts.offer_features import PriceContext
from dayline.scoring.facts.sentence_features import SentenceFeatures
from dayline.scoring.facts.statement_model import OF_TURNS

_AFTER_FIT = ("visits_broad", "visits_held", "visits_next", "visits_look")
"""Whole visits that `encoder.fit` had not."""
LATER = (*_AFTER_FIT, "visits_wide")
"""Whole visits that teach requests and objections alone."""
WHOLE_VISITS = (
    *("blind", "fresh", "visits_a", "visits_b", "visits_last", "visits_week"),
    *("visits_clean", "visits_final", "visits_more"),
    *LATER,
)
EXCERPTS = "excerpts"
"""Parts of visits, dense in objections and near misses, and ends of visits: `encoder.go_on` alone learns from them."""
DENSE = "visits_dense"
"""Whole visits that `encoder.go_on` alone learns from."""
LATER_VISITS = (*_AFTER_FIT, DENSE)
"""Whole visits that `encoder.go_on` learns from and `encoder.fit` did not."""
SPLITS = ("dev", "build", "written", *WHOLE_VISITS)
HANDS = (
    *("blind", "fresh", "visits-a", "visits-b", "visits-week", "visits-clean", "visits-final-0", "visits-final-1"),
    *("visits-more-1", "visits-more-2", "visits-more-3"),
    *("visits-wide-1", "visits-wide-2", "visits-wide-3", "visits-wide-4", "visits-wide-5"),
    *("visits-broad-1", "visits-broad-2", "visits-held-0", "visits-held-1", "visits-next-0", "visits-next-1"),
    *("visits-look-0", "visits-look-1"),
)
"""Who wrote the whole visits: the hands of `OF_TWELVE` wrote twelve each, all others are told by the ids."""
OF_TWELVE = ("visits-final", "visits-held", "visits-next", "visits-look")
MADE = ("phrases", "exchanges")
OBJECTIONS = "objections"
"""Dialogues of the corpus of which only the objections are labelled."""
OTHERS, OTHER_FILES = 110, ("others", "others_b", "others_e_train")
GOALS = {"order": {"order"}, "refused": {"refused"}, "open": {"follow_up", "appointment"}}
"""Endings of a talk, and the labels of `outcome` that mean them."""
_TURNS_OF = {"order": "accepted", "refused": "declined"}


@dataclass(frozen=True, slots=True)
class Labelled:
    """Dialogues and their examples by task: "ask", "objection", "offer", "step", one of `GOALS` or of `OF_TURNS`."""

    dialogues: list[Dialogue]
    examples: dict[str, list[Example]]
    talks: dict[int, tuple[Conversation, SentenceFeatures]]
    """The dialogues of `SPLITS` by their number, as the analyst reads them."""


def labelled(without: Sequence[str] = ()) -> Labelled:
    """Return the examples of everything that is learned from, except the splits `without`."""
    known = [*dialogues(without), *load([OBJECTIONS])[0]]
    found: dict[str, list[Example]] = {task: [] for task in ("ask", "objection", *GOALS, "offer", *OF_TURNS)}
    talks: dict[int, tuple[Conversation, SentenceFeatures]] = {}
    for number, dialogue in enumerate(known):
        talk = Conversation(dialogue.transcript(), REP)
        features = SentenceFeatures(talk)
        of_objections = _sentences(number, dialogue, features, talk, "objection")
        found["objection"] += of_objections
        if dialogue.split == OBJECTIONS:
            continue
        of_asks = _sentences(number, dialogue, features, talk, "ask")
        found["ask"] += of_asks
        if dialogue.split in SPLITS:
            talks[number] = talk, features
            for name in OF_TURNS:
                task, _, place = name.partition("_")
                own = of_asks if task == "ask" else of_objections
                found[name] += _turns(number, features, turn_labels(talk, own, task), place)
        if dialogue.split not in MADE:
            for goal in GOALS:
                found[goal] += _endings(number, dialogue, features, talk, goal)
        if dialogue.split in SPLITS:
            found["offer"] += _amounts(number, dialogue, features, talk)
    found["step"] = step_examples([d for d in known if d.split != OBJECTIONS])
    return Labelled(known, found, talks)


def hand_of(dialogue: Dialogue) -> str | None:
    """Return which of `HANDS` wrote a whole visit, None for other dialogues."""
    if dialogue.split not in WHOLE_VISITS:
        return None
    name, _, number = dialogue.id.rpartition("-")
    return f"{name}-{(int(number) - 1) // 12}" if name in OF_TWELVE else name


def dialogues(without: Iterable[str] = ()) -> list[Dialogue]:
    """Return all dialogues that are learned from, except the splits `without` and those of objections."""
    left_out = set(without)
    found, missing = load([split for split in SPLITS if split not in left_out])
    if missing:
        raise SystemExit(f"not in the corpus: {', '.join(missing)}")
    made = [Dialogue(row["id"], "phrases", row, row["turns"], "") for row in phrases.exchanges()]
    made += [Dialogue(row["id"], "exchanges", row, row["turns"], "") for row in phrases.said_exchanges()]
    rows = [json.loads(line) for name in OTHER_FILES for line in (CORPUS / f"{name}.jsonl").open(encoding="utf-8")]
    random.Random(3).shuffle(rows)
    none: dict[str, list[int]] = {"asks": [], "ok_asks": [], "objections": [], "ok_objections": []}
    return [*found, *made, *(Dialogue(r["id"], "others", none, r["turns"], "") for r in rows[:OTHERS])]


def _sentences(
    number: int, dialogue: Dialogue, features: SentenceFeatures, talk: Conversation, task: str
) -> list[Example]:
    """Return the sentences of the rep (task "ask") or of the customer ("objection").

    The rules were written with the split dev in sight, so there they are no features.
    """
    found: list[Example] = []
    labels = dialogue.labels
    kinds = dict.fromkeys(labels["asks"], ()) if task == "ask" else _kinds(labels["objections"])
    allowed = set(labels["ok_asks" if task == "ask" else "ok_objections"])
    for sentence in talk.sentences:
        if sentence.is_rep is not (task == "ask"):
            continue
        turn = sentence.tokens[0].utterance
        label = 1 if turn in kinds else None if turn in allowed else 0
        names = features.of(sentence)
        if dialogue.split in MADE:  # an exchange is no whole talk: its length and its end say nothing
            names = [name for name in names if not name.startswith(("size:", "x:left"))]
        if dialogue.split != "dev":
            rules = asks.rule_features(sentence) if task == "ask" else objections.rule_features(talk, sentence)
            names = [*names, *rules]
        found.append(Example(number, turn, label, kinds.get(turn, ()), names))
    return found


def _turns(number: int, features: SentenceFeatures, labels: Mapping[int, int | None], place: str) -> list[Example]:
    """Return the turns of one side with the words of the turn at `place` (one of `PLACES`) beside them."""
    shift = {"own": 0, "before": -1, "after": 1}[place]
    return [Example(number, turn, labels[turn], (), features.turn_features(turn + shift)) for turn in sorted(labels)]


def sentences_of(talk: Conversation, task: str) -> list[int]:
    """Return the numbers of the sentences that may hold a request ("ask") or an objection, in order."""
    return [s.number for s in talk.sentences if s.is_rep is (task == "ask")]


def turn_labels(talk: Conversation, examples: Sequence[Example], task: str) -> dict[int, int | None]:
    """Return the labels of the turns by those of their sentences."""
    found: dict[int, list[int | None]] = defaultdict(list)
    for number, example in zip(sentences_of(talk, task), examples, strict=True):
        found[talk.sentences[number].turn].append(example.label)
    return {turn: 1 if 1 in said else None if None in said else 0 for turn, said in found.items()}


def _kinds(labels: list[Any]) -> dict[int, tuple[str, ...]]:
    return {int(turn): tuple(kinds.split("|")) for turn, kinds in labels}


def _endings(
    number: int, dialogue: Dialogue, features: SentenceFeatures, talk: Conversation, goal: str
) -> list[Example]:
    """Return the customer's later sentences, labelled by whether one ends the talk in `goal` (one of `GOALS`).

    Where the turn is not labelled, all sentences stand for one label (turn -1): the clearest is found in learning.
    """
    found: list[Example] = []
    outcomes = dialogue.labels.get("outcome", [])
    wanted = GOALS[goal]
    holds = not wanted.isdisjoint(outcomes)
    turns = dialogue.labels.get(_TURNS_OF.get(goal, ""), [])
    for sentence in talk.customer_sentences:
        if talk.share_at(sentence.start_seconds) < outcome.EARLIEST_SHARE:
            continue
        turn = sentence.tokens[0].utterance
        label: int | None = 1 if turn in turns else int(holds)
        if turns and turn not in turns:  # what follows an order or a refusal may be another one
            label = None if min(turns) - 1 <= turn <= max(turns) + 4 else 0
        if holds and not wanted.issuperset(outcomes):
            label = None
        names = [*features.of(sentence), *outcome.rule_features(talk, sentence)]
        found.append(Example(number, turn if turns else -1, label, (), names))
    return found


def _amounts(number: int, dialogue: Dialogue, features: SentenceFeatures, talk: Conversation) -> list[Example]:
    """Return the amounts of the rep, labelled by whether they are prices offered in the talk."""
    context = PriceContext(talk, features)
    wanted = {float(amount) for _, amount in dialogue.labels["offers"]}
    allowed = {float(amount) for _, amount in dialogue.labels.get("ok_offers", ())}
    found: list[Example] = []
    for sentence, amount in context.candidates():
        label = 1 if amount.value in wanted else None if amount.value in allowed else 0
        found.append(Example(number, sentence.number, label, (), context.features_of(sentence, amount)))
    return found
