"""What the turns beside a sentence say of a next step in it."""

from __future__ import annotations

import re

from dayline.scoring.conversation import Conversation, Sentence

_CASE = re.compile(r"^ (?:and |but |so |what |well |okay |right )*if ")
"""A question about a case: "and if it breaks?"."""
_NO_THANKS = re.compile(
    r"^(?:oh |ah |well )*(?:no(?: no)*(?: thank you| thanks)?(?: please)?|please) (?:please )?(?:do not|i do not want|"
    r"not|there is no need|no need|leave it)\b"
)
"""A plain no to an offer to do something."""


def answers_case(talk: Conversation, sentence: Sentence) -> bool:
    """Return whether a sentence says what would be done in a case that the other side has asked about ("and if it
    breaks?").
    """
    asked = [s for s in talk.before(sentence, 1) if s.is_rep is not None and s.is_rep is not sentence.is_rep]
    if not asked or not _CASE.search(f" {asked[-1].text} "):
        return False
    return asked[-1].is_marked_question and sentence.turn == asked[-1].turn + 1


def is_turned_down(talk: Conversation, sentence: Sentence) -> bool:
    """Return whether the customer answers no to what the rep would do."""
    if sentence.is_rep is not True:
        return False
    reply = [s for s in talk.after(sentence, 1) if s.is_rep is False]
    return bool(reply) and _NO_THANKS.search(" ".join(s.text for s in reply[:2])) is not None
