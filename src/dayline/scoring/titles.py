"""Title of a conversation without an analysis."""

from __future__ import annotations

from collections.abc import Iterable

from dayline.domain.quotes import normalise
from dayline.domain.transcript import Transcript
from dayline.scoring.conversation import Conversation
from dayline.scoring.facts.offers import offers_in
from dayline.scoring.facts.people import people_in
from dayline.scoring.facts.sentence_features import SentenceFeatures
from dayline.scoring.facts.topics import topics_in
from dayline.scoring.facts.turn_context import read_turns
from dayline.scoring.rubric.keywords import content_words
from dayline.scoring.rubric.wording import titled


def title_of(transcript: Transcript, rep_label: str | None, vocabulary: Iterable[str] = ()) -> str:
    """Return the topic and the customer's name of a conversation, from its words alone. Never empty.

    It is the title of the analysis; of the facts only those are looked for that a title is made of.
    vocabulary: words of the trade that the title should prefer.
    """
    talk = Conversation(transcript, rep_label)
    people = people_in(talk)
    offers = offers_in(talk, SentenceFeatures(talk), read_turns(talk))
    favoured = content_words(w for v in vocabulary for w in normalise(v))
    return titled(talk, topics_in(talk, people.names, favoured, offers), people.prospect)
