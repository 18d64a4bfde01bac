"""Putting names of voices on words: each word gets the voice that speaks at its time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace

from dayline.diarization.speaker_labels import DayVoices, EngineTurn, Turn
from dayline.domain.transcript import Transcript, Utterance, Word
from dayline.domain.word_joining import join_words

# A word outside every turn takes the nearest one within this time.
NEAREST_SECONDS = 1.5
# A shorter stretch of another voice inside an utterance is an error of the windows (0.8 s apart), not a voice.
ISLAND_SECONDS = 0.6
ISLAND_CONFIDENCE = 0.75
# The change of voice is known to about half a window step; people take turns in the pause near it.
SNAP_SECONDS = 0.6


def assign_speakers(transcript: Transcript, voices: DayVoices) -> Transcript:
    """Return the transcript with a speaker on every word and utterance that a turn reaches.

    Utterances that hold two voices are split between words. A label of the recogniser that is known in
    `voices.aliases` decides; otherwise time does. Without any turns the transcript comes back as it was.
    """
    if not voices.turns:
        return transcript
    finder = _Finder(voices.turns)
    out: list[Utterance] = []
    for utterance in transcript.utterances:
        out += _with_words(utterance, finder, voices) if utterance.words else [_as_one(utterance, finder, voices)]
    return replace(transcript, utterances=tuple(sorted(out, key=lambda u: (u.start_seconds, u.end_seconds))))


def engine_turns(transcript: Transcript) -> list[EngineTurn]:
    """Return the turns that the recogniser itself named, to be passed to `diarize_day`.

    Its labels must already be unique to one request ("chunk 3, speaker 0"), since it starts anew with each.
    """
    turns: list[EngineTurn] = []
    for u in transcript.utterances:
        for w in u.words:
            label = w.speaker or u.speaker
            if label is None:
                continue
            last = turns[-1] if turns else None
            if last is not None and last.label == label and w.start_seconds - last.end_seconds <= NEAREST_SECONDS:
                turns[-1] = replace(last, end_seconds=max(w.end_seconds, last.end_seconds))
            else:
                turns.append(EngineTurn(w.start_seconds, w.end_seconds, label))
        if not u.words and u.speaker is not None:
            turns.append(EngineTurn(u.start_seconds, u.end_seconds, u.speaker))
    return turns


class _Finder:
    """Looks up turns by time. Turns are in order and don't overlap by more than rounding."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        self._turns = turns
        self._starts = [t.start_seconds for t in turns]
        self._ends = [t.end_seconds for t in turns]

    def between(self, start_seconds: float, end_seconds: float) -> Sequence[Turn]:
        """Return the turns that touch a stretch of time."""
        return self._turns[bisect_right(self._ends, start_seconds) : bisect_left(self._starts, end_seconds)]

    def best(self, start_seconds: float, end_seconds: float) -> tuple[str, float] | None:
        """Return label and confidence of the voice with most of a stretch; of the nearest where none has any."""
        shares: dict[str, float] = {}
        sure: dict[str, float] = {}
        for t in self.between(start_seconds, end_seconds):
            part = min(t.end_seconds, end_seconds) - max(t.start_seconds, start_seconds)
            shares[t.label] = shares.get(t.label, 0.0) + part
            sure[t.label] = max(sure.get(t.label, 0.0), t.confidence)
        if shares:
            label = max(shares, key=lambda k: shares[k])
            return label, sure[label]
        i = bisect_left(self._starts, end_seconds)
        beside = [self._turns[k] for k in (i - 1, i) if 0 <= k < len(self._turns)]
        away = [(max(t.start_seconds - end_seconds, start_seconds - t.end_seconds), t) for t in beside]
        distance, turn = min(away, key=lambda pair: pair[0])
        return (turn.label, turn.confidence / 2) if distance <= NEAREST_SECONDS else None


def _as_one(utterance: Utterance, finder: _Finder, voices: DayVoices) -> Utterance:
    known = voices.aliases.get(utterance.speaker or "")
    if known is not None:
        return replace(utterance, speaker=known)
    found = finder.best(utterance.start_seconds, utterance.end_seconds)
    return replace(utterance, speaker=found[0] if found else None)


def _with_words(utterance: Utterance, finder: _Finder, voices: DayVoices) -> list[Utterance]:
    words = utterance.words
    named = [voices.aliases.get(w.speaker or utterance.speaker or "") for w in words]
    if all(name is not None for name in named):
        labels: list[str | None] = list(named)
    else:
        found = [finder.best(w.start_seconds, w.end_seconds) for w in words]
        labels = [f[0] if f else None for f in found]
        _fill(labels)
        _sink_islands(labels, words, [f[1] if f else 0.0 for f in found])
        _snap(labels, words)
    runs = _runs(labels)
    if len(runs) == 1:
        speaker = labels[0]
        return [replace(utterance, speaker=speaker, words=tuple(replace(w, speaker=speaker) for w in words))]
    return [_part(utterance, lo, hi, labels[lo]) for lo, hi in runs]


def _part(utterance: Utterance, lo: int, hi: int, speaker: str | None) -> Utterance:
    words = tuple(replace(w, speaker=speaker) for w in utterance.words[lo:hi])
    sure = [w.confidence for w in words if w.confidence is not None]
    return replace(
        utterance,
        # The parts fill the utterance: its edges stay where the recogniser put them.
        start_seconds=utterance.start_seconds if lo == 0 else words[0].start_seconds,
        end_seconds=utterance.end_seconds if hi == len(utterance.words) else words[-1].end_seconds,
        text=join_words(w.text for w in words),
        speaker=speaker,
        confidence=sum(sure) / len(sure) if sure else utterance.confidence,
        words=words,
    )


def _fill(labels: list[str | None]) -> None:
    """Give words that no turn reaches the voice of the word before them, or else behind them."""
    for i in range(1, len(labels)):
        labels[i] = labels[i] or labels[i - 1]
    for i in range(len(labels) - 2, -1, -1):
        labels[i] = labels[i] or labels[i + 1]


def _sink_islands(labels: list[str | None], words: Sequence[Word], sure: Sequence[float]) -> None:
    """Give a short, unsure stretch between two stretches of one voice to that voice."""
    runs = _runs(labels)
    for before, (lo, hi), after in zip(runs, runs[1:], runs[2:], strict=False):
        seconds = words[hi - 1].end_seconds - words[lo].start_seconds
        if labels[before[0]] == labels[after[0]] and seconds < ISLAND_SECONDS and max(sure[lo:hi]) < ISLAND_CONFIDENCE:
            labels[lo:hi] = [labels[before[0]]] * (hi - lo)


def _snap(labels: list[str | None], words: Sequence[Word]) -> None:
    """Move each change of voice to the longest pause between words near it."""
    runs = _runs(labels)
    for k in range(1, len(runs)):
        (floor, cut), (_, ceiling) = runs[k - 1], runs[k]
        at = _border(words, cut)
        near = [i for i in range(floor + 1, ceiling) if abs(_border(words, i) - at) <= SNAP_SECONDS]
        best = max(near, key=lambda i: (_pause(words, i), -abs(i - cut)), default=cut)
        if _pause(words, best) < _pause(words, cut) + 0.1:
            continue
        label = labels[cut] if best < cut else labels[cut - 1]
        labels[min(best, cut) : max(best, cut)] = [label] * abs(best - cut)
        runs[k - 1], runs[k] = (floor, best), (best, ceiling)


def _border(words: Sequence[Word], i: int) -> float:
    return (words[i - 1].end_seconds + words[i].start_seconds) / 2


def _pause(words: Sequence[Word], i: int) -> float:
    return words[i].start_seconds - words[i - 1].end_seconds


def _runs(labels: Sequence[str | None]) -> list[tuple[int, int]]:
    edges = [i for i in range(1, len(labels)) if labels[i] != labels[i - 1]]
    return list(zip([0, *edges], [*edges, len(labels)], strict=True))
