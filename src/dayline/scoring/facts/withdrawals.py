"""What customers say to take back an order that they have given, and what shows that one has been given."""

from __future__ import annotations

from dayline.scoring.conversation import Conversation, Sentence
from dayline.scoring.facts.grammar import lines, pattern

# To hear more about a part of the order ("let you know about the color") takes nothing back, nor does a place for the
# goods ("leave it on the step").
_WITHDRAWS = pattern(
    *lines(
        """
        (?:can|could|may) (?:we|i)(?: \\w+)? (?:let you know(?! (?:about|on|which|what|when|where|if|how|the))|
        think (?:about (?:it|this|that)|it over)|sleep on (?:it|this|that)|talk (?:it|this|that) over|
        get back to you(?! (?:about|on|with))|hold off|leave it(?! (?:in|on|with|at|by|there|here|as|to|out)))
        (?:i|we)(?: \\w+){0,3} (?:want|need|prefer|rather|better)(?: to)?(?: just)? (?:hold off|think about (?:it|this|
        that)|think it over|sleep on (?:it|this|that)|talk (?:it|this|that) over|call it off|cancel(?! the old)|
        pull out|back out|leave it(?! (?:in|on|with|at|by|there|here|as|to|out)))
        (?:have|has) (?:just )?changed (?:my|our|his|her) minds?(?! about)|on second thoughts? (?:no|not|leave)|
        (?:call|calling) (?:it|the whole thing) off|^(?:yes |no |just |please |so |then )*cancel (?:it|that|
        the order|the whole thing)(?: please| then| sorry)*$
        (?:i|we) (?:will|can|could|do|am|are)(?: just)? not (?:going to )?(?:sign (?:it|that|this|anything)|
        go ahead|going ahead|go through with it|be going ahead|commit)
        (?:says?|said|told me|better) not to (?:sign|commit|go ahead)
        (?:i|we) would (?:have )?(?:done|bought|signed|taken) (?:it|that|one)$
        (?:better|have to|need to) hold fire|(?:will|would) not be needing (?:it|them|one|that)|let (?:somebody|someone)
         else have (?:it|them|that)
        """
    )
)
_IN_A_CASE = pattern("if|unless|when|before|in case|suppose")


def withdrawal_after(talk: Conversation, *orders: Sentence | None) -> Sentence | None:
    """Return the last sentence after the last of the orders in which a customer takes it back.

    None if there is no order or it stands.
    """
    order = max((o for o in orders if o is not None), key=lambda o: o.number, default=None)
    found: Sentence | None = None
    for sentence in talk.customer_sentences:
        if order is None or sentence.turn <= order.turn:
            continue
        match = _WITHDRAWS.search(sentence.text)
        if match is not None and not _IN_A_CASE.search(sentence.text[: match.start()]):
            found = sentence
    return found


def is_sealed(talk: Conversation) -> bool:
    """Return whether, late in the conversation, the rep has something signed or a customer says that they have bought.

    Sentence models see one sentence at a time; these words outweigh one that seems to leave the decision open.
    """
    late = [s for s in talk.sentences if talk.share_at(s.start_seconds) >= 0.6]
    return any((_SIGNS if s.is_rep else _HAS_BOUGHT).search(s.text) for s in late)


_SIGNS = pattern("^(?:(?:and|so|okay|just|if you|then|can you|could you) )*(?:sign|initial) (?:\\w+ )?(?:here|there)")
_HAS_BOUGHT = pattern("(?:i|we) have (?:just )?(?:bought|ordered|signed up for) (?:some|one|a|two|three|it|them)")
