"""Log mel filter banks as Kaldi's `compute-fbank-feats` gives them with 80 bands, a Hamming window and no dither.

Frames of 25 ms every 10 ms that lie wholly inside the clip, mean taken off, pre-emphasis .97, power spectrum of 512
points, triangles on Kaldi's mel scale from 20 Hz to half the rate, natural logarithm (Povey et al., ASRU 2011).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dayline.domain.clip import SAMPLE_RATE_HZ

MEL_BANDS = 80
FRAME_SAMPLES, HOP_SAMPLES, FFT_SAMPLES = 400, 160, 512
_LOW_HZ, _HIGH_HZ = 20.0, SAMPLE_RATE_HZ / 2
_PRE_EMPHASIS = 0.97
_FLOOR = np.float32(np.finfo(np.float32).eps)


def log_mel(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    """Return features (frames, 80) of mono int16 at 16 kHz, at least 25 ms of it; 100 frames per second."""
    x = samples.astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(x, FRAME_SAMPLES)[::HOP_SAMPLES]
    frames = frames - frames.mean(axis=1, keepdims=True)
    before = np.concatenate((frames[:, :1], frames[:, :-1]), axis=1)
    spectrum = np.fft.rfft((frames - _PRE_EMPHASIS * before) * _WINDOW, FFT_SAMPLES, axis=1)
    powers = (np.square(spectrum.real) + np.square(spectrum.imag)).astype(np.float32)
    return np.log(np.maximum(powers @ _FILTERS, _FLOOR))


def _mel(hz: NDArray[np.float64] | float) -> NDArray[np.float64]:
    return 1127.0 * np.log1p(np.asarray(hz) / 700.0)


def _mel_filters() -> NDArray[np.float32]:
    """Return triangles (257 bins, 80 bands), straight on the mel scale; Kaldi leaves the last bin out."""
    edges = np.linspace(_mel(_LOW_HZ), _mel(_HIGH_HZ), MEL_BANDS + 2)
    bins = _mel(np.arange(FFT_SAMPLES // 2 + 1) * SAMPLE_RATE_HZ / FFT_SAMPLES)[:, None]
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    filters = np.clip(np.minimum(rising, falling), 0, None)
    filters[-1] = 0
    return filters.astype(np.float32)


_FILTERS = _mel_filters()
_WINDOW = np.hamming(FRAME_SAMPLES).astype(np.float32)
