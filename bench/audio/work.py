"""The whole chain with a recogniser against the bare engine over the same speech, and one recogniser against two.

`python -m bench.audio.work --seconds 180 --rounds 2`. The chain is ingest, the worker's own recogniser processes, voice
windows, clustering. CPU seconds count every process. Starting up (interpreters, models) is a constant of a worker and
shown by itself: recognisers are started before the clock. `recognisers` is the part of the chain's seconds that their
processes used; what is left over is overhead, and as both pass at the same time, other load weighs on both.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import psutil

from bench.audio.material import BASE, RATE_HZ, add_directory, decode_plain, encode
from bench.audio.windows import spans_of
from dayline.engines.audio.ingest import ingest
from dayline.engines.audio.ports import LocalFile
from dayline.engines.audio.spans import Span, read_span
from dayline.engines.speech.loader import SpeechConfig, load_transcriber
from dayline.engines.speech.ports import Clip
from dayline.engines.speech.quality import SpanTranscript
from dayline.engines.voices.day import diarize_day
from dayline.engines.voices.ge2e import Ge2eEmbedder
from dayline.engines.voices.windows import VoiceWindows, embed_clips, merge
from dayline.pipeline.hearing.recognisers import Recognisers

_RECOGNISER = "dayline.engines.speech.child"


def never() -> bool:
    """Say that nobody asked to stop."""
    return False


def whole_chain(path: Path, recognisers: Recognisers, embedder: Ge2eEmbedder) -> int:
    """Take a recording through everything; return how many clips were tried again."""

    def span_work(clips: Sequence[Clip]) -> tuple[SpanTranscript, VoiceWindows]:
        return recognisers.transcribe(clips, "en", should_stop=never), embed_clips(embedder, clips)

    work: list[Future[tuple[SpanTranscript, VoiceWindows]]] = []
    with (
        tempfile.TemporaryDirectory() as scratch,
        LocalFile(path) as source,
        ThreadPoolExecutor(recognisers.count) as pool,
    ):

        def hear(span: Span) -> None:
            work.append(pool.submit(span_work, read_span(span.path).clips))
            span.path.unlink()

        ingest(source, Path(scratch), on_span=hear)
        done = [future.result() for future in work]
    diarize_day(merge([windows for _, windows in done]))
    return sum(heard.retried_clips for heard, _ in done)


def transcribe_all(spans: Sequence[list[Clip]], recognisers: Recognisers) -> None:
    """Take spans through recognisers, as many at once as there are."""
    with ThreadPoolExecutor(recognisers.count) as pool:
        list(pool.map(lambda clips: recognisers.transcribe(clips, "en", should_stop=never), spans))


def run(arguments: Sequence[str]) -> int:
    """Measure each way in turn, `--rounds` times; print medians and ratios."""
    parser = argparse.ArgumentParser(prog="bench.audio.work", description=__doc__)
    parser.add_argument("--seconds", type=float, default=180.0, help="of the sample day, from its first visit on")
    parser.add_argument("--from", type=float, default=98.0, dest="begin")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--engine", default="pocketsphinx")
    parser.add_argument("--only", nargs="+", help="ways to measure, by the first word of their row: bare whole 1 2")
    add_directory(parser)
    options = parser.parse_args(arguments)
    options.directory.mkdir(parents=True, exist_ok=True)
    samples = decode_plain(BASE)[int(options.begin * RATE_HZ) :][: int(options.seconds * RATE_HZ)]
    path = encode(samples, options.directory / "work.opus", "opus")
    config = SpeechConfig(engine=options.engine, threads=1)
    engine, embedder = load_transcriber(config), Ge2eEmbedder()
    one, two = Recognisers(config, 1), Recognisers(config, 2)
    spans = spans_of(path)
    # Spans of a size, so that two recognisers end together as they do on a day that has many.
    evenly = _evenly([clip for span in spans for clip in span], 8)
    speech = sum(len(clip.samples) for span in spans for clip in span) / RATE_HZ
    began = _cpu_seconds()
    transcribe_all([evenly[0][:1]], one)
    transcribe_all([evenly[0][:1], evenly[1][:1]], two)
    print(f"{options.seconds:g} s, {speech:.0f} s of speech in {len(spans)} spans, load {os.getloadavg()[0]:.1f}")
    print(f"  starting three recognisers: {_cpu_seconds() - began:.1f} CPU s")
    retried = [0]
    ways: dict[str, Callable[[], object]] = {
        "bare engine": lambda: [engine.transcribe(span, "en") for span in spans],
        "whole chain": lambda: retried.append(whole_chain(path, one, embedder)),
        "1 recogniser": lambda: transcribe_all(evenly, one),
        "2 recognisers": lambda: transcribe_all(evenly, two),
    }
    ways = {way: go for way, go in ways.items() if not options.only or way.split()[0] in options.only}
    taken: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
    for _ in range(options.rounds):
        for way, go in ways.items():
            own, cpu, wall = time.process_time(), _cpu_seconds(), time.perf_counter()
            engines = _cpu_seconds(of=_RECOGNISER)
            go()
            own, engines = time.process_time() - own, _cpu_seconds(of=_RECOGNISER) - engines
            taken[way].append((_cpu_seconds() - cpu, time.perf_counter() - wall))
            print(
                f"  {way:14s} CPU {taken[way][-1][0]:6.1f} s  wall {taken[way][-1][1]:6.1f} s"
                f"  (recognisers {engines:.1f}, this process {own:.1f})",
                flush=True,
            )
    cpu = {way: statistics.median(c for c, _ in rows) for way, rows in taken.items()}
    wall = {way: statistics.median(w for _, w in rows) for way, rows in taken.items()}
    if {"whole chain", "bare engine"} <= cpu.keys():
        share = cpu["whole chain"] / cpu["bare engine"]
        print(f"  chain / bare engine, CPU: {share:.3f}; clips tried again: {retried[-1]}")
    if {"1 recogniser", "2 recognisers"} <= wall.keys():
        print(f"  1 -> 2 recognisers: {wall['1 recogniser'] / wall['2 recognisers']:.2f} x")
    one.close()
    two.close()
    path.unlink()
    return 0


def _evenly(clips: Sequence[Clip], count: int) -> list[list[Clip]]:
    total = sum(len(clip.samples) for clip in clips)
    spans: list[list[Clip]] = [[] for _ in range(count)]
    passed = 0
    for clip in clips:
        spans[min(count - 1, passed * count // total)].append(clip)
        passed += len(clip.samples)
    return [span for span in spans if span]


def _cpu_seconds(of: str = "") -> float:
    """Return what this process, its living children and those that ended have used; or living children of a kind."""
    own = psutil.Process()
    times = own.cpu_times()
    total = 0.0 if of else times.user + times.system + times.children_user + times.children_system
    for child in own.children(recursive=True):
        if of in " ".join(child.cmdline()):
            used = child.cpu_times()
            total += used.user + used.system
    return total


if __name__ == "__main__":
    import sys

    sys.exit(run(sys.argv[1:]))
