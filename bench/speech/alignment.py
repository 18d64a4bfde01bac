"""Word starts by forced alignment with pocketsphinx, to compare an engine's times with."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pocketsphinx import Decoder

from dayline.domain.clip import Clip
from dayline.domain.transcript import Word

_FRAMES_PER_SECOND = 100


def word_start_errors(clips: Sequence[Clip], heard: Sequence[Sequence[Word]]) -> list[float]:
    """Return (start of the engine - start by alignment) in seconds for every word of the clips that can be aligned.

    A clip is left out when a word is not in pocketsphinx's dictionary or the alignment does not succeed.
    """
    decoder = Decoder(loglevel="FATAL", beam=1e-80, wbeam=1e-60, pbeam=1e-80)
    errors: list[float] = []
    for clip, words in zip(clips, heard, strict=True):
        spelled = [re.sub(r"[^a-z']", "", w.text.lower()).strip("'") for w in words]
        if not spelled or any(not s or decoder.lookup_word(s) is None for s in spelled):
            continue
        starts = _aligned(decoder, clip, spelled)
        errors += [w.start_seconds - clip.start_seconds - s for w, s in zip(words, starts, strict=False)]
    return errors


def _aligned(decoder: Decoder, clip: Clip, words: Sequence[str]) -> list[float]:
    """Return the start of each word in seconds from the clip's start, [] when it cannot be aligned."""
    decoder.set_align_text(" ".join(words))
    decoder.start_utt()
    try:
        decoder.process_raw(clip.samples.astype("<i2").tobytes(), False, True)
    finally:
        decoder.end_utt()
    segments = [s for s in decoder.seg() or [] if not re.match(r"^(<|\[|\+\+)", s.word)]
    if [re.sub(r"\(\d+\)$", "", s.word) for s in segments] != list(words):
        return []
    return [s.start_frame / _FRAMES_PER_SECOND for s in segments]
