"""Check what a transcriber returned: transcribe skipped speech again, drop invented text.

Transcribers sometimes skip seconds of clear speech, repeat a phrase until the window is full, or return a sentence
for silence. All three show when the words are compared with the audible speech.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from dayline.asr.clips import FRAMES_PER_SECOND, active_frames, cut_at_quiet, mean_confidence, refuse_unfit
from dayline.asr.invented_text import is_loop, is_subtitle_credit
from dayline.asr.ports import CountsDrops, DetectsLanguage, Transcriber
from dayline.domain.clip import SAMPLE_RATE_HZ, Clip
from dayline.domain.transcript import Utterance
from dayline.domain.word_joining import join_words

_MIN_CHECKED_SECONDS = 4.0
_MIN_WORDS_PER_SECOND = 0.5
"""Slow dictation has one word per second; half of that over four seconds means that something was left out."""
_MAX_WORDS_PER_SECOND = 8.0
_SPARE_WORDS = 3
_RETRY_PIECE_SECONDS = 8.0

_LOOP_MAX_PHRASE = 12
_LOOP_MIN_TIMES = {1: 8, 2: 5}
_LOOP_MIN_TIMES_LONGER = 4
_LOOP_MAJORITY = 0.5
_LETTERS = re.compile(r"[^\w']+")


@dataclass(frozen=True, slots=True)
class ChunkTranscript:
    """Transcript of one chunk, and how it was made.

    Attributes:
        utterances: what was recognised, in order of time.
        retried_clips: clips transcribed again in smaller pieces, because their speech had too few words.
        dropped_lines: lines that held a loop, or text over silence.
        audio_seconds: speech given to the engine, retries not counted.
        language: the language asked for, or the one with most speech.
        engine: name of the engine.
        is_demo_quality: whether the engine is a fallback whose words are mostly wrong.
        language_seconds: seconds of speech by language; empty where the engine does not report languages.
    """

    utterances: tuple[Utterance, ...]
    retried_clips: int
    dropped_lines: int
    audio_seconds: float
    language: str | None
    engine: str = ""
    is_demo_quality: bool = False
    language_seconds: dict[str, float] = field(default_factory=dict[str, float])


@dataclass(slots=True)
class _Tally:
    dropped: int = 0
    retried: int = 0


def transcribe_checked(transcriber: Transcriber, clips: Sequence[Clip], language: str | None = None) -> ChunkTranscript:
    """Recognise the clips of one chunk and check every answer.

    Clips longer than the engine takes are cut at quiet spots. Without a language, an engine that detects languages
    is asked for that of each clip, and clips of two languages are never sent in one call. Clips must not overlap.
    Raises what the engine raises: `Unavailable`, `EngineMisconfigured`, `InvalidRequest`.
    """
    limits = transcriber.limits
    tag = refuse_unfit((), language, limits)
    ordered = sorted((c for c in clips if len(c.samples)), key=lambda c: c.start_seconds)
    pieces = [piece for clip in ordered for piece in cut_at_quiet(clip, limits.max_clip_seconds)]
    dropped_before = _dropped_by_engine(transcriber)
    languages = [tag] * len(pieces) if tag else _languages(transcriber, pieces)
    tally = _Tally()
    answers = _grouped(pieces, _in_their_languages(transcriber, pieces, languages))
    # Sound that the engine holds for non-speech is not tried again: a tone or a crowd would be transcribed three times.
    non_speech = transcriber.take_non_speech() if isinstance(transcriber, CountsDrops) else frozenset[float]()
    checked: list[Utterance] = []
    for piece, lines, spoken in zip(pieces, answers, languages, strict=True):
        may_retry = piece.start_seconds not in non_speech
        checked += _check(transcriber, piece, lines, spoken, tally, may_retry=may_retry)
    seconds = _seconds_by_language(pieces, languages)
    return ChunkTranscript(
        utterances=tuple(checked),
        retried_clips=tally.retried,
        dropped_lines=tally.dropped + _dropped_by_engine(transcriber) - dropped_before,
        audio_seconds=round(sum(len(c.samples) for c in ordered) / SAMPLE_RATE_HZ, 3),
        language=max(seconds, key=lambda spoken: seconds[spoken]) if seconds else tag,
        engine=transcriber.name,
        is_demo_quality=limits.is_demo_quality,
        language_seconds=seconds,
    )


def without_loops(utterance: Utterance) -> tuple[Utterance | None, int]:
    """Remove phrases that repeat until they make no sense; return what is left and how many loops were found.

    A word eight times in a row, a pair five times, a longer phrase four times is a loop: its first occurrence
    stays. None is left when loops were most of the line and their phrase alone is no answer to several seconds.
    """
    tokens = [w.text for w in utterance.words] or utterance.text.split()
    plain = [_LETTERS.sub("", t).lower() for t in tokens]
    keep = [True] * len(tokens)
    loops, i = 0, 0
    while i < len(plain):
        length, times = _loop_at(plain, i)
        if times:
            loops += 1
            keep[i + length : i + length * times] = [False] * (length * (times - 1))
            i += length * times
        else:
            i += 1
    if not loops:
        return utterance, 0
    left = [t for t, k in zip(tokens, keep, strict=True) if k]
    if len(tokens) - len(left) > _LOOP_MAJORITY * len(tokens):
        return None, loops
    if len(utterance.words) != len(tokens):
        return replace(utterance, text=join_words(left)), loops
    words = tuple(w for w, k in zip(utterance.words, keep, strict=True) if k)
    start, end = words[0].start_seconds, max(w.end_seconds for w in words)
    return (
        replace(
            utterance,
            text=join_words(left),
            words=words,
            confidence=mean_confidence(words),
            start_seconds=start,
            end_seconds=end,
        ),
        loops,
    )


def _languages(transcriber: Transcriber, clips: Sequence[Clip]) -> list[str | None]:
    only = transcriber.limits.languages
    if only is not None and len(only) == 1:
        return [only[0]] * len(clips)
    if clips and isinstance(transcriber, DetectsLanguage):
        return transcriber.detect_languages(clips)
    return [None] * len(clips)


def _in_their_languages(
    transcriber: Transcriber, clips: Sequence[Clip], languages: Sequence[str | None]
) -> list[Utterance]:
    """Recognise clips by language, so that no window, request or speaker label spans two of them."""
    found: list[Utterance] = []
    groups = list(dict.fromkeys(languages))
    for language in groups:
        members = [c for c, spoken in zip(clips, languages, strict=True) if spoken == language]
        lines = transcriber.transcribe(members, language)
        found += lines if len(groups) == 1 else [_label(line, language) for line in lines]
    return sorted(found, key=lambda u: u.start_seconds)


def _label(utterance: Utterance, language: str | None) -> Utterance:
    """Make speaker labels of one request differ from those of the requests for other languages."""
    if utterance.speaker is None:
        return utterance
    speaker = f"{utterance.speaker}-{language}"
    return replace(utterance, speaker=speaker, words=tuple(replace(w, speaker=speaker) for w in utterance.words))


def _seconds_by_language(clips: Sequence[Clip], languages: Sequence[str | None]) -> dict[str, float]:
    seconds: dict[str, float] = {}
    for clip, language in zip(clips, languages, strict=True):
        if language is not None:
            seconds[language] = (
                seconds.get(language, 0.0) + float(active_frames(clip.samples).sum()) / FRAMES_PER_SECOND
            )
    return {language: round(total, 2) for language, total in seconds.items()}


def _check(
    transcriber: Transcriber,
    clip: Clip,
    lines: list[Utterance],
    language: str | None,
    tally: _Tally,
    *,
    may_retry: bool,
) -> list[Utterance]:
    active = active_frames(clip.samples)
    kept = _believable(clip, active, lines, tally)
    if not may_retry or not _speech_is_missing(clip, active, kept):
        return kept
    pieces = cut_at_quiet(clip, min(_RETRY_PIECE_SECONDS, max(2.0, len(clip.samples) / SAMPLE_RATE_HZ * 0.6)))
    tally.retried += 1
    again: list[Utterance] = []
    for piece, answer in zip(pieces, _grouped(pieces, transcriber.transcribe(pieces, language)), strict=True):
        again += _believable(piece, active_frames(piece.samples), answer, tally)
    return again if _word_count(again) > _word_count(kept) else kept


def _believable(clip: Clip, active: NDArray[np.bool_], lines: list[Utterance], tally: _Tally) -> list[Utterance]:
    kept: list[Utterance] = []
    active_seconds = float(active.sum()) / FRAMES_PER_SECOND
    room = _SPARE_WORDS + _MAX_WORDS_PER_SECOND * active_seconds if active_seconds else 0.0
    for line in lines:
        rest, loops = without_loops(line)
        tally.dropped += loops
        if rest is None:
            continue
        # Of a whole line much repetition may be said (a list of sizes, counting); of one word none is.
        is_nonsense = any(is_loop(word) for word in rest.text.split()) or is_subtitle_credit(rest.text)
        if is_nonsense or _count(rest) > room or not _heard(clip, active, rest):
            tally.dropped += 1
            continue
        room -= _count(rest)
        kept.append(rest)
    return kept


def _heard(clip: Clip, active: NDArray[np.bool_], line: Utterance) -> bool:
    """Return whether the clip is audible under a line."""
    first = int((line.start_seconds - clip.start_seconds) * FRAMES_PER_SECOND)
    last = int((line.end_seconds - clip.start_seconds) * FRAMES_PER_SECOND) + 1
    return bool(active[max(0, first) : max(last, first + 1)].any())


def _speech_is_missing(clip: Clip, active: NDArray[np.bool_], lines: list[Utterance]) -> bool:
    """Return whether at least four seconds of audible speech got hardly any words, in the clip or in a gap of it."""
    least = _MIN_CHECKED_SECONDS * FRAMES_PER_SECOND
    if active.sum() >= least and _word_count(lines) < _MIN_WORDS_PER_SECOND * active.sum() / FRAMES_PER_SECOND:
        return True
    words = [w for line in lines for w in line.words]
    if not words:
        return False
    edges = [clip.start_seconds, *(w.end_seconds for w in words)]
    nexts = [*(w.start_seconds for w in words), clip.end_seconds]
    for start, end in zip(edges, nexts, strict=True):
        first, last = ((t - clip.start_seconds) * FRAMES_PER_SECOND for t in (start, end))
        if last - first >= least and active[int(first) : int(last)].sum() >= least:
            return True
    return False


def _dropped_by_engine(transcriber: Transcriber) -> int:
    return transcriber.dropped_lines if isinstance(transcriber, CountsDrops) else 0


def _grouped(clips: Sequence[Clip], utterances: Sequence[Utterance]) -> list[list[Utterance]]:
    """Give each utterance to the clip that holds its middle."""
    groups: list[list[Utterance]] = [[] for _ in clips]
    ends = [c.end_seconds for c in clips]
    for utterance in utterances:
        middle = (utterance.start_seconds + utterance.end_seconds) / 2
        index = int(np.searchsorted(ends, middle))
        groups[min(index, len(clips) - 1)].append(utterance)
    return groups


def _loop_at(tokens: Sequence[str], i: int) -> tuple[int, int]:
    """Return (phrase length, times) of the loop that starts at token i, or (0, 0)."""
    for length in range(1, min(_LOOP_MAX_PHRASE, (len(tokens) - i) // 2) + 1):
        phrase, times = tokens[i : i + length], 1
        while tokens[i + length * times : i + length * (times + 1)] == phrase:
            times += 1
        if times >= _LOOP_MIN_TIMES.get(length, _LOOP_MIN_TIMES_LONGER):
            return length, times
    return 0, 0


def _count(utterance: Utterance) -> int:
    return len(utterance.words) or len(utterance.text.split())


def _word_count(utterances: Sequence[Utterance]) -> int:
    return sum(_count(u) for u in utterances)
