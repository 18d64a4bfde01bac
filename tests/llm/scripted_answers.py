"""A short conversation, a good answer of a model about it, and changes of that answer."""

from __future__ import annotations

import copy

from dayline.domain.analysis import AnalysisTask
from dayline.domain.transcript import Transcript, Utterance
from dayline.llm.registry import load_analyst

TALK = Transcript(
    (
        Utterance(100.0, 104.0, "what do you use for the weeds in your lawn", "A"),
        Utterance(105.0, 110.0, "nothing really and it is too expensive to have somebody come", "B"),
        Utterance(111.0, 118.0, "it is forty dollars a month and the first visit is free", "A"),
        Utterance(119.0, 122.0, "all right come by on monday then", "B"),
    ),
    22.0,
    start_seconds=100.0,
    language="en",
)


def cited(line: int, words: str):
    return {"line": line, "words": words}


def pillar(score: int, *cites, positive=None, negative=None):
    return {"score": score, "positive": positive, "negative": negative, "cites": list(cites)}


GOOD = {
    "title": "Weeds in the lawn",
    "prospect_name": None,
    "summary": [{"text": "They spoke about weeds.", "cites": [cited(1, "the weeds in your lawn")]}],
    "clarity": pillar(80, cited(3, "it is forty dollars a month"), positive="The price was named: 40 dollars a month."),
    "influence": pillar(70, cited(3, "the first visit is free")),
    "objection": pillar(60, cited(2, "it is too expensive to have somebody come")),
    "discovery": pillar(65, cited(1, "What do you use for the weeds")),
    "delivery": pillar(50),
    "close": pillar(75, cited(4, "come by on monday then")),
    "double_down": {"text": "The price came with a free visit.", "cites": [cited(3, "the first visit is free")]},
    "double_down_implementation": "Name the free visit together with the price again.",
    "general_improvement": {"text": "Ask how many weeds there are.", "cites": [cited(2, "nothing really")]},
    "principle": None,
    "objections": [
        {
            "kind": "price",
            "quote": cited(2, "it is too expensive"),
            "response": cited(3, "it is forty dollars a month"),
            "handled": True,
        }
    ],
    "next_steps": [{"action": "Visit", "owner": "rep", "when": "Monday", "quote": cited(4, "come by on monday")}],
    "offers": [
        {"what": "a month", "amount": 40, "currency": "USD", "period": "month", "quote": cited(3, "forty dollars")}
    ],
    "outcome": "follow_up",
    "outcome_quote": cited(4, "come by on monday then"),
    "playbook": [],
    "prompts": [],
}


def changed(**changes):
    return {**copy.deepcopy(GOOD), **changes}


def judge(config, transcript=TALK, task=None, **changes):
    analyst = load_analyst(config(**changes))
    assert analyst is not None
    return analyst.analyze(transcript, task or AnalysisTask(rep_label="A"))
