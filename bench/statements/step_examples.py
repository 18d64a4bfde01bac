"""Candidates of next steps with their labels, to teach the model that keeps or drops them.

Where a dialogue has the label `steps`, a candidate is one if its turn is labelled. For other dialogues
`step_sentences.jsonl` labels single sentences: `{"id", "turn", "said", "step"}`.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from bench.statements.dialogues import REP, Dialogue, read_lines
from bench.statements.examples import Example
from dayline.scoring.conversation import Conversation, Sentence
from dayline.scoring.facts.asks import Ask, kind_of_request
from dayline.scoring.facts.sentence_features import SentenceFeatures
from dayline.scoring.facts.step_candidates import candidates_in

FILE = Path(__file__).with_name("step_sentences.jsonl")


def step_examples(dialogues: list[Dialogue]) -> list[Example]:
    """Return the candidates of the dialogues that have labels of steps or labelled sentences."""
    labelled: dict[str, dict[tuple[int, str], bool]] = defaultdict(dict)
    for row in read_lines(FILE):
        labelled[row["id"]][row["turn"], row["said"]] = row["step"]
    found: list[Example] = []
    for number, dialogue in enumerate(dialogues):
        said = labelled.get(dialogue.id, {})
        if "steps" not in dialogue.labels and not said:
            continue
        talk = Conversation(dialogue.transcript(), REP)
        features = SentenceFeatures(talk)
        for candidate in candidates_in(talk, labelled_asks(talk, features, dialogue), features):
            sentence = candidate.step.sentence
            turn = sentence.tokens[0].utterance
            label = said.get((turn, sentence.quote.text)) if said else label_of(dialogue, turn)
            names = [*features.of(sentence), *candidate.marks]
            found.append(Example(number, turn, None if label is None else int(label), (), names))
    return found


def labelled_asks(talk: Conversation, features: SentenceFeatures, dialogue: Dialogue) -> list[Ask]:
    """Return the rep's sentences that a rule takes for requests or that stand in a turn labelled as one.

    No model is asked, so that what is learned does not depend on an earlier model.
    """
    turns = {*dialogue.labels["asks"], *dialogue.labels["ok_asks"]}
    return [
        Ask(kind, sentence, sentence.quote, features.times_of(sentence))
        for sentence in talk.rep_sentences
        if (kind := kind_of_request(sentence) or ("appointment" if _turn_of(sentence) in turns else None))
    ]


def label_of(dialogue: Dialogue, turn: int) -> bool | None:
    """Return whether a turn is labelled as a next step; None where readers would differ."""
    if turn in {int(step[0]) for step in dialogue.labels["steps"]}:
        return True
    return None if turn in set(dialogue.labels["ok_steps"]) else False


def _turn_of(sentence: Sentence) -> int:
    return sentence.tokens[0].utterance
