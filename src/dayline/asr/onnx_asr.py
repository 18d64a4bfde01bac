"""Adapter for the onnx-asr package: NVIDIA Parakeet and Canary, and similar models in ONNX format.

The package is an extra (`parakeet`) and is imported when the engine is loaded.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from dayline.asr.clips import is_audible, refuse_unfit, text_in, utterance_in
from dayline.asr.pieces import Piece, words_from_pieces
from dayline.asr.ports import EngineMisconfigured, Limits
from dayline.domain.clip import SAMPLE_RATE_HZ, Clip
from dayline.domain.errors import DaylineError, InvalidRequest, Unavailable
from dayline.domain.json_types import JsonObject
from dayline.domain.transcript import Utterance, Word

_MAX_CLIP_SECONDS = 25.0
"""Longer clips are accepted, but lose words more often."""
_LAST_TOKEN_SECONDS = 0.24
"""Token times are starts; a word ends this long after its last token began, or where the next one starts."""
_ASKS_LANGUAGE = ("nemo-conformer-aed", "whisper", "whisper-ort")
_ENGLISH_ONLY = re.compile(r"parakeet-(tdt-0\.6b-v2|ctc-|rnnt-)")


class OnnxAsrTranscriber:
    """A model that onnx-asr can load.

    model: its type (`nemo-conformer-tdt`, ...) together with `folder`, or a name or hub repository of onnx-asr.
    quantization: `int8` or None. device: auto, cpu or cuda. threads: 0 for onnxruntime's default.
    Raises `EngineMisconfigured` without the extra, for unknown names, damaged files or a missing device;
    `Unavailable` when the model has to be fetched and cannot be.
    """

    def __init__(
        self,
        model: str,
        *,
        folder: Path | None = None,
        quantization: str | None = None,
        device: str = "auto",
        threads: int = 0,
        batch_size: int | None = None,
    ) -> None:
        providers, on_gpu = _providers(device)
        label = folder.name if folder is not None else model.rsplit("/", 1)[-1]
        loaded = _load(model, folder, quantization, providers, threads)
        self._model = loaded.with_timestamps()
        model_type = _type_of(loaded, model)
        self._takes_language = model_type in _ASKS_LANGUAGE
        self._batch_size = batch_size or (16 if on_gpu else 4)
        self._name = f"onnx-asr:{label}"
        self._limits = Limits(
            max_clip_seconds=_MAX_CLIP_SECONDS,
            languages=("en",) if _ENGLISH_ONLY.search(label) else None,
            gives_words=not self._takes_language,
            gives_word_confidence=not self._takes_language,
            gives_speakers=False,
            is_remote=False,
        )

    @property
    def name(self) -> str:
        """`onnx-asr:` and the model's name or folder name."""
        return self._name

    @property
    def limits(self) -> Limits:
        """Clips of at most 25 s; words with confidence from transducer and CTC models, text only from the others."""
        return self._limits

    def transcribe(self, clips: Sequence[Clip], language: str | None = None) -> list[Utterance]:
        """Recognise clips in batches of similar length, so that little is spent on padding."""
        tag = refuse_unfit(clips, language, self._limits)
        options = {"language": tag} if tag and self._takes_language else {}
        order = sorted((i for i, c in enumerate(clips) if is_audible(c)), key=lambda i: len(clips[i].samples))
        found: dict[int, Utterance] = {}
        for at in range(0, len(order), self._batch_size):
            batch = order[at : at + self._batch_size]
            for i, result in zip(batch, self._recognise([clips[i] for i in batch], options), strict=True):
                utterance = _utterance(clips[i], result)
                if utterance is not None:
                    found[i] = utterance
        return [found[i] for i in sorted(found)]

    def _recognise(self, clips: Sequence[Clip], options: dict[str, str]) -> list[Any]:
        waves = [c.samples.astype(np.float32) / np.float32(32768.0) for c in clips]
        try:
            return self._model.recognize(waves, sample_rate=SAMPLE_RATE_HZ, **options)
        except KeyError as error:  # a language token that is not in the vocabulary
            if options:
                raise InvalidRequest(
                    f"The speech model in use does not know the language {options['language']!r}.",
                    code="language_not_supported",
                ) from error
            raise
        except Exception as error:  # exceptions of the runtime share no base class
            raise Unavailable("The speech model failed on these clips.") from error


def _utterance(clip: Clip, result: Any) -> Utterance | None:
    if not result.tokens or result.timestamps is None:
        return text_in(clip, result.text or "")
    logprobs = result.logprobs or [None] * len(result.tokens)
    return utterance_in(clip, _words(clip, list(zip(result.tokens, result.timestamps, logprobs, strict=False))))


def _words(clip: Clip, tokens: list[tuple[str, float, float | None]]) -> list[Word]:
    """Join tokens to words; a token ends where the next one starts, and not much later than it began."""
    pieces: list[Piece] = []
    for i, (text, start, logprob) in enumerate(tokens):
        end = start + _LAST_TOKEN_SECONDS
        if i + 1 < len(tokens):
            end = max(start, min(end, tokens[i + 1][1]))
        confidence = None if logprob is None else min(1.0, math.exp(logprob))
        pieces.append(Piece(text, clip.start_seconds + start, clip.start_seconds + end, confidence))
    return words_from_pieces(pieces)


def _providers(device: str) -> tuple[list[str], bool]:
    has_cuda = "CUDAExecutionProvider" in onnxruntime.get_available_providers()
    if device == "cuda" and not has_cuda:
        raise EngineMisconfigured(
            "The speech engine is set to `cuda`, and the installed onnxruntime has no CUDA. "
            "Install onnxruntime-gpu, or set the device to `auto`."
        )
    if device == "cpu" or not has_cuda:
        return ["CPUExecutionProvider"], False
    return ["CUDAExecutionProvider", "CPUExecutionProvider"], True


def _load(model: str, folder: Path | None, quantization: str | None, providers: list[str], threads: int) -> Any:
    try:
        onnx_asr = import_module("onnx_asr")
    except ImportError as error:
        raise EngineMisconfigured(
            "onnx-asr is not installed. Install Dayline with its `parakeet` extra: scripts/setup --extra parakeet"
        ) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    try:
        return onnx_asr.load_model(model, folder, quantization=quantization, sess_options=options, providers=providers)
    except DaylineError:
        raise
    except Exception as error:
        if folder is None and not isinstance(error, ValueError):
            raise Unavailable(
                f"The model {model!r} is not on this machine and could not be fetched. "
                "Put it in place with `dayline models install`, or give a local folder."
            ) from error
        raise EngineMisconfigured(
            f"onnx-asr cannot load {folder.name if folder else model!r} ({type(error).__name__}): the name is unknown, "
            "or files are missing or damaged. Run `dayline models check` for details."
        ) from error


def _type_of(loaded: Any, model: str) -> str:
    """Return the model's type as its configuration tells, for models that were asked for by name."""
    config: JsonObject = getattr(loaded.asr, "config", None) or {}
    return str(config.get("model_type") or model)
