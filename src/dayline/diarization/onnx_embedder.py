"""Speaker models of WeSpeaker and 3D-Speaker in ONNX form, named by the operator.

Such a model takes Kaldi's log mel filter banks (clips, frames, 80), less their mean over the clip, and gives one vector
per clip: ResNet34 and ECAPA-TDNN of WeSpeaker (Wang et al., ICASSP 2023), CAM++ (Wang et al., Interspeech 2023) and
ERes2Net of 3D-Speaker. Input and output are the only ones of the graph; their names do not matter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dayline.diarization.kaldi_features import MEL_BANDS, log_mel
from dayline.domain.errors import InvalidRequest

SHORTEST_SAMPLES = 6_400
BATCH_WINDOWS = 16
# What the likeness of two clips is mapped to, so that one set of thresholds serves every model: `SAME_VOICE` is where
# GE2E has it, and where a model has it is measured or taken from its makers' tables.
SAME_VOICE_OF_GE2E = 0.75


@cache
def fingerprint(path: Path) -> str:
    """Return what names the weights in a file: `onnx:` and the first 16 digits of its SHA-256."""
    with path.open("rb") as file:
        return f"onnx:{hashlib.file_digest(file, 'sha256').hexdigest()[:16]}"


class OnnxEmbedder:
    """Voice vectors of a speaker model in a file.

    `same_voice` is the cosine from which the means of two groups of windows are one voice. Vectors get one more,
    constant number, which moves that cosine to where the thresholds of the clustering expect it and leaves 1 at 1.
    """

    def __init__(self, path: Path, *, same_voice: float) -> None:
        if not path.is_file():
            raise InvalidRequest(
                f"There is no speaker model {path}. Set DAYLINE_VOICE_MODEL to an ONNX file, or to ge2e."
            )
        if not 0.0 < same_voice < SAME_VOICE_OF_GE2E:
            raise InvalidRequest(f"DAYLINE_VOICE_MODEL_SAME must be between 0 and {SAME_VOICE_OF_GE2E}.")
        import onnxruntime as ort  # 18 MB, which a process that only sends work to others does without

        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        try:
            self._session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises classes of its own that share no base
            raise InvalidRequest(f"{path.name} is not an ONNX model that can be loaded.") from error
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        shape = inputs[0].shape
        if len(inputs) != 1 or len(shape) != 3 or (shape[2] not in (MEL_BANDS, None) and not isinstance(shape[2], str)):
            raise InvalidRequest(
                f"{path.name} is no speaker model of WeSpeaker or 3D-Speaker: it must take one input of shape "
                f"(clips, frames, {MEL_BANDS}) and takes {[i.shape for i in inputs]}."
            )
        self._input, self._output = inputs[0].name, outputs[0].name
        self._share = np.float32((1 - SAME_VOICE_OF_GE2E) / (1 - same_voice))
        self.name = fingerprint(path)
        self.dimensions = len(self._run([np.zeros((100, MEL_BANDS), np.float32)])[0]) + 1

    def embed(self, clips: Sequence[NDArray[np.int16]]) -> NDArray[np.float32]:
        """Return unit vectors (clips, dimensions) for mono int16 at 16 kHz, >= 0.4 s each. Raises `ValueError`."""
        waiting: dict[int, list[int]] = {}
        features: list[NDArray[np.float32]] = []
        for i, clip in enumerate(clips):
            if len(clip) < SHORTEST_SAMPLES:
                raise ValueError(f"clip {i} holds {len(clip)} samples; a voice needs at least {SHORTEST_SAMPLES}")
            mel = log_mel(clip)
            features.append(mel - mel.mean(axis=0))
            waiting.setdefault(len(mel), []).append(i)
        out = np.zeros((len(clips), self.dimensions), np.float32)
        for members in waiting.values():
            for at in range(0, len(members), BATCH_WINDOWS):
                rows = members[at : at + BATCH_WINDOWS]
                out[rows, :-1] = self._run([features[i] for i in rows]) * np.sqrt(self._share)
        out[:, -1] = np.sqrt(1 - self._share)
        return out

    def _run(self, features: list[NDArray[np.float32]]) -> NDArray[np.float32]:
        found = np.asarray(self._session.run([self._output], {self._input: np.stack(features)})[0], np.float32)
        vectors = np.nan_to_num(found.reshape(len(features), -1))
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
