"""The voice encoder that ships with the package: GE2E on onnxruntime, features in numpy, no torch.

Wan et al., "Generalized End-to-End Loss for Speaker Verification" (ICASSP 2018); weights of Resemblyzer (Apache-2.0),
written as ONNX, most of them as small whole numbers, by `scripts/make_voice_model.py`. It was trained on windows of
1.6 s, which is what it likes to get.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dayline.domain.clip import SAMPLE_RATE_HZ

MODEL_PATH = Path(__file__).with_name("ge2e.onnx")

WINDOW_SAMPLES = 25_600
SHORTEST_SAMPLES = 6_400
FFT_SAMPLES = 400
HOP_SAMPLES = 160
MEL_BANDS = 40
LEVEL_DBFS = -30.0
# Lengths are rounded down to this many frames so that short clips share batches.
FRAMES_GRAIN = 20
# More at once are no faster: 16 take 32 MB more, and 128 took 200.
BATCH_WINDOWS = 4


class Ge2eEmbedder:
    """Voice vectors of 256 numbers, at about 300 times real time on one core."""

    name = "ge2e:resemblyzer-0.1.4"
    dimensions = 256

    def __init__(self, model_path: Path = MODEL_PATH) -> None:
        import onnxruntime as ort  # 18 MB, which a process that only sends work to others does without

        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # the arena keeps the largest batch for ever
        self._session = ort.InferenceSession(str(model_path), options, providers=["CPUExecutionProvider"])

    def embed(self, clips: Sequence[NDArray[np.int16]]) -> NDArray[np.float32]:
        """Return unit vectors (clips, 256) for mono int16 at 16 kHz, >= 0.4 s each.

        A clip longer than 1.6 s is heard in overlapping windows whose vectors are averaged. Raises `ValueError` for a
        clip that is too short.
        """
        owners: dict[int, list[int]] = {}
        pieces: dict[int, list[NDArray[np.float32]]] = {}
        sums = np.zeros((len(clips), self.dimensions), np.float32)
        for i, clip in enumerate(clips):
            if len(clip) < SHORTEST_SAMPLES:
                raise ValueError(f"clip {i} holds {len(clip)} samples; a voice needs at least {SHORTEST_SAMPLES}")
            for mel in _windows(log_free_mel(at_level(clip))):
                frames = len(mel)
                pieces.setdefault(frames, []).append(mel)
                owners.setdefault(frames, []).append(i)
                if len(pieces[frames]) == BATCH_WINDOWS:
                    self._run(pieces.pop(frames), owners.pop(frames), sums)
        for frames in sorted(pieces):
            self._run(pieces[frames], owners[frames], sums)
        return sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)

    def _run(self, mels: list[NDArray[np.float32]], owners: list[int], sums: NDArray[np.float32]) -> None:
        voices = np.asarray(self._session.run(["voice"], {"mel": np.stack(mels)})[0])
        np.add.at(sums, owners, np.nan_to_num(voices))


def at_level(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    """Return samples in -1..1, raised to -30 dBFS where they are softer; the encoder knows no other level."""
    x = samples.astype(np.float32) / 32768.0
    rms = float(np.sqrt(np.mean(np.square(x), dtype=np.float64)))
    gain = 10 ** (LEVEL_DBFS / 20) / max(rms, 1e-6)
    return x * np.float32(gain) if gain > 1 else x


def log_free_mel(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return mel band powers (frames, 40), 100 frames per second; the encoder takes them without a logarithm."""
    padded = np.pad(x, FFT_SAMPLES // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, FFT_SAMPLES)[::HOP_SAMPLES][: len(x) // HOP_SAMPLES]
    spectrum = np.fft.rfft(frames * _HANN, axis=1)
    return _banded((np.square(spectrum.real) + np.square(spectrum.imag)).astype(np.float32))


def _banded(powers: NDArray[np.float32]) -> NDArray[np.float32]:
    # A product of this size wakes a thread on every core, which then waits for the next one at full speed: on two
    # cores that costs 40 % more processor time for nothing. Products of a few frames stay on this one.
    whole = len(powers) // FRAMES_GRAIN * FRAMES_GRAIN
    stacked = powers[:whole].reshape(-1, FRAMES_GRAIN, powers.shape[1]) @ _FILTERS
    return np.concatenate((stacked.reshape(-1, MEL_BANDS), powers[whole:] @ _FILTERS))


def _windows(mel: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    size = WINDOW_SAMPLES // HOP_SAMPLES
    if len(mel) < size:
        return [mel[: max(len(mel) // FRAMES_GRAIN * FRAMES_GRAIN, FRAMES_GRAIN)]]
    return [mel[s : s + size] for s in range(0, len(mel) - size + 1, size // 2)]


def _mel_filters() -> NDArray[np.float32]:
    """Return triangles (201 bins, 40 bands) of equal area on Slaney's scale: linear to 1 kHz, logarithmic above."""
    hz_per_mel, knee_hz, knee_mel, log_step = 200 / 3, 1000.0, 15.0, np.log(6.4) / 27
    top_mel = knee_mel + np.log(SAMPLE_RATE_HZ / 2 / knee_hz) / log_step
    mels: NDArray[np.float64] = np.linspace(0, float(top_mel), MEL_BANDS + 2)
    edges: NDArray[np.float64] = np.where(
        mels < knee_mel, mels * hz_per_mel, knee_hz * np.exp(log_step * (mels - knee_mel))
    )
    bins = np.linspace(0, SAMPLE_RATE_HZ / 2, FFT_SAMPLES // 2 + 1)[:, None]
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    rising, falling = (bins - low) / (centre - low), (high - bins) / (high - centre)
    return (np.clip(np.minimum(rising, falling), 0, None) * 2 / (high - low)).astype(np.float32)


_FILTERS = _mel_filters()
_HANN = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FFT_SAMPLES) / FFT_SAMPLES)).astype(np.float32)
