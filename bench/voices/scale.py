"""Time and memory of clustering days of 2, 6 and 12 hours of speech, and the speed of the encoder.

    python -m bench.voices.scale

Vectors are drawn (voices and rooms as directions, conversations of three minutes, 150 customers); each length runs in a
process of its own, so that the peak is its own.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import time

import numpy as np

from dayline.diarization.ge2e import Ge2eEmbedder
from dayline.diarization.speaker_labels import diarize_day
from dayline.diarization.voice_windows import STEP_SECONDS, VoiceWindows

DIMENSIONS = 256
CUSTOMERS = 150


def drawn_day(hours: float, seed: int = 1) -> VoiceWindows:
    """Windows of a day with this much speech."""
    draw = np.random.default_rng(seed)
    voices = np.abs(draw.standard_normal((CUSTOMERS + 1, DIMENSIONS))).astype(np.float32)
    count = int(hours * 3600 / STEP_SECONDS)
    starts, vectors = np.zeros(count), np.zeros((count, DIMENSIONS), np.float16)
    clock, at = 10.0, 0
    while at < count:
        customer = int(draw.integers(1, CUSTOMERS + 1))
        room = draw.standard_normal(DIMENSIONS).astype(np.float32) * 0.25
        for turn in range(45):
            n = min(int(draw.integers(2, 9)), count - at)
            row = voices[0 if turn % 2 else customer] + room
            rows = np.maximum(row + draw.standard_normal((n, DIMENSIONS)).astype(np.float32) * 0.35, 0)
            vectors[at : at + n] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
            starts[at : at + n] = clock + np.arange(n) * STEP_SECONDS
            clock += n * STEP_SECONDS + 1.2
            at += n
        clock += draw.uniform(10, 120)
    return VoiceWindows("drawn", starts, starts + 2 * STEP_SECONDS, vectors)


def measure(hours: float) -> None:
    """Print one row: windows, CPU seconds, memory before and at the peak."""
    windows = drawn_day(hours)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began = time.process_time()
    found = diarize_day(windows)
    spent = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    row = f"{hours:4.0f} h speech {len(windows):7d} windows {spent:6.2f} CPU s"
    print(f"{row}  RSS before {before:.0f} MB, peak {peak:.0f} MB  {len(found.voices)} voices", flush=True)


def encoder_speed(seconds: float = 120.0) -> None:
    """Print how fast the encoder hears windows of 1.6 s every 0.8 s."""
    noise = np.random.default_rng(2).integers(-3000, 3000, 25_600).astype(np.int16)
    clips = [noise] * int(seconds / STEP_SECONDS)
    embedder = Ge2eEmbedder()
    embedder.embed(clips[:32])
    began = time.process_time()
    embedder.embed(clips)
    spent = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"encoder {1000 * spent / len(clips):.1f} ms per window, {seconds / spent:.0f} x per core, RSS {peak:.0f} MB")


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in the processes of the command
    for task, argument in ((measure, 2.0), (measure, 6.0), (measure, 12.0), (encoder_speed, 120.0)):
        process = multiprocessing.get_context("spawn").Process(target=task, args=(argument,))
        process.start()
        process.join()
