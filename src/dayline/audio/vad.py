"""Speech probability per 32 ms frame, as a stream: the Silero model in its sequence form, state carried.

Model: Silero Team, "Silero VAD: pre-trained enterprise-grade Voice Activity Detector" (MIT), its weights in a graph
that computes the same in less time, written by `scripts/make_speech_model.py`.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dayline.audio.ports import FRAME_SAMPLES

MODEL_PATH = Path(__file__).with_name("silero.onnx")

_CONTEXT_SAMPLES = 64
# A frame with its context before, and its last samples mirrored behind it, is cut into overlapping windows.
_MIRRORED_SAMPLES = 64
_WINDOWS, _WINDOW_SAMPLES, _HOP_SAMPLES = 4, 256, 128
_BINS = _WINDOW_SAMPLES // 2 + 1
_WINDOW = np.hanning(_WINDOW_SAMPLES + 1)[:-1].astype(np.float32)
_MAX_FRAMES_PER_CALL = 64
_SILENT_POWER = 10**-6.3
"""Mean square of a frame in which no 20 ms reach the -60 dBFS from which sound can hold speech (`asr/clips.py`)."""
_SETTLE_FRAMES = 250
"""Frames of silence, 8 s, that the model still gets: it remembers for seconds. What follows is not computed."""


class SpeechProbability:
    """Computes one probability per frame, 0 in lasting silence. Results do not depend on the size of batches."""

    def __init__(self) -> None:
        # Read when onnxruntime is first imported: official builds send telemetry unless this is set.
        os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        # The arena would keep the largest request for ever; frames come in batches of very different size.
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 4
        self._session = onnxruntime.InferenceSession(str(MODEL_PATH), options, providers=["CPUExecutionProvider"])
        self.reset()

    def reset(self) -> None:
        """Reset the state for another recording."""
        self._h = np.zeros((1, 1, 128), np.float32)
        self._c = np.zeros((1, 1, 128), np.float32)
        self._context = np.zeros(_CONTEXT_SAMPLES, np.float32)
        self._silent = 0

    def push(self, frames: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return probabilities (n,) for frames (n, 512) of samples in -1..1 at 16 kHz."""
        out = np.zeros(len(frames), np.float32)
        if not len(frames):
            return out
        before = np.concatenate((self._context[None], frames[:-1, -_CONTEXT_SAMPLES:]))
        self._context = frames[-1, -_CONTEXT_SAMPLES:].copy()
        is_computed = self._silent_for(frames) <= _SETTLE_FRAMES
        if not is_computed.all():
            frames, before = frames[is_computed], before[is_computed]
        parts = [slice(at, at + _MAX_FRAMES_PER_CALL) for at in range(0, len(frames), _MAX_FRAMES_PER_CALL)]
        out[is_computed] = np.concatenate([*(self._run(frames[part], before[part]) for part in parts), out[:0]])
        return out

    def _silent_for(self, frames: NDArray[np.float32]) -> NDArray[np.int64]:
        """Return for how many frames, each included, there has been silence, shape (n,)."""
        place = np.arange(len(frames))
        power = np.einsum("ij,ij->i", frames, frames) / FRAME_SAMPLES
        last_sound = np.maximum.accumulate(np.where(power > _SILENT_POWER, place, -1 - self._silent))
        silent = place - last_sound
        self._silent = int(silent[-1])
        return silent

    def _run(self, frames: NDArray[np.float32], before: NDArray[np.float32]) -> NDArray[np.float32]:
        given = {"spectra": _spectra(frames, before), "h": self._h, "c": self._c}
        found, self._h, self._c = self._session.run(None, given)
        return np.asarray(found, np.float32).reshape(-1)


def _spectra(frames: NDArray[np.float32], before: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the magnitudes (n, 4 x 129) of the windows of each frame. `before` are the 64 samples before each."""
    end = _CONTEXT_SAMPLES + FRAME_SAMPLES
    wide = np.empty((len(frames), end + _MIRRORED_SAMPLES), np.float32)
    wide[:, _CONTEXT_SAMPLES:end] = frames
    wide[:, :_CONTEXT_SAMPLES] = before
    wide[:, end:] = wide[:, end - 2 : end - 2 - _MIRRORED_SAMPLES : -1]
    windows = np.lib.stride_tricks.sliding_window_view(wide, _WINDOW_SAMPLES, axis=1)[:, ::_HOP_SAMPLES]
    waves = np.fft.rfft(windows * _WINDOW, axis=2)
    return np.sqrt(waves.real**2 + waves.imag**2).reshape(len(frames), _WINDOWS * _BINS)
