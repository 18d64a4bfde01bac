"""Where a clause of a sentence ends: before the next clause with a subject, or before a farewell."""

from __future__ import annotations

import re

from dayline.scoring.conversation import Sentence
from dayline.scoring.facts.grammar import words

_NEW_CLAUSE = re.compile(
    r" (?:and|but|so|then|because) (?:then )?(?:i|we|you|he|she|they|it|our|the \w+ will|please|if|here "
    r"is|here are)\b(?! know)"
    r"| (?:and|but|so|or) (?:(?:could|can|shall|should|would|may|might|do|are) (?:i|we|you|they))\b"
)


_FAREWELL = re.compile(
    r" (?:have a (?:good|nice|great|lovely)|(?:good ?)?bye|take care|see you (?:then|soon|later|around)|"
    r"thank you|thanks)\b"
)
_NEW_SUBJECT = re.compile(
    r" (?:(?:i|we|you|he|she|they|it|that|there|this|what) (?:am|is|are|was|were|have|has|had|will|would|"
    r"can|could|do|does|did|just|got"
    r"|want|need|know|think|reckon|go|say|tell|take|put|see|give|look|make|get|said|pay)|(?:okay|all "
    r"right|bye|yes|no|well|so|believe|sorry|"
    r"thanks|thank you|what|how|are you|do you|is it|is that|can you|have you|where|why|not|cause|because|"
    r"either way|just you)) "
)
_CARRIES_ON = words("""
    what how who that when where if because so as which whatever than while before after until till once cause
    whether why and everything anything all time day the
    """)


def clause_end(sentence: Sentence, start: int) -> int:
    """Return the end offset of the clause that begins at `start`: before the next clause with a subject."""
    ends = [
        m.start() for m in [_NEW_CLAUSE.search(sentence.text, start + 4), _FAREWELL.search(sentence.text, start)] if m
    ]
    if not sentence.tokens[-1].raw.endswith((".", "!", "?")):
        # Without punctuation a clause ends where a new subject and verb begin, unless a conjunction continues it.
        for match in _NEW_SUBJECT.finditer(sentence.text, start + 4):
            before = sentence.text[: match.start()].split()[-1:]
            if not before or before[0] not in _CARRIES_ON:
                ends.append(match.start())
                break
    return min(ends, default=len(sentence.text))
