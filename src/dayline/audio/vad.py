"""Speech probability per 32 ms frame, as a stream: the Silero model in its sequence form, state carried.

Model: Silero Team, "Silero VAD: pre-trained enterprise-grade Voice Activity Detector" (MIT), its weights in a graph
that computes the same in a third of the time, written by `scripts/make_speech_model.py`.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dayline.audio.ports import FRAME_SAMPLES

MODEL_PATH = Path(__file__).with_name("silero.onnx")

_CONTEXT_SAMPLES = 64
_MAX_FRAMES_PER_CALL = 128


class SpeechProbability:
    """Computes one probability per frame. Results do not depend on the size of batches."""

    def __init__(self, path: Path = MODEL_PATH) -> None:
        # Read when onnxruntime is first imported: official builds send telemetry unless this is set.
        os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        # The arena would keep the largest request for ever; frames come in batches of very different size.
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 4
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self.reset()

    def reset(self) -> None:
        """Reset the state for another recording."""
        self._h = np.zeros((1, 1, 128), np.float32)
        self._c = np.zeros((1, 1, 128), np.float32)
        self._context = np.zeros(_CONTEXT_SAMPLES, np.float32)

    def push(self, frames: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return probabilities (n,) for frames (n, 512) of samples in -1..1 at 16 kHz."""
        parts = [
            self._run(frames[at : at + _MAX_FRAMES_PER_CALL]) for at in range(0, len(frames), _MAX_FRAMES_PER_CALL)
        ]
        return np.concatenate(parts) if parts else np.zeros(0, np.float32)

    def _run(self, frames: NDArray[np.float32]) -> NDArray[np.float32]:
        batch = np.empty((len(frames), _CONTEXT_SAMPLES + FRAME_SAMPLES), np.float32)
        batch[:, _CONTEXT_SAMPLES:] = frames
        batch[0, :_CONTEXT_SAMPLES] = self._context
        batch[1:, :_CONTEXT_SAMPLES] = frames[:-1, -_CONTEXT_SAMPLES:]
        self._context = frames[-1, -_CONTEXT_SAMPLES:].copy()
        found, self._h, self._c = self._session.run(None, {"input": batch, "h": self._h, "c": self._c})
        return np.asarray(found, np.float32).reshape(-1)
