"""The kind of an objection that a rule names: price, trust, terms, authority, competition, need, timing or delay.

A phrase of a kind counts only where it is meant so: not in a question for facts, a courtesy, or a story about others.
"""

from __future__ import annotations

from functools import lru_cache

from dayline.scoring.conversation import Conversation, Sentence
from dayline.scoring.facts import objection_patterns as patterns
from dayline.scoring.facts.asks import kind_of_request
from dayline.scoring.facts.grammar import any_of, pattern
from dayline.scoring.facts.money import amounts_in
from dayline.scoring.questions import questions_in

_FACT = pattern(
    "^(?:and|so|but|okay|well|oh|or)?(?: ?\\w+){0,2} ?(?:is|are|does|do|will|would|can|who|when|where|which|"
    "how much|how many|how long) (?:it|that|this|there|they|you|i|we|(?:the|your|my) \\w+)(?: \\w+)*$"
)
_DOUBTS = pattern("what if|think|how do i know|how can|why|not|never|no|nothing|catch|really|only|just|if|all")


def asks_fact(sentence: Sentence) -> bool:
    """Return whether the customer only asks for a fact ("and training, is that extra?")."""
    text = sentence.text
    return sentence.is_marked_question and _FACT.search(text) is not None and not _DOUBTS.search(text)


_ANY_KIND = any_of(patterns.MEANING[kind] for kind in patterns.KINDS)


@lru_cache(maxsize=256)
def named_kinds(text: str) -> tuple[str, ...]:
    """Return the kinds of which a text has a phrase; kept for a while, since several rules ask for them."""
    if not _ANY_KIND.search(text):
        return ()
    return tuple(kind for kind in patterns.KINDS if patterns.MEANING[kind].search(text))


def kind_of(talk: Conversation, sentence: Sentence) -> str | None:
    """Return the kind of the objection that a sentence of the customer holds by a rule, None for none."""
    text = sentence.text
    found = named_kinds(text)
    if not found and names_decider(talk, sentence):
        return "authority"
    if not found and _haggles(talk, sentence):
        return "price"
    for kind in found:
        if _is_meant(talk, kind, sentence):
            return kind
    return None


def _is_meant(talk: Conversation, kind: str, sentence: Sentence) -> bool:
    text = sentence.text
    if kind == "authority" and (_OF_HEALTH.search(text) or _UNDECIDED.fullmatch(text) or WILL_ASK.search(text)):
        return False
    if kind in {"price", "trust", "terms"} and patterns.DENIED.search(text):
        return False
    if kind in {"price", "terms"} and asks_fact(sentence):
        return False
    if kind == "price" and (patterns.PAIN.search(text) or not _is_about_money(talk, sentence)):
        return False
    if (
        kind in {"price", "trust", "competition", "need"}
        and patterns.STORY.search(text)
        and not patterns.PRESENT.search(text)
    ):
        return False
    if kind in {"need", "timing"} and is_social(talk, sentence):
        return False
    if talk.rep is None and (kind in {"timing", "need"} or sentence.is_marked_question):
        return False
    if kind == "delay" and patterns.OTHERS_DELAY.search(text):
        return False
    if kind == "delay" and text.endswith("not sure") and not _after_offer(talk, sentence):
        return False
    return not (kind == "need" and patterns.AGREES.search(text) and "not" not in sentence.words)


_MONEY = pattern(
    "<NUM> <CUR>|price|prices|cost|costs|charge|pay|paid|expensive|cheap|budget|afford|money|fee|quote|deal"
)
_MONEY_SENTENCES = 40


def _is_about_money(talk: Conversation, sentence: Sentence) -> bool:
    """Return whether money was spoken of before, so that "too much" can be a price."""
    if talk.rep is None:
        return True
    before = talk.sentences[max(0, sentence.number - _MONEY_SENTENCES) : sentence.number]
    return any(_MONEY.search(s.text) or (s.is_rep and amounts_in(s, with_currency=False)) for s in before)


def _after_offer(talk: Conversation, sentence: Sentence) -> bool:
    """Return whether the rep has just named a price or asked for something."""
    before = [s for s in talk.before(sentence, 1) if s.is_rep]
    return any(amounts_in(s, with_currency=True) for s in before) or bool(before and kind_of_request(before[-1]))


def is_social(talk: Conversation, sentence: Sentence) -> bool:
    """Return whether a "no thanks" or "I'm fine" answers a courtesy or the question whether there is anything else."""
    before = talk.before(sentence, 1)
    asked = " ".join(s.text for s in before[-3:])
    if patterns.SOCIAL_OFFER.search(asked):
        return True
    return any(q.is_courtesy for s in before[-2:] for q in questions_in(s.tokens))


_ONLY_AMOUNT = pattern(
    "^(?:\\w+ then |you know me(?: \\w+)* |okay |well |no |sir )?(?:make it )?<NUM>(?: <CUR>)?(?: cash| or i am .*)?$"
)
_HAS_NUMBER = pattern("<NUM>")
_OF_MONEY = pattern("<CUR>|pay|paid|price|cost|costs|charge|charging|each|all in|off|cash|deal|fitted|installed|list")


def _haggles(talk: Conversation, sentence: Sentence) -> bool:
    """Return whether the customer replies to a price with another one ("five fifty")."""
    if not _ONLY_AMOUNT.search(sentence.text) or sentence.is_marked_question or talk.rep is None:
        return False
    number = _HAS_NUMBER.search(sentence.text)
    before = [s for s in talk.before(sentence, 1) if s.is_rep]
    if not before or number is None or len(number[0].split()) < 2:
        return False
    last = before[-1]
    recent = " ".join(s.text for s in talk.sentences[max(0, sentence.number - 8) : sentence.number])
    if not _OF_MONEY.search(recent) or "percent" in recent:
        return False
    said = _HAS_NUMBER.findall(last.text)
    asked = any(not q.is_courtesy for q in questions_in(last.tokens))
    return any(len(n.split()) >= 2 or n.isdigit() for n in said) and number[0] not in said and not asked


WILL_ASK = pattern("^(?:yes |okay |well )?i will ask (?:her|him|them)")  # a promise to ask is no refusal to decide
_UNDECIDED = pattern("(?:i|we) (?:can not|could not|cannot)(?: really)? decide(?: yet)?")
_OF_HEALTH = pattern("doctor|doctors|gp|nurse|hospital")
_WHO_DECIDES = pattern(
    "(?:who|anyone|anybody|someone|somebody|else)(?: \\w+){0,6} (?:decide|decides|decision|decisions|"
    "involved|agree|sign off|say)"
)
_DECIDER = pattern("(?:my|the|our) <WHO>|head office|the group|(?:she|he) (?:and|decides|would)")
_FREE = pattern(
    "trusts? me|leaves? it (?:up )?to me|up to me|i decide|just me|only me|nobody|no one|leave it to me|myself"
)


def names_decider(talk: Conversation, sentence: Sentence) -> bool:
    """Return whether the customer answers "who else decides?" with somebody who is not there to agree."""
    asked = " ".join(s.text for s in talk.before(sentence, 1)[-2:])
    if not _WHO_DECIDES.search(asked) or not _DECIDER.search(sentence.text):
        return False
    turn = " ".join(s.text for s in talk.sentences_of_turn.get(sentence.turn, ()))
    return not _FREE.search(turn)
