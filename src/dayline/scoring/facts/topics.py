"""Topics of a conversation, as noun phrases for a title: no names, no verbs, no numbers.

A word is classified as a noun by its context: it follows an article or a possessive, precedes a word that ends a noun
phrase, and is not in the position of a verb. Words of the playbook and of offers are preferred.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache

from dayline.scoring.conversation import Conversation, Sentence
from dayline.scoring.facts.given_names import GIVEN_NAMES
from dayline.scoring.facts.offers import Offer

MOST_TOPICS = 2
_LEAST_OF_FIRST = 0.4
"""Share of the first topic's score that a second one needs."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_DETERMINERS = _set(
    "the a an your my our their his her this these those new old both any every each some another of no its"
)
_ADJECTIVES = _set(
    """
    new old big small little other same whole left right front back good bad best last first second third next
    main real long short high low hot cold warm dry wet hard soft easy free full empty open clean dirty heavy
    light flat fresh early late only own different single double extra cheap expensive nice great red blue green
    white black brown grey gray yellow broken loose own certain sure few more most less many much plain bare
    tiny huge proper basic standard regular normal original current previous existing annual monthly weekly
    daily final local national private public safe dangerous quiet loud happy sad ready busy true wrong fine
    okay top bottom upper lower inside outside downstairs upstairs
    """
)
_ENDS_PHRASE = _set(
    """
    is are was were be been has have had do does did will would can could should may might must shall and or but
    so because if when while that which who what where how why to of in on at by for from with without about
    over under into onto through up down off out then than as like i you he she it we they not no there here now
    too also just still again comes goes needs gets keeps looks works started stopped broke leaks costs runs
    makes yes okay right well um you're it's before after every until since through around behind between inside
    outside
    """
)
_VERB_PLACES = _set("i you we they he she to will would can could should may might must do did does not lets please")
_NEVER = _set(
    """
    thing things way ways time times day days week weeks month months year years hour hours minute minutes
    second seconds lot lots bit kind sort type people person man men woman women guy guys lady ladies folks boy
    boys girl girls kid kids lad lads fella everybody everyone somebody someone anybody nobody something
    anything nothing everything stuff part parts piece side sides end ends top bottom front back left right
    middle point question questions idea problem problems trouble issue reason fact case place places spot area
    number numbers name names word words call calls phone message minute moment morning afternoon evening night
    tonight today tomorrow yesterday monday tuesday wednesday thursday friday saturday sunday weekend january
    february march april june july august september october november december spring summer fall autumn winter
    wife husband mother father mom mum dad son daughter brother sister uncle aunt nephew niece cousin
    grandfather grandmother grandma granddad nan family baby child children parents boss manager neighbor
    neighbors friend friends customer customers mate love dear god lord heck hell sake bet deal job work rest
    half couple pair bunch couple dozen hundred thousand million dollar dollars pound pounds quid euro euros
    bucks cents pence percent money price prices cost costs bill bills one ones two three four five six seven
    eight nine ten eleven twelve twenty thirty forty fifty sixty seventy eighty ninety first second third last
    next other others another same whole all both each every few more most less much many some chance luck look
    looks visit minute break care hand hands head eye eyes foot feet back face mind heart body leg legs arm arms
    life world country state city town street road corner block next pleasure worry worries hurry mess joke
    truth matter difference thanks thank please hello hi bye sorry okay yes no yeah um uh course fair sense help
    use need want say talk think start stop go come get take make put give let see hear feel try turn run walk
    move pay buy sell sign keep leave wait company companies business office mean saying while since ago later
    soon early late answer story guess letter letters sound sounds line lines list size amount set sets try go
    turn round shot favor change step steps plan dog dogs cat cats coffee tea drink lunch dinner breakfast beer
    cake bread biscuit biscuits water sir madam maam missus mister buddy hon darling sweetheart
    """
)
_SUFFIX_NOT_NOUN = ("ly", "n't")


_NUMBER_WORDS = _set(
    """
    fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth
    seventeenth eighteenth nineteenth twentieth thirtieth thirteen fourteen fifteen sixteen seventeen eighteen
    nineteen zero point them him her hers mine yours ours theirs us me myself yourself itself themselves said
    says told asked went gone got done made came took gave put did had was been seen knew thought meant paid
    called wanted needed used looked order meeting appointment offer offers quote quotes estimate paper papers
    form forms card cards contract agreement
    """
)


_PRONOUNS = _set("myself yourself himself herself itself oneself ourselves yourselves themselves")
_NO_TOPIC = _NUMBER_WORDS | _NEVER | _ADJECTIVES | _ENDS_PHRASE | _DETERMINERS | _PRONOUNS


@lru_cache(maxsize=8192)
def _stem(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def topics_in(
    talk: Conversation, names: frozenset[str], favoured: Iterable[str], offers: Sequence[Offer]
) -> tuple[str, ...]:
    """Return up to two nouns or short noun phrases that name the topic, the most important first.

    names: names of people, which must not be topics. favoured: words of the trade.
    """
    as_noun: Counter[str] = Counter()
    as_other: Counter[str] = Counter()
    forms: dict[str, Counter[str]] = defaultdict(Counter)
    modified: dict[str, Counter[str]] = {}
    opened: Counter[str] = Counter()
    turns: dict[str, set[int]] = defaultdict(set)
    speakers: dict[str, set[bool | None]] = defaultdict(set)
    for sentence in talk.sentences:
        _count(sentence, as_noun, as_other, forms, modified, opened)
    for sentence in talk.sentences:
        for word in map(_stem, sentence.words):
            if word in as_noun:
                turns[word].add(sentence.turn)
                speakers[word].add(sentence.is_rep)
    wanted = {_stem(w) for w in favoured}
    offered = {_stem(w) for offer in offers for w in (offer.what or "").lower().split()}
    scores: dict[str, float] = {}
    for noun, count in as_noun.items():
        spread = len(turns.get(noun, ()))
        if noun in _ENDS_PHRASE:  # "no more ands"
            continue
        form = forms[noun].most_common(1)[0][0]
        is_name = form in names or (form in GIVEN_NAMES and noun not in wanted)  # "Grant" opens a title like a name
        if is_name or spread < 2 or not opened[noun] or as_other[noun] * 2 >= count:
            continue
        # A word that was a noun once counts wherever it is said: "window frames" names windows too.
        scores[noun] = spread**1.5 * (2.5 if noun in wanted else 1.0) * (1.6 if noun in offered else 1.0)
        scores[noun] *= 1.6 if len(speakers[noun]) > 1 else 1.0
    ranked = sorted(scores, key=lambda n: (-scores[n], n))
    chosen = [n for n in ranked if scores[n] >= scores[ranked[0]] * _LEAST_OF_FIRST][:MOST_TOPICS] if ranked else []
    return tuple(_phrase(n, forms, modified, names) for n in chosen)


@lru_cache(maxsize=8192)
def _noun_of(word: str) -> str | None:
    """Return the singular of a word that may be a noun, None of one that names no topic; most words occur often."""
    if len(word) < 3 or not word.isalpha() or word.endswith(_SUFFIX_NOT_NOUN) or word in _NO_TOPIC:
        return None
    noun = _stem(word)
    return None if noun in _NEVER else noun


def _count(
    sentence: Sentence,
    as_noun: Counter[str],
    as_other: Counter[str],
    forms: dict[str, Counter[str]],
    modified: dict[str, Counter[str]],
    opened: Counter[str],
) -> None:
    words = sentence.words
    for i, said in enumerate(words):
        word = _without_possessive(sentence, i, said) if said.endswith("s") else said
        noun = _noun_of(word)
        if noun is None:
            continue
        before = words[i - 1] if i else ""
        second = words[i - 2] if i > 1 else ""
        after = words[i + 1] if i + 1 < len(words) else ""
        third = words[i - 3] if i > 2 else ""
        opens = before in _DETERMINERS or (before in _ADJECTIVES and second in _DETERMINERS)
        joined = (
            not opens
            and _inside_phrase(before)
            and (second in _DETERMINERS or (_inside_phrase(second) and third in _DETERMINERS))
        )
        closes = (
            not after or after in _ENDS_PHRASE or sentence.tokens[sentence.token_at_word(i)].raw.endswith((",", ";"))
        )
        forms[noun][word] += 1
        if (opens or joined) and closes and not word.endswith("ing"):
            as_noun[noun] += 1
            opened[noun] += opens
            if joined and before not in _NEVER and before not in _VERB_PLACES and before not in _DETERMINERS:
                modified.setdefault(noun, Counter())[before] += 1
        elif before in _VERB_PLACES:
            as_other[noun] += 1


def _without_possessive(sentence: Sentence, place: int, word: str) -> str:
    """Return "battery" for "battery's", a word that ends with "s"."""
    raw = sentence.tokens[sentence.token_at_word(place)].raw.lower()
    return word[:-1] if _POSSESSIVE.search(raw) else word


_POSSESSIVE = re.compile(r"['’]s\W*$")


def _inside_phrase(word: str) -> bool:
    """Return whether a word may occur between an article and its noun."""
    return word.isalpha() and word not in _ENDS_PHRASE and word not in _DETERMINERS and word not in _VERB_PLACES


def _phrase(noun: str, forms: dict[str, Counter[str]], modified: dict[str, Counter[str]], names: frozenset[str]) -> str:
    shown = forms[noun].most_common(1)[0][0]
    for word, count in modified.get(noun, Counter()).most_common(1):
        if count >= 2 and word not in names and not word.endswith(("ed", "ing", "ly")) and word not in _NEVER:
            return f"{word} {shown}"
    return shown
