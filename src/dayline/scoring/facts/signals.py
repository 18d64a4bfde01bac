"""Smaller facts of a conversation: needs, agreement, introductions, recaps, thanks, benefits, proof and explanations.

Each is a sentence that states the fact itself. A missing one is unknown, never an absence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dayline.scoring.conversation import Conversation, Quote, Sentence
from dayline.scoring.facts.grammar import lines, pattern

_NEED = pattern(
    *lines(
        """
        (?:keeps?|kept|started|starts) (?:\\w+ing|on \\w+ing)
        (?:is|are|was|were|got|gets|getting|been|so|too|very|it is)(?: so| too| very| really| always| all|
         terribly)? (?:leaking|broken|cracked|rotten|rotting|drafty|draughty|freezing|damp|mouldy|moldy|worn|
         worn out|falling apart|stuck|jammed|noisy|loud|dangerous|dripping|flooded|rusty|crooked|too small|too hot|
         too cold|too big|too slow|worse)
        (?:the|my|our|biggest|main|only|real|a|that is the) (?:problem|trouble|issue|worry|headache|nightmare|
        concern) (?:is|was|with|for|has)
        (?:having|had|got|have|there is|been) (?:a |some |so much |nothing but |real |the same )?(?:problems?|
        trouble|issues?|leaks?|complaints?|hassle)(?: with)?
        (?:it|they|that|the \\w+)(?: just| always)? (?:leaks?|breaks?|stopped|sticks?|jams?|drips?|fails?|broke|
        snapped|does not (?:work|close|open|move|start|hold|fit|come on|go)|will not (?:work|close|open|move|start|
        hold|shut|come on|go)|hums|squeaks|trips?|freezes|smells)
        (?:am|are|is|was|were)(?: a bit| really| very| so| always)? (?:worried|scared|afraid|fed up|sick of|tired of|
        frustrated|struggling|short of|losing|running out)
        (?:went|gone|goes|going) up (?:by|from|again|every|to)|(?:pay|paying|spend|spending)(?: \\w+){0,4} (?:a lot|
        too much|a fortune|so much)
        (?:i|we)(?: really| just)? (?:can not|could not) (?:sleep|use|open|close|get|hear|park|reach|find|keep|see|
        manage|cope|trust|go up)
        (?:i|we) (?:would like|want|need|wanted|have been wanting|am looking for|are looking for|wish)(?: something|
         someone| it| them| one| a| an| to (?:have|get|change|replace|fix|find|know|keep|stop|be able))
        (?:i|we)(?: would)? (?:hate|do not like|do not love|can not stand)(?: \\w+)+
        it (?:would|will|has to|must|needs to|should) be (?:a relief|great if|easy|quiet|safe|warm|dry|ready)
        """
    )
)
_NO_NEED = pattern("(?:not|never|no) (?:a |really |the |any )?(?:problem|trouble|issue|worry|concern|worried|bad)")
_AGREEMENT = pattern(
    *lines(
        """
        (?:that|it|this)(?: all)?(?: actually| really)? (?:sounds (?:good|great|fair|right|better|reasonable|perfect|
        lovely|interesting)|makes sense|would (?:be (?:great|good|lovely|perfect|nice|a relief)|help)|
        helps(?: a lot)?|works for (?:me|us))
        ^(?:yes |oh |okay |well |no |all right |hm |ah |sixty percent |forty two dollars )*(?:that|it|this) is(?: a|
         really| very| quite| actually)* (?:good|great|perfect|fair|interesting|true|fine|lovely|brilliant|
         reasonable|clever)(?: idea| point| thing| to know| enough| then| actually| thanks| thank you| for (?:me|
         us))?$
        (?:is|be)(?: exactly| just)? what (?:i|we) (?:need|want|wanted|thought)
        (?:i|we)(?: really| quite| do)? (?:like|love) (?:that|it|this|the (?:idea|sound|look))|
        not (?:so )?bad(?: at all)?|you are right|good point|fair enough|fair point|^(?:yes )?(?:exactly|absolutely)|
        lets do (?:it|that|this)|i am (?:interested|sold)|that i can do|^impressive|go on then|good to know|
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
        let me (?:recap|just recap|
        read (?:it|that|this) back|repeat|make sure i|sum)|so (?:that is|we have|we have got|
        what we have) (?:\\w+ ){1,}(?:and|at|for) (?:\\w+ )*|if i (?:understand|understood|got|heard) (?:you|that|
        it)|(?:so )?what i am hearing|so (?:you are saying|what you are saying)
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
        warranty|warrantied|guarantee|guaranteed|money back|(?:fully |we are |are )?(?:licensed|insured|certified|
        accredited|registered)|references?|reviews|case study|(?:a |another |one of our |
        our )customers?(?: of ours)?(?: on| in| at| who| did| had| said| told| of)|your neighbors?|
        next door(?: to you)? (?:has|had|did|got)|(?:years|
        decades) in (?:business|the trade)|been doing this|independent(?:ly)? test(?:ed|s)?|(?:in|the) (?:trial|
        study|test) (?:with|of|was|showed|we)|in writing|free trial|on trial|sample
        """
    )
)
_BENEFIT = pattern(
    *lines(
        """
        (?:will |would |it |that |this )?saves? you|you will (?:save|get|keep)|you (?:will |would )(?:save|pay less|
        never have to|
        not have to)|you (?:save|pay less|never have to|do not have to)|so (?:that )?you (?:can|do not have to|
        will not|never|save|pay|could) |means (?:for )?you|it (?:means|would mean) (?:you|that you)|helps you|
        (?:protects?|keeps?|lowers?|cuts?) your|peace of mind|pays? for itself|easier for you|safe for your|
        for you that would be|what this means for you
        """
    )
)
_EXPLANATION = pattern(
    *lines(
        """
        first(?:ly)? (?:of all|thing|i|we)|second(?:ly)? (?:of all|i|we)|step (?:one|two|three)|next step is|
        the reason|which means|that means|what (?:this|that) means|in other words|for example|for instance|
        so what (?:we|i) (?:do|would|will|see|have)|what (?:we|i) (?:do|would do|will do|see|can do) is|
        here is (?:what|how|why)|(?:there are|there is|i have got|i have|you have got) (?:two|three|a couple of|
        a few) (?:ways|options|kinds)|how (?:it|this|that) works|the way (?:it|this) works|let me (?:explain|
        show you|tell you (?:what|how|why))|the difference (?:is|between)|because (?:the|it|they|when|you|if|that)|
        ^(?:so |okay |right |there |now )?(?:you )?see (?:this|these|here|how|that (?:gap|spot|line|one|lamp))
        """
    )
)
_CHECK = pattern(
    *lines(
        """
        (?:does|do) (?:that|it|this|you) (?:make sense|see how|follow|see what|help|answer)|make sense|(?:any|what|
        what other|any other) questions|is that (?:clear|right|fair|okay so far)|are you with me|you (?:with me|
        follow)|did i get that|have i got that right|is there anything (?:else )?(?:you|that)|anything else you|
        sound (?:fair|right|good)|how does that sound|do you see
        """
    )
)
_EMPATHY = pattern(
    *lines(
        """
        i (?:understand|hear you|get that|get it|can imagine|appreciate (?:that|you|it)|do not blame you|
        would be too|would (?:feel|be) the same)|(?:must|that must) (?:be|have been) (?:hard|frustrating|frightening|
        awful|tough|difficult|a (?:pain|nightmare|worry))|that is (?:fair|understandable|frustrating|awful|terrible|
        rough|tough|a shame|hard)|(?:so |really |very |i am )?sorry (?:to hear|about|that (?!i |we ))|sounds (?:
        frustrating|awful|hard|tough|stressful|rough)|no pressure|you (?:mentioned|said|told me)|like you said|
        as you said|
        sounds like|fair (?:enough|point|question)|good (?:question|point)
        """
    )
)


@dataclass(frozen=True, slots=True)
class Signals:
    """Sentences in which something is said that scores and advice may use, in order."""

    needs: tuple[Sentence, ...]
    agreement: tuple[Sentence, ...]
    introductions: tuple[Sentence, ...]
    recaps: tuple[Sentence, ...]
    thanks: tuple[Sentence, ...]
    proof: tuple[Sentence, ...]
    benefits: tuple[Sentence, ...]
    explanations: tuple[Sentence, ...]
    checks: tuple[Sentence, ...]
    empathy: tuple[Sentence, ...]


def signals_in(talk: Conversation) -> Signals:
    """Return the signals of a conversation. Empty if voices are not distinguished."""
    rep = talk.rep_sentences if talk.rep is not None else []
    customer = talk.customer_sentences if talk.rep is not None else []
    return Signals(
        needs=tuple(s for s in _with(customer, _NEED, least_words=5) if not _NO_NEED.search(s.text)),
        agreement=tuple(
            s
            for s in _with(customer, _AGREEMENT)
            if not (_DENIED.search(s.text) or _LIMITED.search(s.text) or s.is_marked_question)
        ),
        introductions=tuple(s for s in _with(rep, _INTRODUCTION) if talk.share_at(s.start_seconds) < 0.35),
        recaps=_with(rep, _RECAP, least_words=6),
        thanks=_with(rep, _THANKS),
        proof=_with(rep, _PROOF, least_words=5),
        benefits=_told(rep, _BENEFIT),
        explanations=_told(rep, _EXPLANATION),
        checks=_with(rep, _CHECK),
        empathy=_with(rep, _EMPATHY),
    )


def first_quotes(sentences: Sequence[Sentence], most: int) -> tuple[Quote, ...]:
    """Return the quotes of the first sentences."""
    return tuple(s.quote for s in sentences[:most])


def _with(sentences: Sequence[Sentence], expression: re.Pattern[str], least_words: int = 1) -> tuple[Sentence, ...]:
    return tuple(s for s in sentences if len(s.words) >= least_words and expression.search(s.text))


def _told(sentences: Sequence[Sentence], expression: re.Pattern[str]) -> tuple[Sentence, ...]:
    """Return the sentences that are statements, not questions."""
    found = _with(sentences, expression, least_words=5)
    return tuple(s for s in found if not s.is_marked_question and not _QUESTION.match(s.text))


_QUESTION = re.compile(
    r"(?:so |and |but |okay |ha )?(?:what|where|when|how|why|who|would|do|does|did|is|are|can|could) "
)
