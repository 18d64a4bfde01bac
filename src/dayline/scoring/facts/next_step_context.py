"""What the turns beside a sentence say of a next step in it."""

from __future__ import annotations

import re

from dayline.scoring.conversation import Conversation, Sentence
from dayline.scoring.facts.grammar import words

_CASE = re.compile(r"^ (?:and |but |so |what |well |okay |right )*if ")
"""A question about a case: "and if it breaks?"."""
_TELLS = re.compile(
    r" (?:(?:they|he|she|people|everyone|everybody|who|(?:the|my|your|our|his|her) \w+) (?:just |all |always |only )*"
    r"(?:go|goes|went|say|says|said|was like|were like|is like|told (?:me|us|him|her|them)|promised|texted|wrote|"
    r"reckons?)"
    r"|(?:just )?tell (?:them|him|her|everyone|everybody|(?:the|my|your|our) \w+))(?: that)? $"
)
"""Words before what somebody else said, or is to be told."""
_MESSAGE = re.compile(
    r"tell (?:him|her|them)(?! (?:about|to)\b)"
    r"|(?:tell|text|ring|call|remind) (?:my|the|our) \w+ (?:that )?(?:it|you|he|she|they|we|i|that|there|this) "
    r"(?:is|are|was|were|am|will|would|can|could|have|has|had|do|does|did|\w+ed)\b"
)
"""What the speaker would say to somebody else: words, not an action."""
_AT_ONCE = re.compile(
    r"\b(?:come on|come with me|follow me|tell me (?:when|if|where)|there you go|here you (?:go|are)|"
    r"watch (?:this|out)|look here|mind your)\b|\bbring (?:\w+ ){1,3}(?:up|down)(?! to)\b|"
    r"\b(?:in|from) (?:the|my) (?:van|car|truck|boot)\b"
)
"""Words that go with what is done while they are said."""
_NO_THANKS = re.compile(
    r"^(?:oh |ah |well )*(?:no(?: no)*(?: thank you| thanks)?(?: please)?|please) (?:please )?(?:do not|i do not want|"
    r"not|there is no need|no need|leave it)\b"
)
"""A plain no to an offer to do something."""


_DENIES = re.compile(r"\b(?:not|never) (?:be )?$")


def is_denied(before: str) -> bool:
    """Return whether the words before a verb say that it will not be done ("I won't ring you up")."""
    return _DENIES.search(before) is not None


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


def is_reported(text: str, start: int, verb_end: int) -> bool:
    """Return whether a promise is somebody else's words ("they go, we'll pass that on"), or only a message to others
    ("I'll tell her it was cheap").
    """
    verb = text.rfind(" ", 0, max(0, verb_end - 1))
    return bool(_TELLS.search(f" {text[:start]}")) or bool(_MESSAGE.search(text, max(start, verb - 8)))


def is_at_once(text: str) -> bool:
    """Return whether the words go with something that is done while they are said."""
    return bool(_AT_ONCE.search(text))


def is_within_family(talk: Conversation, sentence: Sentence) -> bool:
    """Return whether a customer speaks between two others of the customer's side, so that the rep is not meant."""
    if sentence.is_rep is not False:
        return False
    beside = [*talk.before(sentence, 1)[-1:], *talk.after(sentence, 1)[:1]]
    return bool(beside) and all(s.is_rep is False for s in beside)


_NEAR = re.compile(r"(?:here|there|with you|coming|round|over|seeing \w+|starting)$")
_LEADS_TO_DAY = words(
    "so then okay ok right yes no well and the that it is i we guess say lets let us do make probably maybe come on at "
    "for lovely great perfect good fine grand sure will be all see you talk speak meet"
)
"""Words before a day in a sentence that only names it."""
_DEADLINE = re.compile(r"^(?:by|before|until|till) |\blatest\b")


def is_elsewhere(sentence: Sentence, match: re.Match[str]) -> bool:
    """Return whether somebody is said to be where the rep is not met ("he's off Wednesday", "I'm in work Thursday")."""
    if match["head"] in {"i", "we"}:
        return sentence.is_rep is False and match["verb"].endswith((" in", " off", " on", " at", " out"))
    return sentence.is_rep is False or _NEAR.search(match["verb"]) is None


_NO_PLACE = re.compile(
    "monday|tuesday|wednesday|thursday|friday|saturday|sunday|today|tomorrow|tonight|any|about|around"
)
_AT_PLACE = re.compile(
    r"\b(?:i|we) will be (?:in|at) (?!all|on|till|until|from|by|after|before|then|and|if|to|touch|the (?:morning|"
    r"afternoon|evening|house|yard|shop|office)|home|<|$)\w+"
)


def is_at_another_place(sentence: Sentence, clause: str) -> bool:
    """Return whether the customer tells where they are at a time, and not that they are in ("I'll be in school
    Monday")."""
    if sentence.is_rep is not False:
        return False
    match = _AT_PLACE.search(clause)
    return match is not None and not _NO_PLACE.fullmatch(match[0].split()[-1])


def only_names_day(text: str, start: int) -> bool:
    """Return whether a sentence names a day and no other thing that happens on it ("results are back Friday"), nor a
    last day ("by the end of the week").

    start: the offset of its first time.
    """
    return set(text[:start].split()) <= _LEADS_TO_DAY and _DEADLINE.search(text[start:]) is None


_CAN = re.compile(r"^(?:i|we) can\b")
_NO = re.compile(r"^(?:no|nah|naw|nope|not|never mind|do not)\b")
_TO_THEM = re.compile(
    r"^(?:i|we) (?:\w+ ){1,4}?(?:call|ring|text|phone|telephone|message|email|mail) (?:him|her|them|(?:my|our) \w+)\b"
)
_ROUTINE = re.compile(
    r"\b(?:i|we) (?!am |are |will |can |could |would |have |had |did |do |was |were |just |think |know |need |want )\w+"
)


def is_only_possible(talk: Conversation, sentence: Sentence, clause: str) -> bool:
    """Return whether "I can send it" names a right of the customer ("I can send it back"), or an offer of the rep that
    the customer answers with a no.
    """
    if sentence.is_rep is None or not _CAN.match(clause):
        return False
    if not sentence.is_rep:
        return True
    reply = [s for s in talk.after(sentence, 1) if s.is_rep is False]
    return bool(reply) and _NO.match(reply[0].text) is not None


def is_among_others(sentence: Sentence, clause: str) -> bool:
    """Return whether the customer, without a day, would call or write to somebody else: it may be done while the rep
    waits ("I'm going to call him. Pete?"), or be said to the family about the rep.
    """
    return sentence.is_rep is False and _TO_THEM.match(clause) is not None


def is_routine(before: str, head: str) -> bool:
    """Return whether a promise in the present tense is one of a list of things that are always done ("we cut them, we
    put them up, in January we come back").
    """
    return head.split()[-1] == "we" and len(_ROUTINE.findall(before)) >= _LIST_LENGTH


_LIST_LENGTH = 2
"""Actions said before, from which a further one belongs to a description of the service."""
