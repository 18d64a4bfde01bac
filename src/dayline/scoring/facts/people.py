"""Names of the customer and the rep; only names in an unambiguous form are used."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from dayline.scoring.conversation import Conversation, Sentence
from dayline.scoring.facts.given_names import GIVEN_NAMES
from dayline.scoring.facts.grammar import words
from dayline.scoring.facts.heard_names import is_heard

_TITLES = {
    "mr": "Mr",
    "mister": "Mr",
    "mrs": "Mrs",
    "missus": "Mrs",
    "ms": "Ms",
    "miss": "Miss",
    "dr": "Dr",
    "doctor": "Dr",
}
_TITLE = r"(?P<title>mr|mister|mrs|ms|miss|dr|doctor)"
_GREETING = (
    r"(?:hi|hey|hello|hiya|morning|good morning|good afternoon|good evening|afternoon|evening|thank you|"
    r"thanks|cheers|bye|goodbye|bye bye"
    r"|take care|nice to meet you|good to meet you|pleased to meet you|nice to see you|good to see you|"
    r"thank you so much"
    r"|thanks so much|thank you very much|see you|good night|goodnight|night|see you later|all right|so "
    r"long|have a good one|so tell me"
    r"|you are welcome|are you|is that|is it|good to have you|it was nice meeting you|lovely to meet you|welcome|sorry)"
)
_TITLED = re.compile(rf"(?:^|(?P<lead>\w+(?: \w+){{0,4}}) ){_TITLE} (?P<name>[a-z]{{2,}})(?= |$)")
_FIRST = re.compile(rf"(?:^|.* ){_GREETING}(?: (?:again|there))? (?P<name>[a-z]{{2,}})(?P<rest> .*|$)")
_SELF = re.compile(
    r"(?:^|.* )(?:my name is|the name is|i am|it is|this is|call me|name is)(?: called)? "
    r"(?P<name>[a-z]{2,})(?: (?P<second>[a-z]{2,}))?(?: .*|$)"
)
_SELF_SURE = re.compile(r"(?:my name is|the name is|call me|name is)")
_AFTER_NAME = words("""
    from with at of and here by i over off
    """)
_AFTER_FIRST = words("""
    nice how i it thanks thank good come so this we you yes is did what just sorry
    """)
_VOCATIVE_LEAD = re.compile(rf"(?:^|.* ){_GREETING}$|^(?:so|okay|all right|and|well|now|yes|no|oh|great|perfect)$")
_NO_NAMES = words("""
    the a an this that it its there here man mate love guys guy folks sir maam madam ma buddy everyone everybody
    all again so for very dear boss lads lad hon honey sweetheart darling pal friend friends neighbor doctor doc
    just not going sorry happy glad sure fine good great well okay right yes no from with about calling coming
    looking trying afraid in on at to too back home busy interested ready done new old really still only kind
    pretty gonna doing getting having sitting standing working telling saying asking thinking wondering hoping
    worried tired late early free sick cold hot hungry now then today tomorrow tonight monday tuesday wednesday
    thursday friday saturday sunday one two three four five six seven eight nine ten morning afternoon evening
    night by and but or if because when what who how why where which miss mister mr mrs ms dr you your yours my
    mine our ours their his her they we he she i me us them him any some no none both ladies gents gentlemen
    ladies baby kids babe bud dude brother sister mum mom dad son yall welcome always never also actually maybe
    perhaps missus missis like more less much many most such same other another next last first second please
    thanks thank cheers bye would could should will can may might must do does did have has had is are was were
    be been being go come see look get let take care have much talk quick question real quick hello hi hey
    sounds that's thats later soon mind anyway of up down out off over for as into until since alone retired
    renting married divorced vegetarian allergic positive certain aware able supposed somebody someone
    """)


@dataclass(frozen=True, slots=True)
class People:
    """Names in a conversation.

    Attributes:
        prospect: the customer's name for display, None if none was said unambiguously.
        rep: the rep's first name, None if none was said.
        names: all words that are names, in lower case.

    """

    prospect: str | None
    rep: str | None
    names: frozenset[str] = field(default_factory=frozenset[str])


def people_in(talk: Conversation) -> People:
    """Return the names of the customer and the rep, and all words that are names."""
    written = _written_names(talk)
    rep = _rep_name(talk, written)
    prospect = _prospect(talk, rep, written)
    capitals = _has_capitals(talk)
    names = set(written) if capitals else {t.text for t in talk.tokens if t.text in GIVEN_NAMES}
    for shown in (rep, prospect):
        names.update(w.lower() for w in (shown or "").split() if w.lower() not in _TITLES)
    for sentence in talk.sentences:
        names.update(m["name"] for m in _titled_in(sentence) if m["name"] not in _NO_NAMES)
    return People(prospect, rep, frozenset(names))


def _has_capitals(talk: Conversation) -> bool:
    """Return whether the recogniser writes capitals inside sentences."""
    opened = sum(1 for s in talk.sentences if s.tokens[0].raw[:1].isupper())
    return opened >= len(talk.sentences) * 0.5


_POSSESSIVE = re.compile(r"['’]s\W*$")


def _written_names(talk: Conversation) -> set[str]:
    """Return the words that are always capitalised inside sentences."""
    upper: Counter[str] = Counter()
    lower: Counter[str] = Counter()
    for sentence in talk.sentences:
        for token in sentence.tokens[1:]:
            if token.raw[:1].isupper() and token.raw != token.raw.upper():
                upper[token.text] += 1
                if _POSSESSIVE.search(token.raw):
                    upper[token.text[:-1]] += 1  # "Jean's"
            elif token.raw[:1].islower():
                lower[token.text] += 1
    return {w for w in upper if not lower[w] and w not in _NO_NAMES and w.isalpha()}


def _name_ok(word: str, written: set[str], capitals: bool) -> bool:
    if word in _NO_NAMES or len(word) < 2:
        return False
    return word in written if capitals else word in GIVEN_NAMES


def _rep_name(talk: Conversation, written: set[str]) -> str | None:
    if talk.rep is None:
        return None
    capitals = _has_capitals(talk)
    for sentence in talk.rep_sentences:
        match = _SELF.match(sentence.text)
        if match is None or not _name_ok(match["name"], written, capitals):
            continue
        sure = _SELF_SURE.search(sentence.text) or capitals
        following = (sentence.text[match.end("name") :].split() or [""])[0]
        if sure or following in _AFTER_NAME:
            return match["name"].capitalize()
    return None


def _prospect(talk: Conversation, rep: str | None, written: set[str]) -> str | None:
    capitals = _has_capitals(talk)
    shown = _named(talk, rep, written, capitals)
    told = _told_when_asked(talk, written, capitals)
    is_other = shown is not None and bool(told) and not told & set(shown.lower().split())
    if shown is None or is_other:  # the rep also speaks with somebody else, by another name
        return None
    return shown if all(is_heard(talk, part) for part in shown.lower().split() if part not in _TITLES) else None


def _named(talk: Conversation, rep: str | None, written: set[str], capitals: bool) -> str | None:
    own = _introduced(talk, written, capitals, rep)
    titled = _titled(talk, capitals)
    if own and titled and own.split()[0].lower() not in GIVEN_NAMES:
        # A recogniser spells rare names phonetically; the name that the rep uses for the customer is more reliable.
        return titled
    if own and titled and len(own.split()) == 2 and own.split()[1] != titled.split()[-1]:
        # Of two family names at most one is correct: only the first name is certain.
        return own.split()[0]
    return own or titled or _first_name(talk, rep, written, capitals)


_ASKS_NAME = re.compile(r"\b(?:(?:is|get|have|catch|got|was|know|ask) your name|your name is|your name was)$")
_TELLS_NAME = re.compile(
    r"^(?:(?:yes|oh|sorry|it is|i am|my name is) )*(?P<name>[a-z]{2,})(?: (?P<second>[a-z]{2,}))?$"
)


def _told_when_asked(talk: Conversation, written: set[str], capitals: bool) -> set[str]:
    """Return the names that a customer told when the rep asked for theirs."""
    found: set[str] = set()
    for sentence in talk.rep_sentences:
        reply = [s for s in talk.after(sentence, 1) if s.is_rep is False] if _ASKS_NAME.search(sentence.text) else []
        match = _TELLS_NAME.match(reply[0].text) if reply else None
        if match is not None and _name_ok(match["name"], written, capitals):
            found.update(w for w in match.group("name", "second") if w)
    return found


def _introduced(talk: Conversation, written: set[str], capitals: bool, rep: str | None) -> str | None:
    if talk.rep is None:
        return None
    for sentence in talk.customer_sentences:
        if talk.share_at(sentence.start_seconds) > 0.5 and sentence.turn > 4:
            break
        match = _SELF.match(sentence.text)
        if match is None or not _name_ok(match["name"], written, capitals) or match["name"].capitalize() == rep:
            continue
        if not (_SELF_SURE.search(sentence.text) or (capitals and "it is" not in sentence.text)):
            continue
        if _NAMES_ANOTHER.search(sentence.text) or (_PRESENTS.search(sentence.text) and sentence.turn > 1):
            continue  # "this is Ben" at the door presents somebody else
        second = match["second"]
        if second and capitals and second in written:
            return f"{match['name'].capitalize()} {second.capitalize()}"
        return match["name"].capitalize()
    return None


def _titled_in(sentence: Sentence) -> Iterable[re.Match[str]]:
    """Return the names with a title; few sentences hold any title."""
    return () if _TITLES.keys().isdisjoint(sentence.words) else _TITLED.finditer(sentence.text)


def _titled(talk: Conversation, capitals: bool) -> str | None:
    votes: Counter[str] = Counter()
    others = _titled_by_customer(talk)
    for sentence in talk.rep_sentences:
        for match in _titled_in(sentence):
            if match["name"] in others or _is_third(talk, sentence, match):
                continue
            raw = sentence.tokens[sentence.token_at(match.start("name"))].raw
            if match["name"] in _NO_NAMES or (capitals and not raw[:1].isupper()):
                continue
            at_end = match.end("name") == len(sentence.text)
            lead = match["lead"] or ""
            if not _addressed(lead, at_end, sentence, match.end("name")):
                continue
            name = _corrected(talk, sentence, match["name"])
            votes[f"{_TITLES[match['title']]} {name.capitalize()}"] += 1
    return votes.most_common(1)[0][0] if votes else None


_OF_THIRD = re.compile(r"\b(?:he|she|his|her|him)\b")


def _is_third(talk: Conversation, sentence: Sentence, match: re.Match[str]) -> bool:
    """Return whether a name that is all of a sentence is that of somebody just spoken of ("He's had one two years. Mr
    Brophy."), or of whom the customer says to know them."""
    name = match["name"]
    knows = re.compile(rf"\bknow(?: \w+)? {re.escape(name)}\b")
    if any(name in s.text and knows.search(s.text) for s in talk.customer_sentences):
        return True
    before = [s for s in talk.sentences_of_turn[sentence.turn] if s.number == sentence.number - 1]
    is_alone = match.start("title") == 0 and match.end("name") == len(sentence.text)
    return is_alone and any(_OF_THIRD.search(s.text) for s in before)


def _corrected(talk: Conversation, sentence: Sentence, name: str) -> str:
    """Return the name as the customer says it back where the rep had it nearly right ("Ackerberg?" "Achterberg.")."""
    reply = talk.after(sentence, 1)[:1]
    if not reply or reply[0].is_rep is not False or len(reply[0].words) != 1:
        return name
    said = reply[0].words[0]
    is_near = said not in _NO_NAMES and SequenceMatcher(None, said, name).ratio() >= _NEARLY_THE_SAME
    return said if is_near else name


_NEARLY_THE_SAME = 0.6
"""Share of the letters that two forms of one name have in common."""


def _titled_by_customer(talk: Conversation) -> set[str]:
    """Return the family names that the customer says with a title other than alone: they belong to somebody else."""
    said = [s for s in talk.customer_sentences if not _OWN_TITLED.match(s.text)]
    named = {m["name"] for s in said for m in _titled_in(s)}
    return named | {name.removesuffix("s") for name in named}  # "Mr Ellery's let us in"


_OWN_TITLED = re.compile(
    r"^(?:(?:yes|okay|no|oh|well|it is|i am|that is|this is|and|you can call me) )*(?:mr|mister|mrs|ms|miss|dr|doctor)"
    r" \w+(?: (?:please|yes|here|speaking|my))?$|\b(?:i am|my name is|call me) "
)


def _addressed(lead: str, at_end: bool, sentence: Sentence, end: int) -> bool:
    if _VOCATIVE_LEAD.match(lead) or not lead:
        return (
            bool(lead) or at_end or sentence.mark_between(max(0, end - 1), end) or _second_person(sentence.text[end:])
        )
    last = lead.split()[-1]
    third = {
        "for",
        "at",
        "with",
        "by",
        "of",
        "from",
        "doing",
        "the",
        "after",
        "and",
        "to",
        "about",
        "did",
        "see",
        "called",
        "that",
        "on",
        "near",
    }
    return at_end and last not in third


def _second_person(rest: str) -> bool:
    return bool(re.search(r"\b(?:you|your)\b", " ".join(rest.split()[:6])))


def _first_name(talk: Conversation, rep: str | None, written: set[str], capitals: bool) -> str | None:
    votes: Counter[str] = Counter()
    if talk.rep is None:
        return None
    named = _named_by_customer(talk) | _own_of_rep(talk, written)
    for sentence in talk.rep_sentences:
        match = _FIRST.match(sentence.text)
        if match is None or not _name_ok(match["name"], written, capitals):
            continue
        following = (match["rest"].split() or [""])[0]
        if match["name"] in named or _is_about(talk, sentence, match) or _is_on_phone(sentence, match, rep):
            continue
        marked = sentence.mark_between(match.start("name"), match.start("name") + 1) or not following
        if (capitals and match["name"] in written and (marked or following in _AFTER_FIRST)) or (
            not capitals and (not following or following in _AFTER_FIRST)
        ):
            votes[match["name"]] += 1
    for name, count in votes.most_common():
        if name.capitalize() != rep and count:
            return name.capitalize()
    return None


_OPENING_TURNS = 4
"""Turns within which "is that ...?" asks for the customer rather than for somebody else."""
_ASKS_WHO = re.compile(r"(?:^|.* )(?:is that|is it|are you) $")
_NAMES_ANOTHER = re.compile(r"\b(?!(?:my|the|and|so|yes|oh|well|hi|hello|first|full|last|own) )\w+(?: is)? name is\b")
"""A name that is not the speaker's: "his name is Ben", "the fellow's name is Pete"."""
_PRESENTS = re.compile(r"\b(?:this|that|here|it) is\b")
_THIRD_PERSON = re.compile(r"^(?:yes |oh |well |and )*(?:he|she|they) ")


_OWN = re.compile(
    r"^(?:yes |okay |no |it is |i am |that is |this is )*(?P<name>[a-z]+)(?: [a-z]+)?(?: please| yes| here| speaking)?$"
)
"""A sentence that may be the customer's own name, said alone."""
_FAREWELL = re.compile(r"^(?:bye|thanks|thank|cheers|hi|hello|hey|goodbye|night|sorry|oh|come|no|ready|right) ")


def _is_on_phone(sentence: Sentence, match: re.Match[str], rep: str | None) -> bool:
    """Return whether the rep, in the middle of the talk, tells who is speaking ("hi Rob, it's Gareth")."""
    return sentence.turn > _OPENING_TURNS and rep is not None and f" it is {rep.lower()}" in match["rest"]


def _own_of_rep(talk: Conversation, written: set[str]) -> set[str]:
    """Return the names that the rep gives before that of a firm at the beginning ("Skip Mallory, Golden Kettle")."""
    found: set[str] = set()
    for sentence in talk.rep_sentences:
        if sentence.turn > _OPENING_TURNS:
            break
        said = [t for t in sentence.tokens if t.raw]
        comma = next((n for n, t in enumerate(said[:_MOST_NAMES]) if t.raw.endswith(",")), None)
        firm = [t.raw[:1].isupper() for t in said[comma + 1 : comma + 3]] if comma is not None else []
        if (
            len(firm) == _LEAST_OF_FIRM
            and all(firm)
            and all(t.text in written | GIVEN_NAMES for t in said[: (comma or 0) + 1])
        ):
            found.update(t.text for t in said[: (comma or 0) + 1])
    return found


_MOST_NAMES, _LEAST_OF_FIRM = 2, 2
"""Words of a name, and words with a capital after it that show a firm."""


def _named_by_customer(talk: Conversation) -> set[str]:
    """Return the words that the customer says other than to introduce themself.

    Nobody calls or speaks of themself by name, so a name among them belongs to the rep, a child, a dog or a friend.
    """
    found: set[str] = set()
    for sentence in talk.customer_sentences:
        own = None if _goes_on_about(talk, sentence) else _OWN.match(sentence.text)
        is_call = _FAREWELL.match(sentence.text) or sentence.tokens[-1].raw.endswith("!")
        tells_own = _SELF_SURE.search(sentence.text) and not _NAMES_ANOTHER.search(sentence.text)
        if (own and not is_call) or tells_own:
            continue
        found.update(sentence.words)
    return found


def _goes_on_about(talk: Conversation, sentence: Sentence) -> bool:
    """Return whether the next sentence of the turn goes on with "he", "she" or "they"."""
    following = [s for s in talk.sentences_of_turn[sentence.turn] if s.number == sentence.number + 1]
    return bool(following) and _THIRD_PERSON.match(following[0].text) is not None


def _is_about(talk: Conversation, sentence: Sentence, match: re.Match[str]) -> bool:
    """Return whether the rep speaks about somebody of that name: asks in the middle of the talk, or goes on to say
    "she is ...".
    """
    if sentence.turn > _OPENING_TURNS and _ASKS_WHO.match(sentence.text[: match.start("name")]):
        return True
    return _goes_on_about(talk, sentence)
