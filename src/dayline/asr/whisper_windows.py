"""Decode windows of at most 30 s with a Whisper model: detect the language, transcribe, time the pieces.

The parts of faster-whisper and ctranslate2 are used one by one. Decoding is that of the library's batched pipeline
(beam search of five, no time stamps, no earlier text as a prompt) and gives the same text. To detect the language, a
clip is encoded at its own length instead of padded to 30 s, which costs a tenth. Word times are left for `word_times`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from ctranslate2 import StorageView
from faster_whisper import WhisperModel
from faster_whisper.audio import pad_or_trim
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import get_suppressed_tokens, merge_punctuations
from numpy.typing import NDArray

from dayline.asr.pieces import Piece
from dayline.domain.clip import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from faster_whisper.transcribe import Alignment  # named in typings/ only: plain dictionaries at run time

_BEAM_SIZE = 5
_PREPENDED = "\"'“¿([{-"
_APPENDED = "\"'.。,，!！?？:：”)]}、"

_LANGUAGE_SAMPLES = 8 * SAMPLE_RATE_HZ
_LANGUAGE_MIN_FRAMES = 500
"""Shorter input gives random languages. 5 s cost a sixth of a full window."""
_UNSPOKEN = frozenset({"la", "sa"})
"""Latin and Sanskrit: Whisper names them for short clips of any language; no sales talk is in them."""
_SAME_LANGUAGE = {"nn": "no"}


@dataclass(frozen=True, slots=True)
class DecodedWindow:
    """Decoded text of one window."""

    language: str
    text: str
    pieces: tuple[Piece, ...]
    """Timed pieces; times are seconds from the window's start."""
    no_speech_probability: float
    log_probability: float
    """Mean log probability per token."""


class WindowDecoder:
    """Decodes windows in batches of `batch_size`; 1 on a CPU, where larger ones cost memory and gain nothing."""

    def __init__(self, model: WhisperModel, batch_size: int) -> None:
        self._model = model
        self._batch_size = batch_size
        self._tokenizer = lru_cache(maxsize=8)(self._make_tokenizer)

    def languages(self, samples: NDArray[np.float32]) -> dict[str, float]:
        """Return the probability of every living language, from the first seconds of a clip."""
        features = self._model.feature_extractor(samples[:_LANGUAGE_SAMPLES])[..., :-1]
        padded = pad_or_trim(features, max(features.shape[-1], _LANGUAGE_MIN_FRAMES))
        (row,) = self._model.model.detect_language(self._model.encode(padded[np.newaxis]))
        found: dict[str, float] = {}
        for token, probability in row:
            code = str(token)[2:-2]
            tag = _SAME_LANGUAGE.get(code, code)
            if tag not in _UNSPOKEN:
                found[tag] = found.get(tag, 0.0) + float(probability)
        total = sum(found.values())
        return {tag: probability / total for tag, probability in found.items()} if total > 0 else {}

    def decode(self, windows: Sequence[NDArray[np.float32]], language: str) -> list[DecodedWindow]:
        """Write the text of each window; all are in one language."""
        found: list[DecodedWindow] = []
        for at in range(0, len(windows), self._batch_size):
            batch = windows[at : at + self._batch_size]
            features = np.stack([pad_or_trim(self._model.feature_extractor(w)[..., :-1]) for w in batch])
            frames = [min(features.shape[-1], len(w) // self._model.feature_extractor.hop_length) for w in batch]
            found += self._write(self._model.encode(features), language, frames)
        return found

    def _write(self, encoded: StorageView, language: str, frames: Sequence[int]) -> list[DecodedWindow]:
        tokenizer = self._tokenizer(language)
        prompt = self._model.get_prompt(tokenizer, [], without_timestamps=True)
        results = self._model.model.generate(
            encoded,
            [prompt] * len(frames),
            beam_size=_BEAM_SIZE,
            max_length=self._model.max_length,
            suppress_blank=True,
            suppress_tokens=list(get_suppressed_tokens(tokenizer, [-1])),
            return_scores=True,
            return_no_speech_prob=True,
        )
        tokens = [[t for t in r.sequences_ids[0] if t < tokenizer.eot] for r in results]
        aligned: list[list[Alignment]] = [[]] * len(tokens)
        if any(tokens):
            aligned = self._model.find_alignment(tokenizer, tokens, encoded, list(frames))
        return [
            DecodedWindow(
                language=language,
                text=tokenizer.decode(said).strip(),
                pieces=_pieces(timings, window_frames / self._model.frames_per_second),
                no_speech_probability=float(result.no_speech_prob),
                log_probability=float(result.scores[0])
                * len(result.sequences_ids[0])
                / (len(result.sequences_ids[0]) + 1),
            )
            for result, said, timings, window_frames in zip(results, tokens, aligned, frames, strict=True)
        ]

    def _make_tokenizer(self, language: str) -> Tokenizer:
        is_multilingual = self._model.model.is_multilingual
        return Tokenizer(self._model.hf_tokenizer, is_multilingual, task="transcribe", language=language)


def _pieces(timings: list[Alignment], window_seconds: float) -> tuple[Piece, ...]:
    merge_punctuations(timings, _PREPENDED, _APPENDED)
    return tuple(
        Piece(
            text=t["word"],
            start_seconds=min(float(t["start"]), window_seconds),
            end_seconds=min(float(t["end"]), window_seconds),
            confidence=float(t["probability"]),
        )
        for t in timings
        if t["word"]
    )
