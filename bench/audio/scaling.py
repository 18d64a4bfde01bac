"""One recogniser against two, beside what two bare engines reach on the same two cores.

`python -m bench.audio.scaling --seconds 120 --voices FOLDER`. Cores of a virtual machine may be halves of one: two
processes that share nothing then do less than twice the work of one. So each round also lets a bare engine do the job
alone, and two bare engines do it side by side, each all of it; `ceiling` is twice the time of the one over the time of
the two.
"""

from __future__ import annotations

import argparse
import os
import pickle
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

from bench.audio.material import RATE_HZ, add_directory, encode
from bench.audio.windows import chunks_of
from bench.audio.work import never, samples_of
from dayline.asr.registry import EngineName, SpeechConfig, load_transcriber
from dayline.asr.transcriber_pool import TranscriberPool
from dayline.domain.clip import Clip

_CHUNKS = 8


class Bare:
    """An engine in a process that does the whole job each time it is told to."""

    def __init__(self, job: Path, engine: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.audio.scaling", "--serve", str(job), "--engine", engine],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).resolve().parents[2],
        )
        self._line()

    def work(self) -> float:
        """Do the job; return its seconds by the clock on the wall."""
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        return float(self._line())

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


def serve(job: Path, name: str) -> int:
    """Do the job once for every line that comes in."""
    chunks: list[list[Clip]] = pickle.loads(job.read_bytes())
    engine = load_transcriber(SpeechConfig(engine=cast(EngineName, name), threads=1))
    engine.transcribe(chunks[0][:1], "en")
    print("ready", flush=True)
    for _ in sys.stdin:
        began = time.perf_counter()
        for chunk in chunks:
            engine.transcribe(chunk, "en")
        print(time.perf_counter() - began, flush=True)
    return 0


def evenly(clips: Sequence[Clip], count: int) -> list[list[Clip]]:
    """Return the clips in groups of equal length, so that two recognisers end together as they do on a long day."""
    total = sum(len(clip.samples) for clip in clips)
    chunks: list[list[Clip]] = [[] for _ in range(count)]
    passed = 0
    for clip in clips:
        chunks[min(count - 1, passed * count // total)].append(clip)
        passed += len(clip.samples)
    return [chunk for chunk in chunks if chunk]


def through(recognisers: TranscriberPool, chunks: Sequence[list[Clip]]) -> float:
    """Take chunks through recognisers, as many at once as there are; return the seconds on the wall."""
    began = time.perf_counter()
    with ThreadPoolExecutor(recognisers.count) as threads:
        list(threads.map(lambda clips: recognisers.transcribe(clips, "en", should_stop=never), chunks))
    return time.perf_counter() - began


def run(arguments: Sequence[str]) -> int:
    """Measure the four ways in turn, `--rounds` times; print medians and ratios."""
    parser = argparse.ArgumentParser(prog="bench.audio.scaling", description=__doc__)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--voices", type=Path, help="recorded speech instead of the sample day")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--engine", default="pocketsphinx")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    add_directory(parser)
    options = parser.parse_args(arguments)
    if options.serve:
        return serve(options.serve, options.engine)
    options.directory.mkdir(parents=True, exist_ok=True)
    path = encode(samples_of(options.voices, 98.0, options.seconds), options.directory / "scaling.opus", "opus")
    chunks = evenly([clip for chunk in chunks_of(path) for clip in chunk], _CHUNKS)
    path.unlink()
    job = options.directory / "scaling.job"
    job.write_bytes(pickle.dumps(chunks))
    config = SpeechConfig(engine=options.engine, threads=1)
    one, two = TranscriberPool(config, 1), TranscriberPool(config, 2)
    bare = [Bare(job, options.engine), Bare(job, options.engine)]
    through(one, [chunks[0][:1]])
    through(two, [chunks[0][:1], chunks[1][:1]])
    speech = sum(len(clip.samples) for chunk in chunks for clip in chunk) / RATE_HZ
    print(f"{speech:.0f} s of speech in {len(chunks)} equal chunks, load {os.getloadavg()[0]:.1f}")
    ratios: list[tuple[float, float]] = []
    for _ in range(options.rounds):
        alone = bare[0].work()
        with ThreadPoolExecutor(2) as threads:
            beside = statistics.mean(threads.map(Bare.work, bare))
        single, double = through(one, chunks), through(two, chunks)
        ratios.append((2 * alone / beside, single / double))
        print(
            f"  bare engine {alone:.1f} s, two side by side {beside:.1f} s each: ceiling {ratios[-1][0]:.2f} x;"
            f"  1 recogniser {single:.1f} s, 2 {double:.1f} s: {ratios[-1][1]:.2f} x",
            flush=True,
        )
    ceiling, reached = (statistics.median(column) for column in zip(*ratios, strict=True))
    print(f"  1 -> 2 recognisers {reached:.2f} x, two bare engines {ceiling:.2f} x: {reached / ceiling:.0%} of it")
    for process in (one, two, *bare):
        process.close()
    job.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
