"""Answers to a team's own questions without a language model: a plain match of words, and it says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dayline.domain.analysis import Prompt
from dayline.domain.quotes import normalise
from dayline.scoring.rubric.keywords import content_words, is_content, is_instruction, stem
from dayline.scoring.rubric.phrase_matching import Quote, Talk
from dayline.scoring.rubric.playbook import WordIndex

MOST_PROMPTS = 40

# Words of which one stands for the others when a team asks about them.
_SAME_MATTER: tuple[frozenset[str], ...] = tuple(
    frozenset(stem(w) for w in group.split())
    for group in (
        "price pricing cost budget expensive afford quote estimate payment",
        "competitor competition competitors supplier vendor provider",
        "husband wife spouse partner boss landlord owner",
        "appointment schedule booking calendar visit",
        "contract agreement signature sign",
        "warranty guarantee guaranteed",
        "financing finance loan monthly installment credit",
        "renting renter rent tenant landlord lease",
    )
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SMALL_BUT_TELLING = _words("price budget cost pay money decision need sign name number time wait today")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the words say about one prompt. `quote` is None when too little of it was heard."""

    title: str
    text: str
    quote: Quote | None


def answer_all(talk: Talk, prompts: Sequence[Prompt]) -> tuple[Answer, ...]:
    """Answer each prompt, in order."""
    index = WordIndex(talk, range(len(talk.turns)))
    return tuple(_answer(index, p) for p in prompts[:MOST_PROMPTS])


def _answer(index: WordIndex, prompt: Prompt) -> Answer:
    wanted = _listened_for(prompt)
    if not wanted:
        return Answer(prompt.title, "Cannot be answered by matching words: the prompt names no specific words.", None)
    matters = {w: w for w in wanted}
    for group in _SAME_MATTER:
        if named := sorted(group & wanted):
            matters.update(dict.fromkeys(group, named[0]))
    found = index.densest(matters)
    together = found[0] if found else 0
    enough = 1 if len(wanted) <= 2 else 2
    quote = found[1] if found and together >= enough else None
    heard = len(index.heard(wanted))
    if prompt.prompt_type == "disqualifier":
        text = _disqualifier(quote)
    elif prompt.prompt_type == "scoring_criterion":
        share = f"{heard} of the {len(wanted)} words it turns on were said"
        text = (
            f"{share}, most densely here: “{quote.text}”." if quote else f"{share}; no place in the talk is about it."
        )
    elif quote:
        text = f"Touched here: “{quote.text}”."
    else:
        text = "Nothing was heard about it."
    return Answer(prompt.title, f"{text} (Word match only, not a judgement of meaning.)", quote)


def _disqualifier(quote: Quote | None) -> str:
    if quote is None:
        return "Not found."
    return f"Possibly found, please check: “{quote.text}”."


def _listened_for(prompt: Prompt) -> frozenset[str]:
    words = [w for w in normalise(prompt.content) if not is_instruction(w)]
    wanted = content_words(words) | frozenset(stem(w) for w in words if w in _SMALL_BUT_TELLING)
    if not wanted:
        wanted = content_words(w for w in normalise(prompt.title) if is_content(w))
    return wanted
