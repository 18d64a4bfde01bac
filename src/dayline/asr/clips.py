"""Operations on clips that all engines share: validation, word times on the recording's clock, cuts at quiet spots."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dayline.asr.ports import Limits
from dayline.domain.clip import SAMPLE_RATE_HZ, Clip
from dayline.domain.errors import InvalidRequest
from dayline.domain.transcript import Utterance, Word
from dayline.domain.word_joining import join_words

FRAME_SAMPLES = SAMPLE_RATE_HZ // 50
"""20 ms, the resolution at which loudness is measured."""

_SLACK_SECONDS = 0.05
_MIN_WORD_SECONDS = 0.01
_MIN_SAMPLES = 1_600
"""A tenth of a second; no engine recognises anything in less."""
_SILENT_PEAK = 8
"""Below this amplitude (of 32767) there is only rounding noise, for which most engines would find a word."""
FRAMES_PER_SECOND = 50
_SILENT_DBFS = -60.0
_BELOW_LOUD_DB = 25.0
_STEADY_RANGE_DB = 3.0
"""Speech swings by 20 dB and more between its syllables; what swings less is an engine, a fan or a tone."""


def primary_tag(language: str | None) -> str | None:
    """Return the primary part of a BCP 47 tag in lower case (`en-US` -> `en`), None for None or ''."""
    if not language:
        return None
    return language.replace("_", "-").split("-", 1)[0].strip().lower() or None


def refuse_unfit(clips: Sequence[Clip], language: str | None, limits: Limits) -> str | None:
    """Check clips and language against what an engine declares; return the language's primary tag.

    Raises `InvalidRequest` (`clip_too_long`, `language_not_supported`).
    """
    for clip in clips:
        seconds = len(clip.samples) / SAMPLE_RATE_HZ
        if seconds > limits.max_clip_seconds + _SLACK_SECONDS:
            raise InvalidRequest(
                f"A clip of {seconds:.1f} s is longer than the {limits.max_clip_seconds:g} s this engine takes.",
                code="clip_too_long",
            )
    tag = primary_tag(language)
    if tag and limits.languages is not None and tag not in limits.languages:
        raise InvalidRequest(
            f"The speech engine in use does not speak {tag!r}, only {', '.join(limits.languages)}. "
            "Leave the language out, or set up another engine.",
            code="language_not_supported",
        )
    return tag


def utterance_in(clip: Clip, words: Iterable[Word], speaker: str | None = None) -> Utterance | None:
    """Build the utterance of a clip from words on the recording's clock, with all times inside the clip.

    Words that lie outside the clip are dropped, the others are clamped to it and sorted so that none starts
    before its predecessor. None when no word is left. Confidence is the mean over words that carry one.
    """
    kept: list[Word] = []
    floor = clip.start_seconds
    for word in sorted(words, key=lambda w: w.start_seconds):
        text = word.text.strip()
        outside = word.end_seconds < clip.start_seconds or word.start_seconds > clip.end_seconds
        if not text or outside:
            continue
        start = min(max(word.start_seconds, floor), clip.end_seconds - _MIN_WORD_SECONDS)
        end = min(max(word.end_seconds, start + _MIN_WORD_SECONDS), clip.end_seconds)
        kept.append(replace(word, text=text, start_seconds=round(start, 3), end_seconds=round(end, 3)))
        floor = start
    if not kept:
        return None
    return Utterance(
        start_seconds=kept[0].start_seconds,
        end_seconds=max(w.end_seconds for w in kept),
        text=join_words(w.text for w in kept),
        speaker=speaker,
        confidence=mean_confidence(kept),
        words=tuple(kept),
    )


def text_in(clip: Clip, text: str) -> Utterance | None:
    """Build the utterance of a clip from plain text, for engines that give no times: it spans the whole clip."""
    text = " ".join(text.split())
    return Utterance(round(clip.start_seconds, 3), round(clip.end_seconds, 3), text) if text else None


def mean_confidence(words: Sequence[Word]) -> float | None:
    """Return the mean confidence (0..1) of the words that have one, or None."""
    known = [w.confidence for w in words if w.confidence is not None]
    return round(sum(known) / len(known), 4) if known else None


def frame_levels_db(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    """Return the RMS level in dBFS of each 20 ms frame, shape (frames,); an incomplete last frame is left out."""
    frames = len(samples) // FRAME_SAMPLES
    if frames == 0:
        return np.zeros(0, dtype=np.float32)
    blocks = samples[: frames * FRAME_SAMPLES].reshape(frames, FRAME_SAMPLES).astype(np.float32) / 32768.0
    return (10.0 * np.log10(np.mean(blocks * blocks, axis=1) + 1e-10)).astype(np.float32)


def cut_at_quiet(clip: Clip, max_seconds: float) -> list[Clip]:
    """Cut a clip into pieces of at most `max_seconds`, each time at the quietest spot of the last third."""
    limit = int(max_seconds * SAMPLE_RATE_HZ)
    pieces: list[Clip] = []
    start = 0
    while len(clip.samples) - start > limit:
        search_from = start + limit * 2 // 3
        levels = frame_levels_db(clip.samples[search_from : start + limit])
        # Smoothed over 100 ms, so that the cut falls into a pause and not into the closure of a stop consonant.
        smooth = np.convolve(levels, np.ones(5, dtype=np.float32) / 5, mode="same")
        cut = search_from + (int(np.argmin(smooth)) * FRAME_SAMPLES + FRAME_SAMPLES // 2)
        pieces.append(Clip(clip.samples[start:cut], clip.start_seconds + start / SAMPLE_RATE_HZ))
        start = cut
    pieces.append(Clip(clip.samples[start:], clip.start_seconds + start / SAMPLE_RATE_HZ))
    return pieces


def is_audible(clip: Clip) -> bool:
    """Return whether a clip lasts at least a tenth of a second and holds more than rounding noise."""
    return len(clip.samples) >= _MIN_SAMPLES and int(np.abs(clip.samples.astype(np.int32)).max()) >= _SILENT_PEAK


def active_frames(samples: NDArray[np.int16]) -> NDArray[np.bool_]:
    """Return which 20 ms frames are loud enough to hold speech, shape (frames,).

    Loud means above -60 dBFS and within 25 dB of the loud frames of this clip. A level that hardly moves is a
    machine, not a voice: then no frame counts.
    """
    levels = frame_levels_db(samples)
    if not len(levels):
        return np.zeros(0, dtype=np.bool_)
    quiet, loud = np.percentile(levels, (5, 95))
    if loud - quiet < _STEADY_RANGE_DB and len(levels) > FRAMES_PER_SECOND:
        return np.zeros(len(levels), dtype=np.bool_)
    return levels > max(_SILENT_DBFS, float(loud) - _BELOW_LOUD_DB)
