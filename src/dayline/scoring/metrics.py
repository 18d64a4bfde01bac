"""Talk metrics, counted from words and times.

Definitions, so that figures can be compared between systems:

- questions and fillers are the rep's if voices are distinguished, otherwise those of all speakers;
- words per minute is the number of words over their speaking time, including pauses of up to one second;
- talk ratio is the rep's share of all speech;
- the longest monologue is the longest time from a first to a last word of the rep in which nobody else says more than
  two words (a "yeah" or "mm hm" does not end a monologue);
- interactivity is changes of voice per minute of speech;
- patience is the median pause between the end of another voice and the rep's next word. Pauses over ten seconds are
  ignored, overlaps count as zero.

Conversation-analysis products report the same measures; the definitions above are Dayline's.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from dayline.domain.analysis import TalkMetrics
from dayline.domain.quotes import Token, tokens_of
from dayline.domain.transcript import Transcript
from dayline.scoring.questions import questions_in
from dayline.scoring.turns import Turn, known_rep, speech_seconds, turns_of

BACKCHANNEL_WORDS = 2
LONGEST_ANSWER_PAUSE_SECONDS = 10.0


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


HESITATIONS = _words("um uh uhm umm uhh er erm ah eh hmm hm mm mmm")
_WORDS = _words("basically literally honestly")
_PAIRS = {
    # A pair is a filler unless the preceding word makes it part of the sentence.
    ("you", "know"): _words("do did if as when because let would dont didnt how what that until since before"),
    ("i", "mean"): _words("what do does know"),
    ("sort", "of"): _words("a what some any this that the which every all"),
    ("kind", "of"): _words("a what some any this that the which every all one"),
}
_AFTER_YOU_KNOW = _words("what how who where when why that if about")


_known: dict[tuple[int, str | None], TalkMetrics] = {}
"""Metrics of the transcripts in use, by identity and the rep's label: an analysis and its report have the same."""


def keep(transcript: Transcript, rep: str | None, metrics: TalkMetrics) -> None:
    """Keep the metrics of a transcript for `measure` as long as it is in use. rep: the rep's label as `known_rep`."""
    key = id(transcript), rep
    if key not in _known:
        _known[key] = metrics
        weakref.finalize(transcript, _known.pop, key, None).atexit = False


def measure(transcript: Transcript, rep_label: str | None) -> TalkMetrics:
    """Count the talk metrics of one conversation.

    rep_label: the rep's speaker label; None, or a label that does not occur, means that voices are not distinguished.
    Ratios are 0..1, times are seconds; metrics that need labels are None without them.
    """
    tokens = tokens_of(transcript)
    rep = known_rep(tokens, rep_label)
    known = _known.get((id(transcript), rep))
    if known is not None:
        return known
    turns = turns_of(tokens)
    own_turns = [t for t in turns if rep is None or t.speaker == rep]
    return measured(turns, rep, sum(len(questions_in(t.tokens)) for t in own_turns))


def measured(turns: Sequence[Turn], rep: str | None, questions: int) -> TalkMetrics:
    """Count the talk metrics of turns.

    rep: the rep's label, None if voices are not distinguished. questions: number of the rep's questions, of all
    speakers' if voices are not distinguished.
    """
    seconds = [speech_seconds(t.tokens) for t in turns]
    own = [(t, spoken) for t, spoken in zip(turns, seconds, strict=True) if rep is None or t.speaker == rep]
    own_seconds = sum(spoken for _, spoken in own)
    own_words = sum(len(t.tokens) for t, _ in own)
    return TalkMetrics(
        questions_asked=questions,
        filler_word_count=sum(len(fillers_in(t.tokens)) for t, _ in own),
        words_per_minute=round(own_words / own_seconds * 60, 1) if own_seconds > 0 else 0.0,
        talk_ratio=_talk_ratio(seconds, rep, own_seconds),
        longest_monologue_seconds=_longest(turns, rep),
        interactivity=_interactivity(turns, seconds),
        patience_seconds=_patience(turns, rep),
    )


def fillers_in(tokens: Sequence[Token]) -> tuple[int, ...]:
    """Return the index of every filler in a sequence of words; a filler of two words counts once, at its first word."""
    texts = [t.text for t in tokens]
    found: list[int] = []
    for i, word in enumerate(texts):
        if word in HESITATIONS or word in _WORDS:
            found.append(i)
            continue
        pair = (word, texts[i + 1] if i + 1 < len(texts) else "")
        blocked = _PAIRS.get(pair)
        if blocked is None or (i and texts[i - 1] in blocked):
            continue
        if pair == ("you", "know") and i + 2 < len(texts) and texts[i + 2] in _AFTER_YOU_KNOW:
            continue
        found.append(i)
    return tuple(found)


def monologues(turns: Sequence[Turn], rep: str) -> list[tuple[Turn, ...]]:
    """Return the rep's monologues, each as a list of turns; short words of others do not end one."""
    found: list[tuple[Turn, ...]] = []
    current: list[Turn] = []
    for turn in turns:
        if turn.speaker == rep:
            if current and turn.start_seconds - current[-1].end_seconds > LONGEST_ANSWER_PAUSE_SECONDS:
                found.append(tuple(current))
                current = []
            current.append(turn)
        elif len(turn.tokens) > BACKCHANNEL_WORDS and current:
            found.append(tuple(current))
            current = []
    if current:
        found.append(tuple(current))
    return found


def _talk_ratio(seconds: Sequence[float], rep: str | None, own_seconds: float) -> float | None:
    if rep is None:
        return None
    everyone = sum(seconds)
    return round(min(1.0, own_seconds / everyone), 4) if everyone > 0 else None


def _longest(turns: Sequence[Turn], rep: str | None) -> float | None:
    if rep is None:
        return None
    spans = [m[-1].end_seconds - m[0].start_seconds for m in monologues(turns, rep)]
    return round(max(0.0, max(spans)), 2) if spans else None


def _interactivity(turns: Sequence[Turn], seconds: Sequence[float]) -> float | None:
    labelled = [t for t in turns if t.speaker is not None]
    minutes = sum(spoken for t, spoken in zip(turns, seconds, strict=True) if t.speaker is not None) / 60
    if minutes <= 0:
        return None
    switches = sum(1 for a, b in pairwise(labelled) if a.speaker != b.speaker)
    return round(switches / minutes, 2)


def _patience(turns: Sequence[Turn], rep: str | None) -> float | None:
    if rep is None:
        return None
    pauses = [
        b.start_seconds - a.end_seconds
        for a, b in pairwise(turns)
        if b.speaker == rep and a.speaker is not None and a.speaker != rep
    ]
    answers = [max(0.0, p) for p in pauses if p <= LONGEST_ANSWER_PAUSE_SECONDS]
    return round(median(answers), 2) if answers else None
