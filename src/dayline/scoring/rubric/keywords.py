"""Content words: stems of the words that indicate the subject of a text."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FUNCTION_WORDS = _words(
    """
    a about above absolutely across actually after afternoon again against ago ah ahead all almost alone along
    already alright also although always am among an and another any anybody anymore anyone anything anyway anyways
    apart are arent around as ask asked asking at away awesome back bad basically be because been before began begin
    being believe best better between big bit both bring but buy by call called came can cannot cant care case cause
    certain certainly chance check clear close come comes coming cool correct could couldnt couple course cover
    crazy day days deal decide definitely did didnt different do does doesnt doing done dont down during each early
    easier easy either else em end enough er especially etc even evening ever every everybody everyone everything
    exact exactly explain fact fair far feel few figure finally find fine first five for forget forward found four
    free from front full fun further gave general get gets getting give given gives giving glad go goes going gone
    gonna good got gotta gotten great guess guy guys had half hand happen happened happens happy hard has hasnt have
    havent having he head hear heard hello help helps her here heres hers hes hey hi high him his hit hm hmm hold
    honest honestly hope hour hours how hows huge huh hundred i id idea if ill im important in inside instead
    interested interesting into is isnt issue it itll its itself ive job just keep kept kind kinda knew know known
    knows large last late later leave left less let lets like likely line list listen literally little live long
    longer look looked looking looks lost lot lots love low lower made main make makes making man many matter may
    maybe me mean means meant meet mention mentioned middle might mind mine minute minutes miss mm moment month
    months more morning most mostly move mr mrs ms mister missus much must my myself name near nearly need needed
    needs never new next nice night nine no nobody none noon normal normally not nothing now number of off often oh
    ok okay old on once one ones only open option options or order other others our ours out outside over own part
    particular pass past people per percent perfect perhaps person pick piece place plan please plus point possible
    pretty probably problem problems put question questions quick quickly quite rather read ready real really reason
    reasonable remember rest right room run said same saw say saying says second see seem seems seen send sense set
    seven several shall she shes short should shouldnt show side simple simply since sir sit six small so some
    somebody somehow someone something sometime sometimes somewhere soon sorry sort sound sounds spend stand start
    started starting starts stay step still stop stuff such super supposed sure take taken takes taking talk talked
    talking tell ten than thank thanks that thatll thats the their theirs them then there theres these they theyd
    theyll theyre theyve thing things think thinking third this those though thought thousand three through till
    time times tiny to today together told tomorrow tonight too took top total totally toward tried true try trying
    turn twelve twenty two type typical uh um under understand until up upon us use used using usual usually very
    wait walk want wanted wants was wasnt watch way ways we wed week weekend weeks well went were werent weve what
    whatever whats when whenever where wheres whether which while who whole whos whose why wide will wish with
    within without wont wonder wonderful word work worked working works world worry worse worst worth would wouldnt
    write wrong yeah yall year years yep yes yesterday yet you youd youll young your youre yours yourself youve
    dollar dollars bucks monday tuesday wednesday thursday friday saturday sunday january february march april june
    july august september october november december thirty forty fifty sixty seventy eighty ninety eleven fifteen
    zero customer customers company anyhow wow excuse bye goodbye maam appreciate whatnot gotcha kidding folks ahold
    """
)
_PROMPT_WORDS = _words(
    """
    rep reps representative seller salesperson customer customers prospect prospects client clients agent score
    scores rate rating evaluate evaluation assess assessment check whether conversation conversations call calls
    meeting flag mark detect identify criterion criteria disqualifier disqualify disqualified focus points zero
    should must ensure confirm verify during mention mentions mentioned mentioning say says said ask asks asked
    asking tell tells explain explains explained discuss discussed discusses offer offers offered clearly properly
    naturally appropriate appropriately note notes report answer question questions give gives given pass fail yes
    present absent following least failing automatically immediately use uses used introduce introduces introduced
    step playbook script opening close closing
    """
)


def content_words(words: Iterable[str]) -> frozenset[str]:
    """Return the stems of the content words; figures and function words are left out."""
    return frozenset(stem(w) for w in words if is_content(w))


def is_content(word: str) -> bool:
    """Return whether a word indicates the subject of a text."""
    return len(word) > 2 and word not in _FUNCTION_WORDS and not any(c.isdigit() for c in word)


def is_instruction(word: str) -> bool:
    """Return whether a word is an instruction to the analyst instead of a term to look for."""
    return word in _PROMPT_WORDS


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Remove the most common English endings, so that "inspections" and "inspected" match. A crude stemmer."""
    for ending, least in (
        ("ational", 6),
        ("ations", 4),
        ("ation", 4),
        ("ings", 4),
        ("ing", 4),
        ("ions", 4),
        ("ion", 4),
    ):
        if word.endswith(ending) and len(word) - len(ending) >= least:
            return _undouble(word[: -len(ending)])
    for ending, put in (("ies", "y"), ("sses", "ss"), ("es", ""), ("ed", ""), ("ly", ""), ("s", ""), ("e", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not (ending == "s" and word.endswith("ss")):
            return _undouble(word[: -len(ending)] + put)
    return word


def _undouble(word: str) -> str:
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "ls" else word
