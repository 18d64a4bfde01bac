"""Whisper on ctranslate2, batched over our own clips: int8 on a CPU, float16 on a CUDA card.

The model always computes a window of 30 s, however little is in it, so neighbouring clips share one: they are laid
one after the other with a short silence between them, and words go back to their clips by their times.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel
from numpy.typing import NDArray

from dayline.asr.clips import is_audible, refuse_unfit, text_in, utterance_in
from dayline.asr.model_catalog import missing_files
from dayline.asr.ports import EngineMisconfigured, Limits
from dayline.domain.clip import SAMPLE_RATE_HZ, Clip
from dayline.domain.errors import InvalidRequest, Unavailable
from dayline.domain.transcript import Utterance, Word

_MAX_CLIP_SECONDS = 30.0
"""One window of the model; what is longer it would cut off without a word."""
_SHARED_SECONDS = 29.0
"""Most that several clips fill of a window; the last words of a window that is full to the brim are often lost."""
_TOUCHING_SECONDS = 0.02
_BLOCK_SECONDS = 900.0
"""Features of a whole block are held in memory at once, so a block must not grow with the span."""
_GAP_SECONDS = 0.2
"""Between clips; each already brings a little of its own silence on either side."""
_NO_SPEECH_PROBABILITY = 0.6
_LOW_LOG_PROBABILITY = -1.0
_VOTERS = 6
_TAG_ALIASES = {"nb": "no", "iw": "he", "in": "id", "fil": "tl"}


class FasterWhisperTranscriber:
    """A Whisper model from a local folder, or by a name that the hub knows.

    device: auto, cpu or cuda. compute_type: auto, or one that ctranslate2 knows. threads: 0 for the library's default.
    Raises `EngineMisconfigured` for an incomplete folder or an unusable device, `Unavailable` when the model has to
    be fetched and cannot be.
    """

    def __init__(
        self,
        model: str,
        *,
        device: str = "auto",
        compute_type: str = "auto",
        threads: int = 0,
        batch_size: int | None = None,
    ) -> None:
        on_gpu = device == "cuda" or (device == "auto" and ctranslate2.get_cuda_device_count() > 0)
        kind = ("float16" if on_gpu else "int8") if compute_type == "auto" else compute_type
        self._model = _load(model, "cuda" if on_gpu else "cpu", kind, threads)
        self._pipeline = BatchedInferencePipeline(self._model)
        self._batch_size = batch_size or (16 if on_gpu else 8)
        self._name = f"faster-whisper:{Path(model).name}"
        self._languages: tuple[str, ...] = tuple(self._model.supported_languages)
        self._limits = Limits(
            max_clip_seconds=_MAX_CLIP_SECONDS,
            languages=None if self._model.model.is_multilingual else ("en",),
            gives_words=True,
            gives_word_confidence=True,
            gives_speakers=False,
            is_remote=False,
        )
        self._dropped_lines = 0
        self._turn = threading.Lock()  # the pipeline keeps state between its calls

    @property
    def name(self) -> str:
        """`faster-whisper:` and the model's name or folder name."""
        return self._name

    @property
    def limits(self) -> Limits:
        """Clips of at most one window of 30 s; words with probabilities."""
        return self._limits

    @property
    def dropped_lines(self) -> int:
        """Lines that the model wrote although it held the sound for non-speech."""
        return self._dropped_lines

    def detect_language(self, clips: Sequence[Clip]) -> str | None:
        """Let the longest clips vote, each with its length and the model's certainty."""
        if not self._model.model.is_multilingual:
            return "en" if clips else None
        votes: dict[str, float] = {}
        for clip in sorted(filter(is_audible, clips), key=lambda c: -len(c.samples))[:_VOTERS]:
            with self._turn, _engine_faults():
                _, _, probabilities = self._model.detect_language(audio=_float(clip.samples))
            for language, probability in probabilities:
                votes[language] = votes.get(language, 0.0) + probability * len(clip.samples)
        return max(votes, key=lambda v: votes[v]) if votes else None

    def transcribe(self, clips: Sequence[Clip], language: str | None = None) -> list[Utterance]:
        """Recognise clips in blocks of at most 15 minutes; the model's own speech finding is not used."""
        tag = refuse_unfit(clips, language, self._limits)
        tag = _TAG_ALIASES.get(tag, tag) if tag else None
        if tag and tag not in self._languages:
            raise InvalidRequest(f"Whisper does not know the language {tag!r}.", code="language_not_supported")
        found: list[Utterance] = []
        with self._turn, _engine_faults():
            for block in _blocks(share_windows([c for c in clips if is_audible(c)])):
                found += self._recognise(block, tag)
        return sorted(found, key=lambda u: u.start_seconds)

    def _recognise(self, windows: list[list[Clip]], language: str | None) -> list[Utterance]:
        audio, starts = _joined(windows)
        spans = [
            {"start": begin[0], "end": begin[-1] + _seconds(clips[-1])}
            for clips, begin in zip(windows, starts, strict=True)
        ]
        # A segment's `seek` tells which window it was made from; its times may lie anywhere.
        # The library takes starts down to whole samples first, which moves some of them into the frame before.
        offsets = [int(span["start"] * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ for span in spans]
        index_of = {int(offset * self._model.frames_per_second): i for i, offset in enumerate(offsets)}
        segments, _ = self._pipeline.transcribe(
            audio,
            language=language,
            vad_filter=False,
            clip_timestamps=spans,
            word_timestamps=True,
            batch_size=self._batch_size,
        )
        parts: list[list[Any]] = [[] for _ in windows]
        for segment in segments:
            index = index_of.get(segment.seek)
            if index is None or not segment.text.strip():
                continue
            is_guess = segment.no_speech_prob > _NO_SPEECH_PROBABILITY and segment.avg_logprob < _LOW_LOG_PROBABILITY
            if is_guess:
                self._dropped_lines += 1
            else:
                parts[index].append(segment)
        found: list[Utterance] = []
        alone: list[list[Clip]] = []
        for clips, begin, said in zip(windows, starts, parts, strict=True):
            if len(clips) > 1 and any(not segment.words for segment in said):
                # Alignment can fail on odd text; which of the clips holds it is then heard one by one.
                alone += [[clip] for clip in clips]
            elif said:
                lines = _utterances(clips, begin, said)
                # All words outside of their clips: the model wrote about something that it did not hear.
                self._dropped_lines += not lines
                found += lines
        return found + (self._recognise(alone, language) if alone else [])


class _engine_faults:  # noqa: N801 - reads as a statement
    """Turns the library's own errors into ours; its messages stay inside, they may quote paths."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if isinstance(error, RuntimeError | MemoryError):
            reason = "ran out of memory" if "memory" in str(error).lower() else "failed"
            raise Unavailable(f"Whisper {reason} on these clips.") from error


def share_windows(clips: Sequence[Clip]) -> list[list[Clip]]:
    """Lay ordered clips into windows of at most 29 s, pauses included; a longer clip has a window to itself.

    Clips that touch were cut from one on purpose, because it is too long or to be heard again in smaller pieces: they
    do not share.
    """
    windows: list[list[Clip]] = []
    filled = 0.0
    for clip in clips:
        added = _GAP_SECONDS + _seconds(clip)
        has_room = windows and filled + added <= _SHARED_SECONDS
        if has_room and clip.start_seconds - windows[-1][-1].end_seconds > _TOUCHING_SECONDS:
            windows[-1].append(clip)
            filled += added
        else:
            windows.append([clip])
            filled = _seconds(clip)
    return windows


def _utterances(clips: Sequence[Clip], starts: Sequence[float], segments: Sequence[Any]) -> list[Utterance]:
    """Return the utterance of each clip of a window from segments on the block's clock."""
    words: list[list[Word]] = [[] for _ in clips]
    for word in (w for segment in segments for w in segment.words or ()):
        index = _owner(clips, starts, (word.start + word.end) / 2)
        clip, shift = clips[index], clips[index].start_seconds - starts[index]
        start, end = word.start + shift, word.end + shift
        if len(clips) > 1:
            # The silence between clips was never on the recording; a word that was put there belongs to the edge.
            if clip.start_seconds - _GAP_SECONDS <= end < clip.start_seconds:
                start = end = clip.start_seconds
            elif clip.end_seconds < start <= clip.end_seconds + _GAP_SECONDS:
                start = end = clip.end_seconds
        words[index].append(Word(word.word, start, end, round(float(word.probability), 4)))
    if not any(words):
        text = text_in(clips[0], " ".join(s.text for s in segments))
        return [text] if text else []
    found = [utterance_in(clip, said) for clip, said in zip(clips, words, strict=True)]
    return [utterance for utterance in found if utterance is not None]


def _owner(clips: Sequence[Clip], starts: Sequence[float], at_seconds: float) -> int:
    """Return the clip that is nearest to a time on the block's clock."""

    def distance(index: int) -> float:
        return max(starts[index] - at_seconds, at_seconds - starts[index] - _seconds(clips[index]), 0.0)

    return min(range(len(clips)), key=distance)


def _blocks(windows: Sequence[list[Clip]]) -> Iterator[list[list[Clip]]]:
    block: list[list[Clip]] = []
    seconds = 0.0
    for window in windows:
        length = sum(_seconds(clip) + _GAP_SECONDS for clip in window)
        if block and seconds + length > _BLOCK_SECONDS:
            yield block
            block, seconds = [], 0.0
        block.append(window)
        seconds += length
    if block:
        yield block


def _joined(windows: Sequence[Sequence[Clip]]) -> tuple[NDArray[np.float32], list[list[float]]]:
    """Return one float32 array of all clips with short gaps, and the second at which each clip of a window begins."""
    gap = np.zeros(int(_GAP_SECONDS * SAMPLE_RATE_HZ), dtype=np.float32)
    parts: list[NDArray[np.float32]] = []
    starts: list[list[float]] = []
    at = 0
    for window in windows:
        starts.append([])
        for clip in window:
            starts[-1].append(at / SAMPLE_RATE_HZ)
            parts += [_float(clip.samples), gap]
            at += len(clip.samples) + len(gap)
    return np.concatenate(parts), starts


def _seconds(clip: Clip) -> float:
    return len(clip.samples) / SAMPLE_RATE_HZ


def _float(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    return samples.astype(np.float32) / np.float32(32768.0)


def _load(model: str, device: str, compute_type: str, threads: int) -> WhisperModel:
    folder = Path(model)
    if folder.is_dir():
        missing = missing_files(folder)
        if missing is None or missing:
            # Without this check the library would ask the hub for what is missing, in the middle of a day.
            named = ", ".join(missing or ("model.bin",))
            raise EngineMisconfigured(
                f"The Whisper folder {folder.name!r} lacks {named}. Run `dayline models install` again."
            )
    try:
        loaded = WhisperModel(model, device=device, compute_type=compute_type, cpu_threads=threads)
    except ValueError as error:
        raise EngineMisconfigured(
            f"Whisper cannot be loaded as {model!r} with compute type {compute_type!r} on {device}. "
            "Check the model's name and the compute type."
        ) from error
    except RuntimeError as error:
        raise EngineMisconfigured(
            f"Whisper cannot use {model!r} on {device}: the files are damaged or the device's libraries are missing."
        ) from error
    except Exception as error:  # the hub's client raises many kinds
        raise Unavailable(
            f"The model {model!r} is not on this machine and could not be fetched. "
            "Put it in place with `dayline models install`, or give a local folder."
        ) from error
    bands, expected = len(loaded.feature_extractor.mel_filters), loaded.model.n_mels
    if bands != expected:
        # The library takes 80 where preprocessor_config.json is missing; the model then fails on the first clip.
        raise EngineMisconfigured(
            f"The Whisper model {folder.name!r} takes {expected} mel bands, and its preprocessor_config.json says "
            f"{bands}. Put the file that belongs to the model beside it."
        )
    return loaded
