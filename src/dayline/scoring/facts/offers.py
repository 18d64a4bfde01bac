"""Offers: prices that the rep names, with the item if it is named in the same sentence.

A price counts with a currency, or as a bare number if the customer has just asked for the price. Prices of others,
prices of the past, and what the customer pays or saves are not offers. A linear model trained on labelled dialogues
decides (`offer_features`); where it is less sure, the rules here have to agree.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from dayline.scoring.conversation import Conversation, Quote, Sentence
from dayline.scoring.facts import offer_patterns as patterns
from dayline.scoring.facts.grammar import words
from dayline.scoring.facts.money import NOT_MONEY, Amount, amounts_in
from dayline.scoring.facts.objection_patterns import MEANING
from dayline.scoring.facts.offer_features import MEASURES, PriceContext, is_weighed
from dayline.scoring.facts.sentence_features import SentenceFeatures
from dayline.scoring.facts.statement_model import LinearScore, statement_model
from dayline.scoring.facts.turn_context import JOINTS
from dayline.scoring.facts.turn_encoder import Read

_NO_THING = words("""
    one price cost total it that this which thing money rest damage number figure bill
    """)


@dataclass(frozen=True, slots=True)
class Offer:
    """A price named by the rep.

    Attributes:
        what: the item, as said, None if the sentence does not name it.
        amount: the amount as parsed.
        sentence: where it was said.
        quote: the whole sentence.

    """

    what: str | None
    amount: Amount
    sentence: Sentence
    quote: Quote


_SURE, _AGREED, _NAMED = 1.5, 0.0, -4.5
"""Log-odds from which the model alone, the model together with the rules, and both together with a currency and the
item ("the two windows are two thousand dollars"), take an amount for an offer. The first two were measured by
cross-validation over trades, so that nine in ten are right where the labels are complete; the third adds no price at
all to 245 whole visits out of fold nor to the parts that are measured only."""
_READ, _DENIED = 2.0, 0.5
"""Log-odds of the joined models (`turn_context.JOINTS`) from which an amount is an offer in a conversation that the
encoder reads, and under which it is none."""


def offers_in(
    talk: Conversation, features: SentenceFeatures | None = None, read: Read | None = None
) -> tuple[Offer, ...]:
    """Return the prices that the rep names, in order, each amount once per item.

    read: what the encoder reads in a conversation of many turns.
    """
    if talk.rep is None:
        return ()
    features = features or SentenceFeatures(talk)
    currency = _currency(talk, features)
    found: list[Offer] = []
    context = PriceContext(talk, features)
    model = statement_model().offer
    short = _turns_in_thousands(talk, features)
    for sentence, amount in context.candidates():
        if amount.currency is None and amount.value < _LEAST_WHOLE and sentence.turn in short:
            continue
        if _is_in_thousands(talk, context, sentence, amount):
            continue
        if _is_in_hundreds(talk, sentence, amount) or _is_shortened(context, amount):
            continue
        score = model.of(context.features_of(sentence, amount))
        joined = JOINTS["offer"].of(score, read, sentence.turn, "offer") if read is not None else None
        if joined is not None and joined < _DENIED:
            continue
        what = _what(sentence, amount, context.prices_of(sentence))
        if score < (_NAMED if what and amount.currency else _AGREED) or _is_cut(sentence, amount, model):
            continue
        if patterns.HEARSAY.search(sentence.text) or _is_part(sentence, amount):
            continue
        if patterns.NO_PRICE.search(sentence.text) or _is_weight(talk, sentence, amount) or _is_size(sentence, amount):
            continue
        is_sure = score >= _SURE if joined is None else joined >= _READ
        if not is_sure and not _is_price_by_rule(talk, context, sentence, amount):
            continue
        if amount.currency is None and currency:
            amount = replace(amount, currency=currency)
        found.append(Offer(what, amount, sentence, sentence.quote))
    return _distinct(found)


_LEAST_WHOLE = 1000.0


def _turns_in_thousands(talk: Conversation, features: SentenceFeatures) -> set[int]:
    """Return the turns in which a bare number stands for thousands, since somebody says so: "two hundred and twenty",
    "two hundred and twenty thousand!". Which of the turn's other numbers do is not known."""
    bare: dict[float, set[int]] = {}
    whole: set[float] = set()
    for sentence in talk.sentences:
        for amount in features.amounts_of(sentence, with_currency=False):
            if amount.value >= _LEAST_WHOLE:
                whole.add(amount.value)
            elif amount.currency is None:
                bare.setdefault(amount.value, set()).add(sentence.turn)
    return {turn for value, turns in bare.items() if value * 1000 in whole for turn in turns}


def _is_in_thousands(talk: Conversation, context: PriceContext, sentence: Sentence, amount: Amount) -> bool:
    """Return whether a bare number may stand for thousands: with them it has the size of another price ("four hundred
    and sixty thousand for all, without the gate it's two ninety").
    """
    if amount.currency is not None or amount.period is not None or not _LEAST_WHOLE / 10 <= amount.value < _LEAST_WHOLE:
        return False
    is_beside_millions = any("million" in s.words for s in talk.sentences_of_turn[sentence.turn])
    return is_beside_millions or context.has_price_like(amount.value * 1000, _LEAST_SHORTENED, _SIMILAR)


_LEAST_SHORTENED, _SIMILAR = 20_000.0, 5.0
"""Least price of which the thousands are left out, and the factor by which another one differs at most."""


def _is_shortened(context: PriceContext, amount: Amount) -> bool:
    """Return whether a bare number may stand for hundreds or thousands, since all prices of the conversation are far
    greater ("the big one is twenty-two")."""
    if amount.currency is not None or amount.period is not None or amount.value >= _LEAST_WHOLE / 10:
        return False
    return context.is_smallest_by(amount, _FAR)


_FAR = 15
"""Factor by which the other prices of a conversation are greater than a number that may be shortened."""


_LIKE = 1.5
"""Factor by which prices of the same thing differ at most."""


def _is_in_hundreds(talk: Conversation, sentence: Sentence, amount: Amount) -> bool:
    """Return whether a bare number may stand for hundreds: "ninety-two hundred, or eighty-four apiece"."""
    if amount.currency is not None or amount.value >= _LEAST_WHOLE / 10:
        return False
    of_turn = [a.value for s in talk.sentences_of_turn[sentence.turn] for a in amounts_in(s, with_currency=False)]
    whole = amount.value * 100
    return any(whole / _LIKE <= value <= whole * _LIKE for value in of_turn)


def _is_size(sentence: Sentence, amount: Amount) -> bool:
    """Return whether a bare number stands beside sizes: "sixty three mil or it is eighty nine"."""
    has_price = amount.currency is not None or amount.period is not None
    return not has_price and patterns.SIZE.search(sentence.text) is not None


def _is_weight(talk: Conversation, sentence: Sentence, amount: Amount) -> bool:
    """Return whether pounds are a weight: a price by the pound was named just before."""
    if not re.search(r" pounds?$", sentence.text[amount.start : amount.end]):
        return False
    near = talk.sentences[max(0, sentence.number - _WEIGHT_SENTENCES) : sentence.number + 1]
    return any(patterns.BY_THE_POUND.search(s.text) for s in near)


_WEIGHT_SENTENCES = 3


def _is_part(sentence: Sentence, amount: Amount) -> bool:
    """Return whether an amount is the part of a price that is paid at once, or the name of a thing ("The two
    eighty-five, that's the floor one, ...").
    """
    text = sentence.text
    if amount.currency is None and patterns.COUNT.search(text[: amount.end]):
        return True
    return any(
        m.start() <= amount.start < m.end() for words in (patterns.PART, patterns.NAME) for m in words.finditer(text)
    )


_GOES_ON = re.compile(rf" and \w+ (?={NOT_MONEY.pattern})")
"""A measure after a word that may stand for the rest of the number ("a hundred and cover feet")."""
_NO_COUNT = re.compile(r"(?:hundred|thousand) ")


def _is_cut(sentence: Sentence, amount: Amount, model: LinearScore) -> bool:
    """Return whether a recogniser may have lost a part of a number.

    It begins with "hundred" without saying how many, or goes on with a word that never follows a price.
    """
    rest = sentence.text[amount.end :].split()[:1]
    if _NO_COUNT.match(sentence.text, amount.start):
        return True
    last = sentence.token_at(amount.end - 1)
    while last > 0 and not sentence.tokens[last].raw:  # a part of "eighty-nine,"
        last -= 1
    ends = not rest or sentence.tokens[last].raw.endswith((",", ".", ";", ":", "?", "!"))
    if _GOES_ON.match(sentence.text, amount.end):
        return True
    return not ends and f"a1:{rest[0]}" not in model.weights


def _is_price_by_rule(talk: Conversation, context: PriceContext, sentence: Sentence, amount: Amount) -> bool:
    """Return whether the words at an amount are those of a price that the rep offers."""
    if patterns.ELSEWHERE.search(sentence.text) or context.was_said_by_customer(sentence, amount):
        return False
    if amount.currency == "GBP" and is_weighed(talk, sentence):
        return False
    if amount.currency is None:
        is_stated = any(m.start() <= amount.start < m.end() for m in patterns.BARE_PRICE.finditer(sentence.text))
        asked = (
            context.is_asked(sentence) or patterns.ALL_IN.search(sentence.text) or _is_taken_for_price(talk, sentence)
        )
        if not (is_stated or asked) or not _is_bare_price(sentence, amount, context.prices_of(sentence)):
            return False
    return not (patterns.NOT_OFFER.search(_around(sentence.text, amount)) or _is_description(sentence, amount))


def _is_taken_for_price(talk: Conversation, sentence: Sentence) -> bool:
    """Return whether the customer reacts to the number as a price: repeats it, or calls it too much."""
    numbers = [sentence.text[a.start : a.end] for a in amounts_in(sentence, with_currency=False)]
    replies = [s.text for s in talk.after(sentence, 1)[:2] if s.is_rep is False]
    if sentence.is_marked_question or len(sentence.words) < 4 or patterns.OF_OTHERS.search(sentence.text):
        return False
    last = talk.sentences_of_turn[sentence.turn][-1] is sentence
    said_back = any(len(n.split()) >= 2 and f" {n} " in f" {r} " for n in numbers for r in replies)
    return last and (said_back or any(MEANING["price"].search(r) for r in replies))


def _is_description(sentence: Sentence, amount: Amount) -> bool:
    """Return whether an amount is a description or an estimate over time instead of a price."""
    before, said, after = (
        sentence.text[: amount.start],
        sentence.text[amount.start : amount.end],
        sentence.text[amount.end :],
    )
    if said.endswith(("pound", "dollar", "euro")) and patterns.OWNED_BY.search(before):
        return True
    if (
        said.endswith(("pound", "dollar", "euro"))
        and patterns.DESCRIBED.search(after)
        and patterns.OWNED.search(before)
    ):
        return True
    return bool(patterns.ESTIMATED.search(before)) and amount.period in {"week", "month", "year"}


def _currency(talk: Conversation, features: SentenceFeatures) -> str | None:
    """Return the currency named in the conversation, if there is only one."""
    amounts = (a for s in talk.sentences for a in features.amounts_of(s, with_currency=True))
    named = {a.currency for a in amounts if a.currency}
    return named.pop() if len(named) == 1 else None


def _is_bare_price(sentence: Sentence, amount: Amount, amounts: tuple[Amount, ...]) -> bool:
    """Return whether a number without currency is in the position of a price."""
    before, rest = sentence.text[: amount.start], sentence.text[amount.end :].split()[:1]
    if patterns.PERSON_LEAD.search(before) or not patterns.BARE_LEAD.search(before):
        return False
    if {"cents", "pence"} & set(sentence.words):
        return False
    largest = max(a.value for a in amounts)
    if amount.value < 100 and amount.period is None and MEASURES.search(sentence.text):
        return False
    if amount.value < 100 and amount.period is None and largest >= 1000:
        return False  # "thirty nine hundred ... forty seven": the short form means hundreds
    keeps = {"is", "plus", "as", "this", "gives", "includes", "per"}
    return not (rest and rest[0].endswith("s") and rest[0] not in keeps)


def _around(text: str, amount: Amount) -> str:
    """Return the clause around an amount: up to nine words before and three after."""
    before = " ".join(text[: amount.start].split()[-9:])
    cut = max(before.rfind(" and "), before.rfind(" but "))
    after = " ".join(text[amount.end :].split()[:2])
    return f"{before[cut + 1 if cut >= 0 else 0 :]} {text[amount.start : amount.end]} {after}"


def _what(sentence: Sentence, amount: Amount, amounts: tuple[Amount, ...]) -> str | None:
    text = sentence.text
    previous = max((a.end for a in amounts if a.end <= amount.start), default=0)
    match = patterns.FOR_WHAT.match(text[previous : amount.start].strip())
    if match and not (previous and match.start("what") == 0 and match["what"].startswith("a ")):  # "118 a cube"
        words = match["what"].split()
        while words[:3] in (
            ["the", "price", "for"],
            ["the", "price", "of"],
            ["the", "cost", "of"],
            ["a", "price", "for"],
        ):
            words = words[3:]
        if (
            len(words) >= 2
            and (words[-1] not in _NO_THING or (words[-1] == "one" and len(words) >= 3))
            and not {"is", "are", "it", "you", "i", "we", "that", "they", "he", "she", "nothing"} & set(words)
        ):
            named = " ".join(words)
            at = text.find(named, previous)
            # The words before a comma are another clause, unless those after it only modify a noun.
            return re.split(
                r"[,;:] (?!with |without |and |plus |including )", sentence.said(at, at + len(named)).rstrip(",")
            )[-1]
    match = patterns.AFTER_FOR.match(text[amount.end :])
    if match and match["what"].split()[-1] not in {"month", "year", "years", "months", "first", "time"}:
        at = amount.end + match.start("what")
        return sentence.said(at, at + len(match["what"]))
    return None


def _distinct(found: list[Offer]) -> tuple[Offer, ...]:
    kept: dict[tuple[float, str | None], Offer] = {}
    for offer in found:
        key = (offer.amount.value, offer.amount.period)
        if key not in kept or (kept[key].what is None and offer.what):
            kept[key] = offer
    return tuple(sorted(kept.values(), key=lambda o: o.sentence.start_seconds))
