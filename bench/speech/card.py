"""Whisper on a graphics card beside the CPU: speed by batch and length of chunks, and whether both hear the same.

    python -m bench.speech.card --models-dir DIR [--model whisper-base] [--threads 8]

The speech is that of the example days, each clip twice. Prints seconds of the clock and of the processor, windows and
times real time for each batch and chunk length; then how many words the card (float16) and the CPU (int8) share, and
how far word starts lie apart in utterances of the same text. Needs a card with cuBLAS 12 and cuDNN 9.
"""

from __future__ import annotations

import argparse
import difflib
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench.audio.material import EXAMPLES
from bench.audio.windows import chunks_of
from dayline.asr.answer_checks import transcribe_checked
from dayline.asr.faster_whisper import FasterWhisperTranscriber, share_windows
from dayline.domain.clip import SAMPLE_RATE_HZ, Clip
from dayline.domain.transcript import Utterance

_SPEECH_SECONDS = 400.0
_RUNS = ((1, 120), (4, 120), (16, 120), (1, 600), (16, 600), (32, 600))
"""Windows decoded at once, and seconds of speech in a chunk."""


def main() -> None:
    """Read the command line and print one row for each run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models-dir", type=Path, required=True)
    parser.add_argument("--model", default="whisper-base")
    parser.add_argument("--threads", type=int, default=8)
    options = parser.parse_args()
    model = str(options.models_dir / options.model)
    clips = _clips()
    FasterWhisperTranscriber(model, device="cuda", threads=options.threads).transcribe(clips[:8], "en")
    print("| chunk | batch | wall | CPU | windows | times real time |\n|---|---|---|---|---|---|")
    for batch, seconds in _RUNS:
        card = FasterWhisperTranscriber(model, device="cuda", threads=options.threads, batch_size=batch)
        _run(card, [*clips, *_later(clips)], batch, seconds)
    card = FasterWhisperTranscriber(model, device="cuda", threads=options.threads)
    on_card = transcribe_checked(card, clips, "en").utterances
    began = time.perf_counter()
    on_cpu = transcribe_checked(FasterWhisperTranscriber(model, device="cpu"), clips, "en").utterances
    print(f"CPU, int8: {time.perf_counter() - began:.1f} s for {_seconds(clips):.0f} s of speech")
    print(_agreement(on_cpu, on_card))


def _clips() -> list[Clip]:
    found: list[Clip] = []
    for path in EXAMPLES:
        for clip in (c for chunk in chunks_of(path) for c in chunk):
            if _seconds(found) < _SPEECH_SECONDS:
                found.append(clip)
    return found


def _later(clips: Sequence[Clip]) -> list[Clip]:
    end = clips[-1].end_seconds + 5.0
    return [Clip(c.samples, c.start_seconds + end) for c in clips]


def _seconds(clips: Sequence[Clip]) -> float:
    return sum(len(c.samples) for c in clips) / SAMPLE_RATE_HZ


def _run(card: FasterWhisperTranscriber, clips: Sequence[Clip], batch: int, chunk_seconds: int) -> None:
    chunks: list[list[Clip]] = [[]]
    for clip in clips:
        if chunks[-1] and _seconds([*chunks[-1], clip]) > chunk_seconds:
            chunks.append([])
        chunks[-1].append(clip)
    wall, cpu = time.perf_counter(), time.process_time()
    for chunk in chunks:
        transcribe_checked(card, chunk, "en")
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    windows = sum(len(share_windows(chunk)) for chunk in chunks)
    speed = _seconds(clips) / wall
    print(f"| {chunk_seconds} s | {batch} | {wall:.2f} s | {cpu:.2f} s | {windows} | {speed:.0f} |", flush=True)


def _agreement(one: Sequence[Utterance], other: Sequence[Utterance]) -> str:
    a, b = ([w.text.lower().strip(" .,?!") for u in told for w in u.words] for told in (one, other))
    same = sum(m.size for m in difflib.SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks())
    apart = [
        abs(v.start_seconds - w.start_seconds)
        for u in one
        for t in other
        if u.text == t.text and abs(u.start_seconds - t.start_seconds) < 0.5
        for v, w in zip(u.words, t.words, strict=False)
    ]
    median, p95 = np.percentile(apart, (50, 95))
    return (
        f"words: CPU {len(a)}, card {len(b)}, the same {same}; "
        f"starts of {len(apart)} words apart by {median:.3f} s (median), {p95:.3f} s (p95)"
    )


if __name__ == "__main__":
    main()
