"""Smaller facts of a conversation: needs, agreement, introductions, recaps, thanks, benefits, proof and explanations.

Each is a sentence that states the fact itself. A missing one is unknown, never an absence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dayline.scoring.conversation import Conversation, Quote, Sentence
from dayline.scoring.facts.grammar import any_of, lines, pattern
from dayline.scoring.facts.turn_encoder import TASKS, Read

_NEED = pattern(
    *lines(
        """
        (?:is|are|was|were|got|gets|getting|been)(?: so| too| very| really| always| all| terribly)? (?:leaking|
        cracked|rotten|rotting|drafty|draughty|freezing|mouldy|moldy|worn out|falling apart|jammed|dripping|rusty|
        too small|too slow)
        (?:biggest|main|only|real) (?:problem|trouble|issue|worry|headache|nightmare|concern) (?:is|was|with|for|has)
        (?:having|had|there is been|always) (?:a lot of |some |so much |nothing but |real )(?:problems?|trouble|issues?|
        leaks?|complaints?|hassle)(?: with)?
        (?:it|they|the \\w+) (?:just |always |keeps? )?(?:leaks|jams|drips|does not (?:work|close|start|hold|shut)|
        will not (?:work|close|start|hold|shut|come on))
        (?:i am|we are)(?: a bit| really| very| so| always)? (?:fed up|sick of|tired of|frustrated|struggling|losing|
        running out)
        (?:pay|paying|spend|spending)(?: \\w+){0,4} (?:too much|a fortune|so much|a lot of money)
        there is (?:a|some|this) (?:problem|trouble|issue) with (?:my|our|the)
        worse every (?:year|winter|summer|week|month)
        (?:i|we) (?:can not|cannot) (?:use|open|close|shut|lock|heat) (?:it|them|that|(?:the|my|our) \\w+)
        (?:water|rain|wind) (?:comes?|gets?) (?:in|through)|(?:water|rain|wind) come in
        (?:kept|keeps?) (?:breaking|leaking|failing|jamming|tripping|freezing|losing|running out|going out|falling)
        """
    )
)
_NO_NEED = pattern("(?:not|never|no) (?:a |really |the |any )?(?:problem|trouble|issue|worry|concern|worried|bad)")
_AGREEMENT = pattern(
    *lines(
        """
        (?:that|it|this)(?: all)?(?: actually| really)? (?:sounds (?:good|great|fair|right|better|reasonable|perfect|
        lovely|interesting)|makes sense|would (?:be (?:great|good|lovely|perfect|nice|a relief)(?! for your)|help)|
        helps(?: a lot)?|works for (?:me|us))
        ^(?:yes |oh |okay |well |no |all right |hm |ah )*(?:that|it|this) is(?: a|
         really| very| quite| actually)* (?:good|great|perfect|fair|interesting|true|fine|lovely|brilliant|
         reasonable|clever)(?: idea| point| thing| to know| enough| then| actually| thanks| thank you| for (?:me|
         us))?$
        (?:is|be)(?: exactly| just)? what (?:i|we) (?:need|want|wanted|thought)(?! to (?:ask|know|say))
        (?:i|we)(?: really| quite| do)? (?:like|love) (?:that|it|this)$
        (?:i|we)(?: really| quite| do)? (?:like|love) the (?:idea|sound|look)
        ^(?:yes |oh |okay |well |no )*(?:that|it) is not (?:so )?bad(?: at all)?$
        you are right|good point|^(?:well |okay |yes )*(?:fair enough|fair point)|^(?:yes )?(?:exactly|absolutely)
        lets do (?:it|that|this)|i am (?:interested|sold)|that i can do|^impressive|go on then|good to know
        glad you (?:came|said|told)|you have been (?:great|very|so|really)|very happy with (?:this|that|it)
        """
    )
)
_DENIED = pattern(
    "(?:not|never|no|nothing|but|if|would not|is not) (?:\\w+ ){0,2}(?:sounds?|good|great|sense|"
    "interesting|fair|sure|like|love|true)"
)
# "That is good, but another company was cheaper" is no agreement.
_LIMITED = re.compile(r"\b(?:but|except|only if|unless|although)\b")
_INTRODUCTION = pattern(
    *lines(
        """
        my name is \\w+|i am \\w+(?: \\w+)? (?:from|with|at) \\w+|(?:i am|we are|it is \\w+) (?:from|
        with) (?:the )?\\w+|this is \\w+ (?:from|with|at) \\w+|i am the \\w+(?: \\w+)? (?:guy|man|rep|person|lady)
        """
    )
)
_RECAP = pattern(
    *lines(
        """
        ^(?:so |and |okay |right |then )?(?:just )?to (?:recap|confirm|sum up|summarize|be clear|make sure i)
        let me (?:recap|just recap|read (?:it|that|this) back|repeat|make sure i|sum)
        so (?:that is|we have|we have got|what we have) (?:\\w+ ){1,}(?:and|at|for) (?:\\w+ )*
        if i (?:understand|understood|heard) (?:you|that|it)|(?:so )?what i am hearing
        so (?:you are saying|what you are saying)
        """
    )
)
_THANKS = pattern(
    *lines(
        """
        thank you(?: so much| very much| all| both| again| guys)?(?: for| \\w+$|$)|thanks(?: so much| a lot|
         a million| again| for|$)|many thanks|i (?:really )?appreciate (?:it|you|your|the)|cheers(?: for|$| mate|
          love)|pleasure (?:meeting|doing)|nice (?:meeting|to have met) you
        """
    )
)
_PROOF = pattern(
    *lines(
        """
        warranty|warrantied|guarantee|guaranteed|money back|(?:fully|we are|i am|ours are|they are) (?:licensed|insured|
        certified|accredited|registered)|references|(?:our|good|the|five star|hundred|thousand) reviews|case study
        (?:a |another |one of our |our )customers?(?: of ours)? (?:who|did|had|said|told)
        (?:your neighbors?|next door(?: to you)?|\\w+ (?:up|down|across) the (?:road|street)) (?:has|had|did|got) (?:it|
        one|the same|theirs|us)
        (?:years|decades) in (?:business|the trade)|been doing this|independent(?:ly)? test(?:ed|s)?
        (?:in|the) (?:trial|study|test) (?:with|of|was|showed|we)|free trial
        (?:put|is|have|got|get) (?:it|that|this|them)? ?in writing
        """
    )
)
_MAY_PROVE = pattern(
    *lines(
        """
        warranty|warrantied|guarantee|guaranteed|money back|(?:fully |we are |are )?(?:licensed|insured|certified|
        accredited|registered)|references?|reviews|case study|(?:a |another |one of our |
        our )customers?(?: of ours)?(?: on| in| at| who| did| had| said| told| of)|your neighbors?|
        next door(?: to you)? (?:has|had|did|got)|(?:years|
        decades) in (?:business|the trade)|been doing this|independent(?:ly)? test(?:ed|s)?|(?:in|the) (?:trial|
        study|test) (?:with|of|was|showed|we)|in writing|free trial|on trial|sample
        """
    )
)
"""Words that may be proof: where one was said, nobody may state that there was none."""
_BENEFIT = pattern(
    *lines(
        """
        (?:will |would |it |that |this )?saves? you(?! on\\b)
        you (?:will|would) (?:save|pay less|never have to)(?! (?:me|us|him|her|them)\\b)
        (?<!if )you (?:save|pay less|never have to)(?! (?:me|us|him|her|them)\\b)
        so (?:that )?you (?:do not have to|will not|never|save|pay less|could save)
        means (?:for )?you|it (?:means|would mean) (?:you|that you)|helps you
        (?:it|that|this|which|they|we) (?:will |would )?(?:protects?|keeps?|lowers?|cuts?) your
        peace of mind|pays? for itself|easier for you|safe for your
        for you that would be|what this means for you
        """
    )
)
_EXPLANATION = pattern(
    *lines(
        """
        first(?:ly)? (?:of all|thing i|thing we|i|we)|second(?:ly)? (?:of all|i|we)|step (?:one|two|three)
        the reason|which means|that means|what (?:this|that) means|in other words|for example|for instance
        so what (?:we|i) (?:do|would|will)|what (?:we|i) (?:do|would do|will do) is
        here is how|(?:there are|there is|i have got|i have|you have got) (?:two|three|a couple of|
        a few) (?:ways|options|kinds)|how (?:it|this|that) works|the way (?:it|this) works
        let me (?:explain|tell you (?:what|how|why))|the difference (?:is|between)
        \\w+ because (?:the|it|they|when|you|if|that)
        """
    )
)
_CHECK = pattern(
    *lines(
        """
        (?:does|do) (?:that|it|this) (?:make sense|answer)|^(?:\\w+ ){0,2}make sense$
        do you (?:follow|see (?:how|what i))
        (?:any|what|what other|any other) questions|is that clear|are you with me|you with me|you follow
        did i get that|have i got that right|is there anything else you|anything else you
        """
    )
)
_EMPATHY = pattern(
    *lines(
        """
        i (?:understand|hear you|can imagine|do not blame you|would (?:feel|be) the same)
        that must (?:be|have been) (?:hard|frustrating|frightening|awful|tough|difficult|a pain|a nightmare|a worry)
        that is (?:fair|understandable|frustrating)
        sorry to hear|sounds (?:frustrating|awful|hard|tough|stressful|rough)|no pressure|you mentioned
        (?:like|as) you said|fair (?:enough|point|question)|good (?:question|point)
        """
    )
)


_SIGNS_OF_REP = any_of((_INTRODUCTION, _RECAP, _THANKS, _PROOF, _MAY_PROVE, _BENEFIT, _EXPLANATION, _CHECK, _EMPATHY))


@dataclass(frozen=True, slots=True)
class Signals:
    """Sentences in which something is said that scores and advice may use, in order."""

    needs: tuple[Sentence, ...]
    agreement: tuple[Sentence, ...]
    introductions: tuple[Sentence, ...]
    recaps: tuple[Sentence, ...]
    thanks: tuple[Sentence, ...]
    proof: tuple[Sentence, ...]
    may_prove: tuple[Sentence, ...]
    benefits: tuple[Sentence, ...]
    explanations: tuple[Sentence, ...]
    checks: tuple[Sentence, ...]
    empathy: tuple[Sentence, ...]


def signals_in(talk: Conversation, read: Read | None = None) -> Signals:
    """Return the signals of a conversation. Empty if voices are not distinguished.

    read: what the encoder reads in a conversation of many turns; it knows a need better than words do.
    """
    rep = _with(talk.rep_sentences, _SIGNS_OF_REP) if talk.rep is not None else ()
    customer = talk.customer_sentences if talk.rep is not None else []
    return Signals(
        needs=_needs_by_words(customer) if read is None else _needs_read(talk, read),
        agreement=tuple(
            s
            for s in _with(customer, _AGREEMENT)
            if not (_DENIED.search(s.text) or _LIMITED.search(s.text) or s.is_marked_question)
        ),
        introductions=tuple(s for s in _with(rep, _INTRODUCTION) if talk.share_at(s.start_seconds) < 0.35),
        recaps=_with(rep, _RECAP, least_words=6),
        thanks=_with(rep, _THANKS),
        proof=_told(rep, _PROOF),
        may_prove=_with(rep, _MAY_PROVE),
        benefits=_told(rep, _BENEFIT),
        explanations=_told(rep, _EXPLANATION),
        checks=_with(rep, _CHECK),
        empathy=_with(rep, _EMPATHY),
    )


def _needs_by_words(customer: Sequence[Sentence]) -> tuple[Sentence, ...]:
    found = _with(customer, _NEED, least_words=5)
    return tuple(s for s in found if not (_NO_NEED.search(s.text) or s.is_marked_question or _IF.search(s.text)))


def _needs_read(talk: Conversation, read: Read) -> tuple[Sentence, ...]:
    """Return the longest sentence of each turn of the customer in which the encoder surely reads a need."""
    column = TASKS.index("need")
    turns = [n for n, turn in enumerate(talk.turns) if turn.speaker != talk.rep and read.turns[n, column] >= _SURE_NEED]
    return tuple(
        max(sentences, key=lambda s: len(s.words)) for n in turns if (sentences := talk.sentences_of_turn.get(n))
    )


_SURE_NEED = 2.0
"""Log-odds by the encoder from which a need is stated."""
_IF = re.compile(r"^(?:and |but |so |what )*if\b|\bwhat (?:happens )?(?:if|when)\b")


def first_quotes(sentences: Sequence[Sentence], most: int) -> tuple[Quote, ...]:
    """Return the quotes of the first sentences."""
    return tuple(s.quote for s in sentences[:most])


def _with(sentences: Sequence[Sentence], expression: re.Pattern[str], least_words: int = 1) -> tuple[Sentence, ...]:
    return tuple(s for s in sentences if len(s.words) >= least_words and expression.search(s.text))


def _told(sentences: Sequence[Sentence], expression: re.Pattern[str]) -> tuple[Sentence, ...]:
    """Return the sentences that are statements, not questions."""
    found = _with(sentences, expression, least_words=5)
    return tuple(s for s in found if not (s.is_marked_question or _QUESTION.match(s.text) or _NOT_TOLD.search(s.text)))


_NOT_TOLD = re.compile(
    r"\b(?:not|never) (?:\w+ ){0,5}(?:save|guaranteed?|warranty|writing|money back)\b|\bmake sure (?:it|they|he|she)\b"
    r"|\b(?:he|she|they) (?:is|are|was|were)? ?(?:saying|say|says|said|reckons?)\b"
)
"""A promise that is denied, is somebody else's or is to be checked with others."""
_QUESTION = re.compile(
    r"(?:so |and |but |okay |ha )?(?:what|where|when|how|why|who|would|do|does|did|is|are|can|could) "
)
