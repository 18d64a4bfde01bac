"""Measure a speech engine on recordings with known texts.

    python -m bench.speech.run SAMPLES [--engine pocketsphinx --model M --models-dir D] [--minutes 4] [--processes 2]

SAMPLES is a folder with mono 16 kHz wav files and a `transcripts.json`: a list of {"file", "text"}. Prints word error
rate and speed of each file, then the same clips through the bare engine, one child process and several, side by side.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import threading
import time
import wave
from collections.abc import Callable, Sequence
from pathlib import Path

import jiwer
import numpy as np
import psutil

from dayline.asr.answer_checks import transcribe_checked
from dayline.asr.clips import cut_at_quiet
from dayline.asr.ports import Transcriber
from dayline.asr.registry import SpeechConfig, load_transcriber
from dayline.asr.transcriber_process import TranscriberProcess
from dayline.domain.clip import SAMPLE_RATE_HZ, Clip

_GAP_SECONDS = 1.0


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("samples", type=Path)
    parser.add_argument("--engine", default="pocketsphinx")
    parser.add_argument("--model", default="")
    parser.add_argument("--models-dir", type=Path, default=None)
    parser.add_argument("--minutes", type=float, default=4.0, help="speech in the overhead measurement")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3, help="times each way is measured")
    parser.add_argument("--skip-overhead", action="store_true")
    args = parser.parse_args()
    config = SpeechConfig(engine=args.engine, model=args.model, models_dir=args.models_dir, threads=1)
    transcriber = load_transcriber(config)
    print(f"{transcriber.name}  {transcriber.limits}")
    samples = read_samples(args.samples)
    word_errors(transcriber, samples)
    if not args.skip_overhead:
        overhead(config, transcriber, [s for s, _, _ in samples], args.minutes * 60, args.processes, args.rounds)


def read_samples(folder: Path) -> list[tuple[np.ndarray, str, str]]:
    """Return (samples, file name, text) of every recording that `transcripts.json` names."""
    rows = json.loads((folder / "transcripts.json").read_text(encoding="utf-8"))
    return [(_read_wav(folder / row["file"]), row["file"], row["text"]) for row in rows if row["file"].endswith(".wav")]


def word_errors(transcriber: Transcriber, samples: Sequence[tuple[np.ndarray, str, str]]) -> None:
    """Print word error rate, speed and retries per file and over all."""
    texts: list[str] = []
    heard: list[str] = []
    cpu_seconds = audio_seconds = 0.0
    for audio, name, text in samples:
        started = time.process_time()
        chunk = transcribe_checked(transcriber, [Clip(audio, 0.0)])
        spent = time.process_time() - started
        texts.append(_plain(text))
        heard.append(_plain(" ".join(u.text for u in chunk.utterances)))
        cpu_seconds, audio_seconds = cpu_seconds + spent, audio_seconds + chunk.audio_seconds
        rate = jiwer.wer(texts[-1], heard[-1])
        extra = f"retried {chunk.retried_clips}, dropped {chunk.dropped_lines}"
        _print_row(name, chunk.audio_seconds, rate, spent, extra)
    _print_row("all", audio_seconds, jiwer.wer(texts, heard), cpu_seconds)


def _print_row(name: str, audio_seconds: float, error_rate: float, cpu_seconds: float, extra: str = "") -> None:
    speed = audio_seconds / cpu_seconds
    print(f"  {name:22} {audio_seconds:6.1f} s  WER {error_rate:.3f}  {speed:5.1f} x/CPU-s  {extra}")


def overhead(
    config: SpeechConfig,
    transcriber: Transcriber,
    audios: Sequence[np.ndarray],
    seconds: float,
    processes: int,
    rounds: int,
) -> None:
    """Print wall and CPU time of the same clips bare, in one child and in several; medians of interleaved rounds."""
    chunks = _chunks(transcriber, audios, seconds)
    speech = sum(len(c.samples) for chunk in chunks for c in chunk) / SAMPLE_RATE_HZ
    pool = [TranscriberProcess(config, recycle_after_chunks=None) for _ in range(processes)]
    for process in pool:
        assert process.name
    ways: dict[str, Callable[[], object]] = {
        "bare engine": lambda: [transcriber.transcribe(chunk) for chunk in chunks] and None,
        "1 process": lambda: _through(pool[:1], chunks),
        f"{processes} processes": lambda: _through(pool, chunks),
    }
    taken: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way, go in ways.items():
            wall, cpu = time.perf_counter(), _cpu_seconds(pool)
            go()
            taken[way].append((time.perf_counter() - wall, _cpu_seconds(pool) - cpu))
    bare_cpu = float(np.median([c for _, c in taken["bare engine"]]))
    one_wall = float(np.median([w for w, _ in taken["1 process"]]))
    print(f"{len(chunks)} chunks, {speech:.0f} s of speech, rounds: {rounds}")
    for way, measured in taken.items():
        wall, cpu = (float(np.median(v)) for v in zip(*measured, strict=True))
        ratios = f"{cpu / bare_cpu:.3f} x bare CPU  {one_wall / wall:.2f} x one process"
        print(f"  {way:14} wall {wall:6.1f} s  CPU {cpu:6.1f} s  {ratios}")
    _cost_of_transport(chunks)
    for process in pool:
        process.close()
    print(f"  peak memory of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def _cost_of_transport(chunks: Sequence[list[Clip]]) -> None:
    """Print what sending clips to a child and their transcript back costs when the engine itself costs nothing."""
    with TranscriberProcess(SpeechConfig(engine="fake")) as process:
        assert process.name
        before, started = _cpu_seconds([process]), time.perf_counter()
        for chunk in chunks:
            process.transcribe_chunk(chunk)
        cpu, wall = _cpu_seconds([process]) - before, time.perf_counter() - started
    print(f"  pipes, checks and JSON alone: wall {wall:.2f} s, CPU {cpu:.2f} s for the same chunks")


def _through(pool: Sequence[TranscriberProcess], chunks: Sequence[list[Clip]]) -> None:
    waiting = list(reversed(chunks))
    turn = threading.Lock()

    def work(process: TranscriberProcess) -> None:
        while True:
            with turn:
                if not waiting:
                    return
                chunk = waiting.pop()
            process.transcribe_chunk(chunk)

    threads = [threading.Thread(target=work, args=(p,)) for p in pool]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _chunks(transcriber: Transcriber, audios: Sequence[np.ndarray], seconds: float) -> list[list[Clip]]:
    """Lay the recordings one after the other until there is enough speech; one chunk holds each of them once."""
    chunks: list[list[Clip]] = []
    at = total = 0.0
    while total < seconds:
        chunk: list[Clip] = []
        for audio in audios:
            chunk += cut_at_quiet(Clip(audio, at), transcriber.limits.max_clip_seconds)
            at += len(audio) / SAMPLE_RATE_HZ + _GAP_SECONDS
            total += len(audio) / SAMPLE_RATE_HZ
        chunks.append(chunk)
    return chunks


def _cpu_seconds(pool: Sequence[TranscriberProcess]) -> float:
    total = sum(psutil.Process().cpu_times()[:2])
    return total + sum(sum(psutil.Process(p.pid).cpu_times()[:2]) for p in pool if p.pid is not None)


def _read_wav(path: Path) -> np.ndarray:
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (SAMPLE_RATE_HZ, 1, 2), path.name
        return np.frombuffer(file.readframes(file.getnframes()), np.int16)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9']+", text.lower()))


if __name__ == "__main__":
    main()
