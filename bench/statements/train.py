"""Train the models of requests, objections, next steps, endings and prices: `python -m bench.statements.train`.

Inputs are the labelled dialogues of `SPLITS`, exchanges made from `phrases.txt`, sentences of `step_sentences.jsonl`,
and talk that is no sale (every sentence of it is neither). The splits held_out, check and unseen are never read. The
hashes of all inputs are written to `models/ORIGIN.json`. The same inputs on the same libraries give the same bytes.
`--without fresh --out FOLDER` leaves whole parts out, for `python -m bench.statements --models FOLDER --splits fresh`.
`python -m bench.statements.folds` measures whole visits by models that have not seen the hand that wrote them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from bench.statements import phrases
from bench.statements.context_examples import learn_contexts
from bench.statements.dialogues import HERE, OWN_TEXT, Dialogue, load
from bench.statements.examples import Example, Matrix, Table, Vector, bytes_of, save
from bench.statements.labelled import (
    GOALS,
    HANDS,
    LATER,
    OBJECTIONS,
    SPLITS,
    WHOLE_VISITS,
    Labelled,
    dialogues,
    hand_of,
    labelled,
)
from bench.statements.outcome_examples import figures_of, learn_outcomes, unseen_scores
from bench.statements.step_examples import FILE as STEP_SENTENCES
from dayline.scoring.facts.ngrams import name_of
from dayline.scoring.facts.outcome_decision import told_features
from dayline.scoring.facts.statement_model import ENDS, KINDS, OF_TURNS

MODELS = Path(__file__).parents[2] / "src" / "dayline" / "scoring" / "facts" / "models"
WEIGHTS = {"phrases": 0.4, "exchanges": 0.8}
WHOLE = 0.28
"""What a sentence of a whole visit weighs of the weights below for requests and objections, which learn from 515
visits: short talk is not to be outweighed."""
OF_ASKS = {"whole": 6.0 * WHOLE, "others": 0.2, "penalty": 20.0}
OF_OBJECTIONS = {"whole": 4.0 * WHOLE, "others": 0.1, "penalty": 40.0}
"""Weights of whole visits and of talk that is no sale, and the penalty (`LOG.md`)."""
OF_WHOLE_TURNS = {"whole": 4.0 * WHOLE, "penalty": 20.0}
OF_TOLD = {"others": 0.4, "penalty": 20.0}
LEAST_DIALOGUES, SMALLEST_TOLD = 4, 0.01
WEIGHT_OF_OTHERS = 0.5
LEAST_AMOUNTS = 2
LEAST_SENTENCES, PENALTY, POSITIVE_WEIGHT, ROUNDS = 3, 5.0, 2.0, 2
SMALLEST_WEIGHT = 0.02
OUTCOME_FOLDS, CONTEXT_FOLDS = 3, 4
ENDINGS = {"accept": "order", "decline": "refused", "left_open": "open"}
Linear = tuple[list[str], Vector, float]


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


def _learn_of(task: str, examples: list[Example], splits: list[str]) -> Linear:
    return learn(examples, splits, **(OF_ASKS if task == "ask" else OF_OBJECTIONS))


def _learn_turns(examples: list[Example], splits: list[str]) -> Linear:
    """Return features, weights and bias of a regression over labelled turns."""
    known = [e for e in examples if e.label is not None]
    names = names_of(known)
    weights = np.array([_weight(splits[e.dialogue], OF_WHOLE_TURNS["whole"], WEIGHT_OF_OTHERS) for e in known])
    wanted = np.array([float(e.label or 0) for e in known])
    return names, *fit(Matrix([e.features for e in known], names), wanted, weights, penalty=OF_WHOLE_TURNS["penalty"])


def _simple(examples: list[Example], least: int = LEAST_SENTENCES, steps: int = 150) -> Linear:
    """Return features, weights and bias of a regression over labelled examples that all count alike."""
    known = [e for e in examples if e.label is not None]
    names = names_of(known, least)
    wanted = np.array([float(e.label or 0) for e in known])
    return names, *fit(Matrix([e.features for e in known], names), wanted, np.ones(len(known)), steps)


def learn_kinds(examples: list[Example], splits: list[str]) -> tuple[list[str], Table, Vector]:
    """Return features, weights and biases of one regression per kind, over the labelled objections."""
    known = [e for e in examples if e.label and e.kinds]
    names = names_of(known)
    matrix = Matrix([e.features for e in known], names)
    base = np.array([_weight(splits[e.dialogue], 1.0, WEIGHT_OF_OTHERS) for e in known])
    pairs = [fit(matrix, np.array([float(kind in e.kinds) for e in known]), base) for kind in KINDS]
    return names, np.stack([w for w, _ in pairs], axis=1), np.array([b for _, b in pairs])


def folds_of(everything: Sequence[Dialogue], folds: int) -> dict[int, int]:
    """Return the fold of each dialogue of `SPLITS` by its number.

    All whole visits that one hand wrote are in one fold, and so are all other dialogues of one trade.
    """
    own = [i for i, d in enumerate(everything) if d.split in SPLITS]
    trades = sorted({_trade(everything[i]) for i in own if everything[i].split not in WHOLE_VISITS})
    random.Random(1).shuffle(trades)
    place = {trade: n for n, trade in enumerate(trades)} | {hand: n for n, hand in enumerate(HANDS)}
    return {number: place[hand_of(everything[number]) or _trade(everything[number])] % folds for number in own}


def _trade(dialogue: Dialogue) -> str:
    """Return what a dialogue sells, or its id where that is not written down."""
    return str(dialogue.labels.get("trade") or dialogue.id)


def learned(inputs: Labelled, left_out: Collection[int] = ()) -> dict[str, Table]:
    """Return the arrays of all models, learned from everything but the dialogues with the numbers `left_out`.

    What is learned of kinds, prices, next steps and ends gets worse for short talk by the visits `LATER` and little
    better for long talk: they teach requests and objections alone.
    """
    out = frozenset(left_out)
    splits = [d.split for d in inputs.dialogues]
    examples = {task: [e for e in rows if e.dialogue not in out] for task, rows in inputs.examples.items()}
    seen = Labelled(inputs.dialogues, examples, {n: talk for n, talk in inputs.talks.items() if n not in out})
    first = {task: [e for e in rows if splits[e.dialogue] not in LATER] for task, rows in examples.items()}
    earlier = {n: talk for n, talk in seen.talks.items() if splits[n] not in LATER}
    of_ends = Labelled(inputs.dialogues, first, earlier)
    arrays: dict[str, Table] = {}
    for task in ("ask", "objection"):
        arrays |= _as_arrays(task, _learn_of(task, examples[task], splits))
    names, table, biases = learn_kinds(first["objection"], splits)
    kept = [i for i, row in enumerate(table) if np.abs(row).max() >= SMALLEST_WEIGHT]
    arrays["kind_names"] = bytes_of(names[i] for i in kept)
    arrays["kind_weights"] = np.round(table[kept], 2).astype(np.float32)
    arrays["kind_bias"] = np.round(biases, 2).astype(np.float32)
    for name, goal in ENDINGS.items():
        arrays |= _as_arrays(name, learn(first[goal], splits))
    for name in OF_TURNS:
        arrays |= _as_arrays(name, _learn_turns(examples[name], splits))
    arrays |= _as_arrays("offer", _simple(first["offer"], LEAST_AMOUNTS))
    arrays |= _as_arrays("step", _simple(first["step"], steps=250))
    arrays |= _context_model(seen, splits)
    arrays |= _told_models(of_ends)
    arrays |= {f"outcome_{part}": np.round(rows, 4) for part, rows in _outcome_model(of_ends, splits).items()}
    return arrays


def _as_arrays(name: str, model: Linear, smallest: float = SMALLEST_WEIGHT) -> dict[str, Table]:
    names, weights, bias = model
    kept = [i for i, w in enumerate(weights) if abs(w) >= smallest]
    return {
        f"{name}_names": bytes_of(names[i] for i in kept),
        f"{name}_weights": np.round(weights[kept], 3).astype(np.float32),
        f"{name}_bias": np.round(np.array([bias]), 3).astype(np.float32),
    }


def _context_model(seen: Labelled, splits: list[str]) -> dict[str, Table]:
    """Return the forests of requests and objections in turns."""
    fold = {n: k for n, k in folds_of(seen.dialogues, CONTEXT_FOLDS).items() if n in seen.talks}
    always = {n: CONTEXT_FOLDS for n in range(len(splits)) if splits[n] not in SPLITS}  # learned from, never judged
    scores: Mapping[str, Mapping[int, Sequence[float]]] = {
        task: unseen_scores(
            seen.examples[task], fold | always, CONTEXT_FOLDS, lambda known, task=task: _learn_of(task, known, splits)
        )
        for task in ("ask", "objection")
    } | {
        name: unseen_scores(seen.examples[name], fold, CONTEXT_FOLDS, lambda known: _learn_turns(known, splits))
        for name in OF_TURNS
    }
    return learn_contexts(seen, sorted(seen.talks), scores)


def _told_models(seen: Labelled) -> dict[str, Table]:
    """Return the models of the end of a conversation by the words of its second half; doubtful ends are left out."""
    heard = {n: talk for n, talk in sorted(seen.talks.items()) if seen.dialogues[n].labels["outcome"]}
    rows = {n: [name_of(run) for run in told_features(*talk)] for n, talk in heard.items()}
    arrays: dict[str, Table] = {}
    for end in ENDS:
        examples: list[Example] = []
        weights: list[float] = []
        for n, names in rows.items():
            labels = set(seen.dialogues[n].labels["outcome"])
            if labels & GOALS[end] and labels - GOALS[end]:
                continue
            examples.append(Example(n, -1, int(bool(labels & GOALS[end])), (), names))
            weights.append(1.0 if seen.dialogues[n].split in WHOLE_VISITS else OF_TOLD["others"])
        names = names_of(examples, LEAST_DIALOGUES)
        wanted = np.array([float(e.label or 0) for e in examples])
        matrix = Matrix([e.features for e in examples], names)
        found, bias = fit(matrix, wanted, np.array(weights), 100, OF_TOLD["penalty"])
        arrays |= _as_arrays(f"told_{end}", (names, found, bias), SMALLEST_TOLD)
    return arrays


def _outcome_model(seen: Labelled, splits: list[str]) -> dict[str, Table]:
    """Return the parts of the model of the outcome of whole conversations."""
    fold = {n: k for n, k in folds_of(seen.dialogues, OUTCOME_FOLDS).items() if n in seen.talks}
    always = {n: OUTCOME_FOLDS for n, split in enumerate(splits) if split == "others"}  # learned from, never judged
    scores = [
        unseen_scores(seen.examples[goal], fold | always, OUTCOME_FOLDS, lambda known: learn(known, splits))
        for goal in ENDS
    ]
    own = sorted(seen.talks)
    rows = [figures_of(seen.dialogues[n], seen.talks[n], [s.get(n, []) for s in scores]) for n in own]
    labels = [frozenset(seen.dialogues[n].labels["outcome"]) for n in own]
    return learn_outcomes(np.array(rows), labels, GOALS)


def write(folder: Path, without: Sequence[str] = ()) -> None:
    """Train on everything but the splits `without` and write the model with the hashes of its inputs."""
    with threadpool_limits(1):  # sums in one order, so that the bytes do not depend on the number of processors
        arrays = learned(labelled(without))
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
    parser.add_argument("--out", type=Path, default=MODELS)
    parser.add_argument("--without", nargs="+", default=[], choices=SPLITS)
    options = parser.parse_args()
    write(options.out, options.without)
