"""What Dayline uses of faster-whisper, whose own hints are incomplete and wrong for batches."""

from collections.abc import Iterable, Sequence

import numpy as np
from ctranslate2 import StorageView
from faster_whisper.tokenizer import HfTokenizer, Tokenizer
from faster_whisper.transcribe import Alignment, Segment
from numpy.typing import NDArray

class FeatureExtractor:
    hop_length: int
    mel_filters: NDArray[np.float32]
    nb_max_frames: int
    def __call__(self, waveform: NDArray[np.float32]) -> NDArray[np.float32]: ...

class GenerationResult:
    sequences_ids: list[list[int]]
    scores: list[float]
    no_speech_prob: float

class CTranslate2Whisper:
    """`ctranslate2.models.Whisper`."""

    is_multilingual: bool
    n_mels: int
    def detect_language(self, features: StorageView) -> list[list[tuple[str, float]]]: ...
    def generate(
        self,
        features: StorageView,
        prompts: Sequence[Sequence[int]],
        *,
        beam_size: int,
        max_length: int,
        suppress_blank: bool,
        suppress_tokens: list[int],
        return_scores: bool,
        return_no_speech_prob: bool,
    ) -> list[GenerationResult]: ...

class WhisperModel:
    model: CTranslate2Whisper
    hf_tokenizer: HfTokenizer
    feature_extractor: FeatureExtractor
    max_length: int
    frames_per_second: float
    supported_languages: list[str]
    def __init__(
        self, model_size_or_path: str, device: str = ..., *, compute_type: str = ..., cpu_threads: int = ...
    ) -> None: ...
    def encode(self, features: NDArray[np.float32]) -> StorageView: ...
    def get_prompt(
        self, tokenizer: Tokenizer, previous_tokens: list[int], without_timestamps: bool = ...
    ) -> list[int]: ...
    def find_alignment(
        self, tokenizer: Tokenizer, text_tokens: list[list[int]], encoder_output: StorageView, num_frames: list[int]
    ) -> list[list[Alignment]]: ...

class BatchedInferencePipeline:
    def __init__(self, model: WhisperModel) -> None: ...
    def transcribe(
        self,
        audio: NDArray[np.float32],
        *,
        language: str,
        vad_filter: bool,
        word_timestamps: bool = ...,
        batch_size: int = ...,
    ) -> tuple[Iterable[Segment], object]: ...
