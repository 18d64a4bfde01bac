"""Title of a conversation without an analysis."""

from __future__ import annotations

from collections.abc import Iterable

from dayline.domain.quotes import normalise
from dayline.domain.transcript import Transcript
from dayline.scoring.conversation import Conversation
from dayline.scoring.facts import extract
from dayline.scoring.rubric.keywords import content_words
from dayline.scoring.rubric.wording import title_for


def title_of(transcript: Transcript, rep_label: str | None, vocabulary: Iterable[str] = ()) -> str:
    """Return the topic and the customer's name of a conversation, from its words alone. Never empty.

    vocabulary: words of the trade that the title should prefer.
    """
    talk = Conversation(transcript, rep_label)
    return title_for(talk, extract(talk, content_words(w for v in vocabulary for w in normalise(v))))
