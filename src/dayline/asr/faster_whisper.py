"""Whisper on ctranslate2, batched over our own clips: int8 on a CPU, float16 on a CUDA card.

The model always computes a window of 30 s, even for a short clip, so neighbouring clips share one: they are laid
one after the other with a short silence between them, and words go back to their clips by their times.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import ctranslate2
import numpy as np
from faster_whisper import WhisperModel
from numpy.typing import NDArray

from dayline.asr.clips import active_frames, is_audible, refuse_unfit, text_in, utterance_in
from dayline.asr.invented_text import is_invented
from dayline.asr.language_plan import ClipLanguages, plan_languages
from dayline.asr.model_catalog import missing_files
from dayline.asr.pieces import words_from_pieces
from dayline.asr.ports import EngineMisconfigured, Limits
from dayline.asr.whisper_windows import DecodedWindow, WindowDecoder
from dayline.asr.word_times import lag_of, refine_times
from dayline.domain.clip import SAMPLE_RATE_HZ, Clip
from dayline.domain.errors import InvalidRequest, Unavailable
from dayline.domain.transcript import Utterance, Word

_MAX_CLIP_SECONDS = 30.0
"""Length of a window of the model. Longer clips would be cut off silently."""
_SHARED_SECONDS = 29.0
"""Most seconds that several clips fill of a window. Of a full window the last words are often lost."""
_TOUCHING_SECONDS = 0.02
_GAP_SECONDS = 0.2
"""Silence between clips. Each clip already has a little on either side."""
_OUTSIDE_SECONDS = 0.5
"""A word this far outside of its clip was invented."""
_LOST_SPEECH_SECONDS = 0.8
"""A clip of a shared window with this much active sound and no words is transcribed again alone."""
_NO_SPEECH_PROBABILITY = 0.6
_TAG_ALIASES = {"nb": "no", "nn": "no", "iw": "he", "in": "id", "fil": "tl"}
_GPU_BATCH = 16
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Window:
    """Clips joined to one window, and the second at which each begins."""

    clips: tuple[Clip, ...]
    starts: tuple[float, ...]
    samples: NDArray[np.float32]


class FasterWhisperTranscriber:
    """A Whisper model from a local folder, or by its name on the hub.

    device: auto, cpu or cuda. compute_type: auto, or a type of ctranslate2. threads: 0 for the library's default.
    batch_size: windows decoded at once; None for 1 on a CPU and 16 on a GPU.
    `auto` takes the CPU, and logs why, where there is a card that the model cannot run on (its libraries are missing).
    Raises `EngineMisconfigured` for an incomplete folder or an unusable device, `Unavailable` when the model has to
    be fetched and cannot be, or a card's memory is full.
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
        loaded, on_gpu = _load_on_device(model, device, compute_type, threads)
        self._decoder = WindowDecoder(loaded, batch_size or (_GPU_BATCH if on_gpu else 1))
        self._lag_seconds = lag_of(Path(model).name)
        self._name = f"faster-whisper:{Path(model).name}"
        self._languages: tuple[str, ...] = tuple(loaded.supported_languages)
        self._is_multilingual = bool(loaded.model.is_multilingual)
        self._limits = Limits(
            max_clip_seconds=_MAX_CLIP_SECONDS,
            languages=None if self._is_multilingual else ("en",),
            gives_words=True,
            gives_word_confidence=True,
            gives_speakers=False,
            is_remote=False,
        )
        self._dropped_lines = 0
        self._non_speech: set[float] = set()
        self._turn = threading.Lock()  # one chunk at a time: a model's memory grows with every call at once

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
        """Number of windows whose text was dropped because the model classified the sound as non-speech."""
        return self._dropped_lines

    def take_non_speech(self) -> frozenset[float]:
        """Return the starts of the clips classified as non-speech since the last call, and clear the list."""
        taken, self._non_speech = frozenset(self._non_speech), set()
        return taken

    def detect_languages(self, clips: Sequence[Clip]) -> list[str | None]:
        """Return the language of each clip, judged together with its neighbours."""
        if not self._is_multilingual:
            return ["en"] * len(clips)
        with self._turn, _engine_errors():
            heard = [
                ClipLanguages(
                    clip.start_seconds,
                    clip.end_seconds,
                    self._decoder.languages(_float(clip.samples)) if is_audible(clip) else {},
                )
                for clip in clips
            ]
        return plan_languages(heard)

    def transcribe(self, clips: Sequence[Clip], language: str | None = None) -> list[Utterance]:
        """Recognise clips of one language; the speech detection of the library is not used."""
        tag = refuse_unfit(clips, language, self._limits)
        tag = _TAG_ALIASES.get(tag, tag) if tag else None
        if tag and tag not in self._languages:
            raise InvalidRequest(f"Whisper does not know the language {tag!r}.", code="language_not_supported")
        if tag is None:
            planned = self.detect_languages(clips)
            return sorted(
                (u for spoken in dict.fromkeys(planned) for u in self._in_language(clips, planned, spoken)),
                key=lambda u: u.start_seconds,
            )
        return self._transcribe([c for c in clips if is_audible(c)], tag)

    def _in_language(
        self, clips: Sequence[Clip], planned: Sequence[str | None], language: str | None
    ) -> list[Utterance]:
        if language is None:  # no clip is audible
            return []
        members = [c for c, spoken in zip(clips, planned, strict=True) if spoken == language and is_audible(c)]
        return self._transcribe(members, language)

    def _transcribe(self, clips: Sequence[Clip], language: str) -> list[Utterance]:
        with self._turn, _engine_errors():
            found, lost = self._recognise(share_windows(clips), language)
            if lost:
                found += self._recognise([[clip] for clip in lost], language)[0]
        return sorted(found, key=lambda u: u.start_seconds)

    def _recognise(self, windows: Sequence[Sequence[Clip]], language: str) -> tuple[list[Utterance], list[Clip]]:
        """Return the utterances of the windows, and the clips to transcribe again alone."""
        joined = [_joined(clips) for clips in windows]
        found: list[Utterance] = []
        lost: list[Clip] = []
        for window, decoded in zip(joined, self._decoder.decode([w.samples for w in joined], language), strict=True):
            lines, again = self._believed(window, decoded)
            found += lines
            lost += again
        return found, lost

    def _believed(self, window: _Window, decoded: DecodedWindow) -> tuple[list[Utterance], list[Clip]]:
        is_shared = len(window.clips) > 1
        if not decoded.text and decoded.no_speech_probability > _NO_SPEECH_PROBABILITY and not is_shared:
            self._non_speech.add(window.clips[0].start_seconds)
        if is_invented(decoded.text, decoded.no_speech_probability, decoded.log_probability):
            # One clip of noise can hide a short answer in another: each is then transcribed by itself.
            if is_shared:
                return [], [c for c in window.clips if _active_seconds(c) >= _LOST_SPEECH_SECONDS]
            self._dropped_lines += bool(decoded.text)
            self._non_speech.add(window.clips[0].start_seconds)
            return [], []
        if not decoded.pieces:
            # Alignment can fail on odd text; the clips are then transcribed one by one.
            if decoded.text and is_shared:
                return [], list(window.clips)
            text = text_in(window.clips[0], decoded.text)
            return ([text] if text else []), []
        lines = _utterances(window, decoded, self._lag_seconds)
        # All words outside of their clips: the model invented them.
        self._dropped_lines += not any(lines)
        silent = [c for c, line in zip(window.clips, lines, strict=True) if line is None] if is_shared else []
        return [u for u in lines if u], [c for c in silent if _active_seconds(c) >= _LOST_SPEECH_SECONDS]


@contextmanager
def _engine_errors() -> Generator[None]:
    """Raise Unavailable in place of errors of the library. Its messages are dropped: they may contain paths."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        reason = "ran out of memory" if "memory" in str(error).lower() else "failed"
        raise Unavailable(f"Whisper {reason} on these clips.") from error


def share_windows(clips: Sequence[Clip]) -> list[list[Clip]]:
    """Lay ordered clips into windows of at most 29 s, pauses included; a longer clip has a window to itself.

    Clips that touch were cut from one on purpose, because the clip is too long or is transcribed again in smaller
    pieces: they do not share.
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


def _utterances(window: _Window, decoded: DecodedWindow, lag_seconds: float) -> list[Utterance | None]:
    """Return the utterance of each clip of a window, None for a clip without words."""
    shares: list[list[Word]] = [[] for _ in window.clips]
    for word in words_from_pieces(decoded.pieces):
        index = _owner(window, (word.start_seconds + word.end_seconds) / 2)
        clip, shift = window.clips[index], window.clips[index].start_seconds - window.starts[index]
        start, end = word.start_seconds + shift, word.end_seconds + shift
        if end < clip.start_seconds - _OUTSIDE_SECONDS or start > clip.end_seconds + _OUTSIDE_SECONDS:
            continue
        if len(window.clips) > 1:
            # The silence between clips was never on the recording; a word that was put there belongs to the edge.
            if clip.start_seconds - _GAP_SECONDS <= end < clip.start_seconds:
                start = end = clip.start_seconds
            elif clip.end_seconds < start <= clip.end_seconds + _GAP_SECONDS:
                start = end = clip.end_seconds
        shares[index].append(Word(word.text, start, end, word.confidence))
    return [utterance_in(c, refine_times(c, words, lag_seconds)) for c, words in zip(window.clips, shares, strict=True)]


def _owner(window: _Window, at_seconds: float) -> int:
    """Return the clip that is nearest to a time on the window's clock."""

    def distance(index: int) -> float:
        start = window.starts[index]
        return max(start - at_seconds, at_seconds - start - _seconds(window.clips[index]), 0.0)

    return min(range(len(window.clips)), key=distance)


def _joined(clips: Sequence[Clip]) -> _Window:
    """Lay clips one after the other with a short gap between them."""
    gap = np.zeros(int(_GAP_SECONDS * SAMPLE_RATE_HZ), dtype=np.float32)
    parts: list[NDArray[np.float32]] = []
    starts: list[float] = []
    at = 0
    for clip in clips:
        starts.append(at / SAMPLE_RATE_HZ)
        parts += [_float(clip.samples), gap]
        at += len(clip.samples) + len(gap)
    return _Window(tuple(clips), tuple(starts), np.concatenate(parts[:-1]))


def _active_seconds(clip: Clip) -> float:
    return float(active_frames(clip.samples).sum()) / 50


def _seconds(clip: Clip) -> float:
    return len(clip.samples) / SAMPLE_RATE_HZ


def _float(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    return samples.astype(np.float32) / np.float32(32768.0)


def _load_on_device(model: str, device: str, compute_type: str, threads: int) -> tuple[WhisperModel, bool]:
    """Return the model and whether it is on a card."""
    if device == "cuda" or (device == "auto" and _has_card()):
        try:
            loaded = _load(model, "cuda", "float16" if compute_type == "auto" else compute_type, threads)
            _try_card(loaded)
            return loaded, True
        except EngineMisconfigured as error:
            if device == "cuda":
                raise
            _log.warning("Whisper runs on the CPU. %s", error.message)
            compute_type = "auto"  # a type of the card need not be one of the CPU
    return _load(model, "cpu", "int8" if compute_type == "auto" else compute_type, threads), False


def _has_card() -> bool:
    try:
        return ctranslate2.get_cuda_device_count() > 0
    except RuntimeError:  # a card whose driver is too old or does not answer
        return False


def _try_card(loaded: WhisperModel) -> None:
    """Encode a window of silence: a card's libraries are loaded at the first use, and each chunk would fail on them."""
    bands, frames = loaded.model.n_mels, loaded.feature_extractor.nb_max_frames
    try:
        loaded.encode(np.zeros((1, bands, frames), np.float32))
    except RuntimeError as error:
        if "out of memory" in str(error).lower():
            raise Unavailable("The memory of the graphics card is full.") from error
        raise EngineMisconfigured(
            f"The graphics card cannot be used ({error}). Install NVIDIA's cuBLAS 12 and cuDNN 9 (`pip install "
            "nvidia-cublas-cu12 nvidia-cudnn-cu12`) where the loader finds them, or set DAYLINE_SPEECH_DEVICE=cpu."
        ) from error


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
    except Exception as error:  # the hub's client raises many classes
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
