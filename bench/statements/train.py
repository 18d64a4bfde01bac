"""Train the models of requests, objections, next steps, endings and prices: `python -m bench.statements.train`.

Inputs are the labelled dialogues of `SPLITS`, exchanges made from `phrases.txt`, sentences of `step_sentences.jsonl`,
and talk that is no sale (every sentence of it is neither). The splits held_out, check and unseen are never read. The
hashes of all inputs are written to `models/ORIGIN.json`. The same inputs on the same libraries give the same bytes.
`--folds 3` prints precision and recall of models that have not seen the dialogue they judge, and writes nothing.
`--without fresh --out FOLDER` leaves whole parts out, for `python -m bench.statements --models FOLDER --splits fresh`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.statements import phrases
from bench.statements.dialogues import CORPUS, HERE, OWN_TEXT, REP, Dialogue, load
from bench.statements.examples import Example, Matrix, Vector, bytes_of, save
from bench.statements.outcome_examples import figures_of, learn_outcomes, unseen_scores
from bench.statements.step_examples import FILE as STEP_SENTENCES
from bench.statements.step_examples import step_examples
from dayline.scoring.conversation import Conversation
from dayline.scoring.facts import asks, objections, outcome
from dayline.scoring.facts.offer_features import PriceContext
from dayline.scoring.facts.sentence_features import SentenceFeatures
from dayline.scoring.facts.statement_model import ENDS, KINDS

MODELS = Path(__file__).parents[2] / "src" / "dayline" / "scoring" / "facts" / "models"
SPLITS = ("dev", "build", "written", "blind", "fresh", "visits_a", "visits_b")
WEIGHTS = {"phrases": 0.4, "exchanges": 0.8}
WHOLE_VISITS = ("blind", "fresh", "visits_a", "visits_b")
WEIGHT_OF_ASKS = 3.0
"""Weight of whole visits for requests: they are what is to be judged, and are few."""
MADE = ("phrases", "exchanges")
NEWER = ("fresh", "visits_a", "visits_b")
"""Parts that the endings do not learn from."""
OBJECTIONS = "objections"
"""Dialogues of the corpus of which only the objections are labelled."""
WEIGHT_OF_OTHERS = 0.5
OF_OBJECTIONS = {"whole": 2.0, "others": 0.1, "penalty": 10.0}
"""Weights of whole visits and of talk that is no sale, and the penalty, for objections (`LOG.md`)."""
OTHERS, OTHER_FILES = 110, ("others", "others_b", "others_e_train")
LEAST_AMOUNTS = 2
LEAST_SENTENCES, PENALTY, POSITIVE_WEIGHT, ROUNDS = 3, 5.0, 2.0, 2
SMALLEST_WEIGHT = 0.02
GOALS = {"order": {"order"}, "refused": {"refused"}, "open": {"follow_up", "appointment"}}
"""Endings of a talk, and the labels of `outcome` that mean them."""
OUTCOME_FOLDS = 3
ENDINGS = {"accept": "order", "decline": "refused", "left_open": "open"}
TURNS_OF = {"order": "accepted", "refused": "declined"}
Table = NDArray[Any]


def dialogues(without: Sequence[str] = ()) -> list[Dialogue]:
    """Return everything that is learned from, except the splits `without`."""
    found, missing = load([split for split in SPLITS if split not in without])
    if missing:
        raise SystemExit(f"not in the corpus: {', '.join(missing)}")
    made = [Dialogue(row["id"], "phrases", row, row["turns"], "") for row in phrases.exchanges()]
    made += [Dialogue(row["id"], "exchanges", row, row["turns"], "") for row in phrases.said_exchanges()]
    rows = [json.loads(line) for name in OTHER_FILES for line in (CORPUS / f"{name}.jsonl").open(encoding="utf-8")]
    random.Random(3).shuffle(rows)
    none: dict[str, list[int]] = {"asks": [], "ok_asks": [], "objections": [], "ok_objections": []}
    return [*found, *made, *(Dialogue(r["id"], "others", none, r["turns"], "") for r in rows[:OTHERS])]


def examples_of(dialogues: list[Dialogue], task: str) -> list[Example]:
    """Return the sentences of the rep (task "ask") or of the customer ("objection").

    The rules were written with the split dev in sight, so there they are no features.
    """
    found: list[Example] = []
    for number, dialogue in enumerate(dialogues):
        talk = Conversation(dialogue.transcript(), REP)
        features = SentenceFeatures(talk)
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


def ending_examples(dialogues: list[Dialogue], goal: str) -> list[Example]:
    """Return the customer's later sentences, labelled by whether one ends the talk in `goal` (one of `GOALS`).

    Where the turn is not labelled, all sentences stand for one label (turn -1): the clearest is found in learning.
    """
    found: list[Example] = []
    for number, dialogue in enumerate(dialogues):
        if dialogue.split in MADE:
            continue
        talk = Conversation(dialogue.transcript(), REP)
        features = SentenceFeatures(talk)
        outcomes = dialogue.labels.get("outcome", [])
        wanted = GOALS[goal]
        holds = not wanted.isdisjoint(outcomes)
        turns = dialogue.labels.get(TURNS_OF.get(goal, ""), [])
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


def offer_examples(dialogues: list[Dialogue]) -> list[Example]:
    """Return the amounts of the rep, labelled by whether they are prices offered in the talk."""
    found: list[Example] = []
    for number, dialogue in enumerate(dialogues):
        if dialogue.split not in SPLITS:
            continue
        talk = Conversation(dialogue.transcript(), REP)
        context = PriceContext(talk, SentenceFeatures(talk))
        wanted = {float(amount) for _, amount in dialogue.labels["offers"]}
        allowed = {float(amount) for _, amount in dialogue.labels.get("ok_offers", ())}
        for sentence, amount in context.candidates():
            label = 1 if amount.value in wanted else None if amount.value in allowed else 0
            features = context.features_of(sentence, amount)
            found.append(Example(number, sentence.number, label, (), features))
    return found


def learn_offers(dialogues: list[Dialogue]) -> tuple[list[str], Vector, float]:
    """Return features, weights and bias that tell prices offered from other amounts."""
    known = [e for e in offer_examples(dialogues) if e.label is not None]
    names = names_of(known, LEAST_AMOUNTS)
    wanted = np.array([float(e.label or 0) for e in known])
    return names, *fit(Matrix([e.features for e in known], names), wanted, np.ones(len(known)))


def learn_steps(dialogues: list[Dialogue]) -> tuple[list[str], Vector, float]:
    """Return features, weights and bias that tell next steps from other promises and days."""
    known = [e for e in step_examples(dialogues) if e.label is not None]
    names = names_of(known)
    wanted = np.array([float(e.label or 0) for e in known])
    return names, *fit(Matrix([e.features for e in known], names), wanted, np.ones(len(known)), 250)


def outcome_model(everything: list[Dialogue]) -> dict[str, Table]:
    """Return the parts of the model of the outcome of whole conversations."""
    splits = [d.split for d in everything]
    fold = {n: k for n, k in _folds(everything, OUTCOME_FOLDS).items() if splits[n] not in NEWER}
    fold |= {n: OUTCOME_FOLDS for n, split in enumerate(splits) if split == "others"}  # learned from, never judged
    scores = [
        unseen_scores(ending_examples(everything, goal), fold, OUTCOME_FOLDS, lambda known: learn(known, splits))
        for goal in ENDS
    ]
    own = [n for n, split in enumerate(splits) if split in SPLITS]
    rows = [figures_of(everything[n], [s.get(n, []) for s in scores]) for n in own]
    labels = [frozenset(everything[n].labels["outcome"]) for n in own]
    return learn_outcomes(np.array(rows), labels, GOALS)


def _kinds(labels: list[Any]) -> dict[int, tuple[str, ...]]:
    return {int(turn): tuple(kinds.split("|")) for turn, kinds in labels}


def fit(
    matrix: Matrix, wanted: Vector, weights: Vector, steps: int = 150, penalty: float = PENALTY
) -> tuple[Vector, float]:
    """Return weights and bias of a logistic regression, by Nesterov's accelerated gradient (1983)."""
    vector = np.ones(matrix.shape[1]) / np.sqrt(matrix.shape[1])
    size = 1.0
    for _ in range(12):  # power iteration: the largest curvature bounds the step
        vector = matrix.transposed_times(weights * matrix.times(vector))
        size = float(np.linalg.norm(vector))
        vector /= size
    step = 1.0 / (0.25 * size * 1.3 + penalty + 0.25 * float(weights.sum()))
    here, bias, momentum = np.zeros(matrix.shape[1]), 0.0, 1.0
    ahead, ahead_bias = here.copy(), 0.0
    for _ in range(steps):
        error = weights * (1.0 / (1.0 + np.exp(-(matrix.times(ahead) + ahead_bias))) - wanted)
        new = ahead - step * (matrix.transposed_times(error) + penalty * ahead)
        new_bias = ahead_bias - step * float(error.sum())
        following = (1.0 + np.sqrt(1.0 + 4.0 * momentum * momentum)) / 2.0
        ahead = new + (momentum - 1.0) / following * (new - here)
        ahead_bias = new_bias + (momentum - 1.0) / following * (new_bias - bias)
        here, bias, momentum = new, new_bias, following
    return here, bias


def _weight(split: str, whole: float, others: float) -> float:
    if split in WHOLE_VISITS:
        return whole
    return others if split == "others" else WEIGHTS.get(split, 1.0)


def _older(examples: list[Example], splits: list[str]) -> list[Example]:
    return [e for e in examples if splits[e.dialogue] not in NEWER]


def names_of(examples: list[Example], least: int = LEAST_SENTENCES) -> list[str]:
    """Return the features that enough sentences have, in alphabetical order."""
    count = Counter(name for e in examples for name in e.features)
    return sorted(name for name, n in count.items() if n >= least)


def learn(
    examples: list[Example],
    splits: list[str],
    whole: float = 1.0,
    others: float = WEIGHT_OF_OTHERS,
    penalty: float = PENALTY,
) -> tuple[list[str], Vector, float]:
    """Return features, weights and bias that tell labelled sentences from others.

    whole, others: weights of the sentences of whole visits and of talk that is no sale.

    A label belongs to a turn. Of its sentences the one that scores highest is taken for the labelled one, in rounds.
    """
    known = [e for e in examples if e.label is not None]
    names = names_of(known)
    matrix = Matrix([e.features for e in known], names)
    wanted = np.array([float(e.label or 0) for e in known])
    base = np.array([_weight(splits[e.dialogue], whole, others) for e in known])
    turns: dict[tuple[int, int], list[int]] = defaultdict(list)
    for place, example in enumerate(known):
        if example.label:
            turns[example.dialogue, example.turn].append(place)
    weights = base.copy()
    for places in turns.values():
        weights[places] = base[places] * POSITIVE_WEIGHT / len(places)
    for _ in range(ROUNDS):
        found, bias = fit(matrix, wanted, weights, 80, penalty)
        scores = matrix.times(found) + bias
        for places in turns.values():
            best = max(places, key=lambda place: scores[place])
            weights[places] = 0.0
            weights[best] = base[best] * POSITIVE_WEIGHT
    return names, *fit(matrix, wanted, weights, penalty=penalty)


def _learn_of(task: str, examples: list[Example], splits: list[str]) -> tuple[list[str], Vector, float]:
    return learn(examples, splits, WEIGHT_OF_ASKS) if task == "ask" else learn(examples, splits, **OF_OBJECTIONS)


def learn_kinds(examples: list[Example], splits: list[str]) -> tuple[list[str], Table, Vector]:
    """Return features, weights and biases of one regression per kind, over the labelled objections."""
    known = [e for e in examples if e.label and e.kinds]
    names = names_of(known)
    matrix = Matrix([e.features for e in known], names)
    base = np.array([_weight(splits[e.dialogue], 1.0, WEIGHT_OF_OTHERS) for e in known])
    pairs = [fit(matrix, np.array([float(kind in e.kinds) for e in known]), base) for kind in KINDS]
    return names, np.stack([w for w, _ in pairs], axis=1), np.array([b for _, b in pairs])


def cross_validate(folds: int) -> None:
    """Print precision and recall per turn at several thresholds, of models that have not seen the dialogue's trade."""
    everything = dialogues()
    splits = [d.split for d in everything]
    fold = _folds(everything, folds)
    for task in ("ask", "objection"):
        examples = examples_of(everything, task)
        best: dict[tuple[int, int], float] = {}
        for k in range(folds):
            seen = [e for e in examples if fold.get(e.dialogue) != k]
            names, weights, bias = _learn_of(task, seen, splits)
            tested = [e for e in examples if fold.get(e.dialogue) == k and e.label is not None]
            scores = Matrix([e.features for e in tested], names).times(weights) + bias
            for e, score in zip(tested, scores, strict=True):
                key = (e.dialogue, e.turn)
                best[key] = max(best.get(key, -99.0), float(score))
        wanted = {(e.dialogue, e.turn) for e in examples if e.label}
        for split in SPLITS:
            keys = [key for key in best if splits[key[0]] == split]
            for least in (-0.5, 0.0, 0.5, 1.0, 1.5, 2.0):
                said = [key for key in keys if best[key] >= least]
                right = sum(key in wanted for key in said)
                whole = sum(key in wanted for key in keys)
                print(f"{task} {split} from {least}: right {right} of {len(said)}, recall {right} of {whole}")


def cross_validate_endings(folds: int) -> None:
    """Print how many orders and refusals the models find in dialogues of trades that they have not seen."""
    everything = dialogues()
    splits = [d.split for d in everything]
    fold = _folds(everything, folds)
    for goal, meant in GOALS.items():
        examples = _older(ending_examples(everything, goal), splits)
        best: dict[int, float] = {}
        for k in range(folds):
            names, weights, bias = learn([e for e in examples if fold.get(e.dialogue) != k], splits)
            tested = [e for e in examples if fold.get(e.dialogue) == k]
            scores = Matrix([e.features for e in tested], names).times(weights) + bias
            for e, score in zip(tested, scores, strict=True):
                best[e.dialogue] = max(best.get(e.dialogue, -99.0), float(score))
        for split in SPLITS:
            numbers = [n for n in best if splits[n] == split]
            whole = sum(not meant.isdisjoint(everything[n].labels["outcome"]) for n in numbers)
            for least in (-0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 2.5):
                said = [n for n in numbers if best[n] >= least]
                right = sum(not meant.isdisjoint(everything[n].labels["outcome"]) for n in said)
                print(f"{goal} {split} from {least}: right {right} of {len(said)}, recall {right} of {whole}")


def _folds(everything: Sequence[Dialogue], folds: int) -> dict[int, int]:
    """Return the fold of each dialogue of `SPLITS` by its number; one trade is in one fold."""
    own = [i for i, d in enumerate(everything) if d.split in SPLITS]
    trades = sorted({_trade(everything[i]) for i in own})
    random.Random(1).shuffle(trades)
    return {number: trades.index(_trade(everything[number])) % folds for number in own}


def _trade(dialogue: Dialogue) -> str:
    """Return what a dialogue sells, or its id where that is not written down: folds share no trade."""
    return str(dialogue.labels.get("trade") or dialogue.id)


def write(folder: Path, without: Sequence[str] = ()) -> None:
    """Train on everything but the splits `without` and write the model with the hashes of its inputs."""
    everything = dialogues(without)
    splits = [d.split for d in everything]
    arrays: dict[str, Table] = {}
    more = load([OBJECTIONS])[0]
    for task in ("ask", "objection"):
        examples = examples_of(everything if task == "ask" else [*everything, *more], task)
        names, weights, bias = _learn_of(task, examples, [*splits, *(d.split for d in more)])
        kept = [i for i, w in enumerate(weights) if abs(w) >= SMALLEST_WEIGHT]
        arrays[f"{task}_names"] = bytes_of(names[i] for i in kept)
        arrays[f"{task}_weights"] = np.round(weights[kept], 3).astype(np.float32)
        arrays[f"{task}_bias"] = np.round(np.array([bias]), 3).astype(np.float32)
        if task == "objection":
            names, table, biases = learn_kinds(examples, [*splits, *(d.split for d in more)])
            kept = [i for i, row in enumerate(table) if np.abs(row).max() >= SMALLEST_WEIGHT]
            arrays["kind_names"] = bytes_of(names[i] for i in kept)
            arrays["kind_weights"] = np.round(table[kept], 2).astype(np.float32)
            arrays["kind_bias"] = np.round(biases, 2).astype(np.float32)
    endings = {name: _older(ending_examples(everything, goal), splits) for name, goal in ENDINGS.items()}
    learned = {name: learn(examples, splits) for name, examples in endings.items()}
    learned["offer"] = learn_offers(everything)
    learned["step"] = learn_steps(everything)
    for part, table in outcome_model(everything).items():
        arrays[f"outcome_{part}"] = np.round(table, 4)
    for task, (names, weights, bias) in learned.items():
        kept = [i for i, w in enumerate(weights) if abs(w) >= SMALLEST_WEIGHT]
        arrays[f"{task}_names"] = bytes_of(names[i] for i in kept)
        arrays[f"{task}_weights"] = np.round(weights[kept], 3).astype(np.float32)
        arrays[f"{task}_bias"] = np.round(np.array([bias]), 3).astype(np.float32)
    folder.mkdir(parents=True, exist_ok=True)
    save(folder / "statements.npz", arrays)
    origin = {"inputs": input_hashes(), "model": _hash(folder / "statements.npz")}
    (folder / "ORIGIN.json").write_text(json.dumps(origin, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(json.dumps({name: list(array.shape) for name, array in arrays.items()}))


def input_hashes() -> dict[str, str]:
    """Return the SHA-256 of every file of labels and phrases, and of the words of all dialogues."""
    own = [HERE / f"{split}.jsonl" if split in OWN_TEXT else HERE / f"labels_{split}.jsonl" for split in SPLITS]
    labels = (*own, HERE / f"labels_{OBJECTIONS}.jsonl", phrases.FILE, phrases.EXCHANGES, STEP_SENTENCES)
    spoken = "".join(json.dumps([d.id, d.turns]) for d in [*dialogues(), *load([OBJECTIONS])[0]])
    return {**{path.name: _hash(path) for path in labels}, "dialogues": hashlib.sha256(spoken.encode()).hexdigest()}


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.statements.train", description=__doc__)
    parser.add_argument("--folds", type=int, default=0)
    parser.add_argument("--out", type=Path, default=MODELS)
    parser.add_argument("--without", nargs="+", default=[], choices=SPLITS)
    options = parser.parse_args()
    if options.folds:
        cross_validate(options.folds)
        cross_validate_endings(options.folds)
    else:
        write(options.out, options.without)
