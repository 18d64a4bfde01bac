"""CPU time of the whole chain with a recogniser, beside the bare engine over the same speech.

`python -m bench.audio.work --seconds 90 270 --voices FOLDER`. The chain is that of a worker: ingest, a recogniser in
a process of its own, voice windows and speakers in a computing process. FOLDER holds a folder of sound files per voice,
or sound files; without it the sample day's synthetic voices speak, which the bundled engine finds easy. CPU seconds
count every process. Recogniser and computing process are started before the clock, as a worker starts them once; what
one recording costs however short it is, and what an hour of speech costs, come from the shortest and the longest
length. `around` is all but the recogniser's process; as both pass at the same time, other load weighs on both.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from bench.audio.material import BASE, FORMATS, RATE_HZ, add_directory, decode_plain, encode
from bench.audio.mix import FRAME_SAMPLES, engine, read_voices, talk
from bench.audio.windows import chunks_of
from dayline.asr.registry import SpeechConfig, load_transcriber
from dayline.asr.transcriber_pool import TranscriberPool
from dayline.audio.chunks import Chunk, read_chunk
from dayline.audio.ingest import ingest
from dayline.audio.ports import LocalFile
from dayline.diarization.registry import DEFAULT
from dayline.diarization.tasks import name_speakers, voice_windows
from dayline.domain.serialization import pack_utterances
from dayline.domain.transcript import Utterance
from dayline.processes.compute_pool import ComputePool

RECOGNISER, _COMPUTING = "dayline.asr.transcriber_main", "dayline.processes.compute_main"


@dataclass
class Used:
    """CPU seconds of one run of the chain, by process, and how many clips were tried again."""

    recogniser: float
    voices: float
    rest: float
    own: float
    retried: int = 0

    @property
    def around(self) -> float:
        """All but the recogniser."""
        return self.voices + self.rest + self.own


def never() -> bool:
    """Say that nobody asked to stop."""
    return False


def samples_of(voices: Path | None, begin: float, seconds: float, car_db: float | None = None) -> np.ndarray:
    """Return int16 speech at 16 kHz: the sample day's, recorded voices in turn, or recordings one after the other."""
    if voices is None:
        return decode_plain(BASE)[int(begin * RATE_HZ) :][: int(seconds * RATE_HZ)]
    files = sorted(f for f in voices.iterdir() if f.suffix in {".flac", ".wav"})
    if files:
        return np.concatenate([decode_plain(f) for f in files])[: int(seconds * RATE_HZ)]
    draw = np.random.default_rng(1)
    sound, truth = talk(read_voices(voices), int(seconds * 100) * FRAME_SAMPLES, draw)
    if car_db is not None:
        loud = np.sqrt(np.mean(np.square(sound.reshape(-1, FRAME_SAMPLES)[truth])))
        noise = engine(len(sound), draw)
        sound += noise * loud / np.sqrt(np.mean(np.square(noise))) * 10 ** (-car_db / 20)
    return (np.clip(sound, -1, 1) * 32767).astype(np.int16)


def chain(path: Path, recognisers: TranscriberPool, pool: ComputePool) -> int:
    """Take a recording through everything; return how many clips were tried again."""
    retried = 0

    def chunk_work(body: bytes) -> tuple[Sequence[Utterance], bytes]:
        nonlocal retried
        heard = recognisers.transcribe(read_chunk(body).clips, "en", should_stop=never)
        retried += heard.retried_clips
        return heard.utterances, pool.run(voice_windows, body, DEFAULT)

    work: list[Future[tuple[Sequence[Utterance], bytes]]] = []
    with (
        tempfile.TemporaryDirectory() as scratch,
        LocalFile(path) as source,
        ThreadPoolExecutor(recognisers.count) as threads,
    ):

        def hear(chunk: Chunk) -> None:
            work.append(threads.submit(chunk_work, chunk.path.read_bytes()))
            chunk.path.unlink()

        ingest(source, Path(scratch), on_chunk=hear)
        done = [future.result() for future in work]
    utterances = [u for heard, _ in done for u in heard]
    if utterances:
        pool.run(name_speakers, pack_utterances(utterances), [windows for _, windows in done], None)
    return retried


def cpu_seconds(of: str = "") -> float:
    """Return what this process, its living children and those that ended have used; or living children of a kind."""
    own = psutil.Process()
    times = own.cpu_times()
    total = 0.0 if of else times.user + times.system + times.children_user + times.children_system
    for child in own.children(recursive=True):
        if of in " ".join(child.cmdline()):
            used = child.cpu_times()
            total += used.user + used.system
    return total


def measure(path: Path, recognisers: TranscriberPool, pool: ComputePool) -> Used:
    """Run the chain once."""
    began = cpu_seconds(), cpu_seconds(RECOGNISER), cpu_seconds(_COMPUTING), time.process_time()
    retried = chain(path, recognisers, pool)
    ended = cpu_seconds(), cpu_seconds(RECOGNISER), cpu_seconds(_COMPUTING), time.process_time()
    total, recogniser, voices, own = (after - before for before, after in zip(began, ended, strict=True))
    return Used(recogniser, voices, total - recogniser - voices - own, own, retried)


def run(arguments: Sequence[str]) -> int:
    """Measure bare engine and chain in turn at each length, `--rounds` times; print medians and ratios."""
    parser = argparse.ArgumentParser(prog="bench.audio.work", description=__doc__)
    parser.add_argument("--seconds", type=float, nargs="+", default=[120.0])
    parser.add_argument("--voices", type=Path, help="recorded speech instead of the sample day")
    parser.add_argument("--car", type=float, metavar="DB", help="a car behind the recorded voices, so far below them")
    parser.add_argument("--format", choices=list(FORMATS), default="m4a")
    parser.add_argument("--from", type=float, default=98.0, dest="begin", help="where in the sample day to begin")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--engine", default="pocketsphinx")
    parser.add_argument("--model", default="")
    parser.add_argument("--models-dir", type=Path)
    add_directory(parser)
    options = parser.parse_args(arguments)
    options.directory.mkdir(parents=True, exist_ok=True)
    config = SpeechConfig(engine=options.engine, model=options.model, models_dir=options.models_dir, threads=1)
    bare_engine, one, pool = load_transcriber(config), TranscriberPool(config, 1), ComputePool(1)
    began = cpu_seconds()
    samples = decode_plain(BASE)[98 * RATE_HZ : 118 * RATE_HZ]
    path = encode(samples, options.directory / f"start.{options.format}", options.format)
    chain(path, one, pool)
    print(f"starting both processes and 20 s of work: {cpu_seconds() - began:.1f} CPU s")
    rows: list[tuple[float, float, float]] = []
    for seconds in options.seconds:
        samples = samples_of(options.voices, options.begin, seconds, options.car)
        path = encode(samples, options.directory / f"work{seconds:g}.{options.format}", options.format)
        chunks = chunks_of(path)
        speech = sum(len(clip.samples) for chunk in chunks for clip in chunk) / RATE_HZ
        print(f"{seconds:g} s, {speech:.0f} s of speech in {len(chunks)} chunks, load {os.getloadavg()[0]:.1f}")
        bare: list[float] = []
        used: list[Used] = []
        for _ in range(options.rounds):
            before = time.process_time()
            for chunk in chunks:
                bare_engine.transcribe(chunk, "en")
            bare.append(time.process_time() - before)
            used.append(measure(path, one, pool))
            print(_row(bare[-1], used[-1]), flush=True)
        around = statistics.median(u.around for u in used)
        recogniser = statistics.median(u.recogniser for u in used)
        total, alone = statistics.median(u.around + u.recogniser for u in used), statistics.median(bare)
        print(
            f"  around / recogniser {around / recogniser:.1%}   around / bare engine {around / alone:.1%}"
            f"   chain / bare engine {total / alone:.3f}"
        )
        rows.append((speech / 3600, around, recogniser))
        path.unlink()
    if len(rows) > 1:
        (short, less, _), (long, more, longest) = rows[0], rows[-1]
        slope = (more - less) / (long - short)
        print(
            f"around: {less - slope * short:.2f} s for a recording + {slope:.1f} s per hour of speech;"
            f" recogniser {longest / long:.0f} s per hour of speech: {slope / (longest / long):.1%}"
        )
    one.close()
    pool.close()
    return 0


def _row(bare: float, used: Used) -> str:
    return (
        f"  bare {bare:6.1f} s   chain {used.recogniser + used.around:6.1f} s: recogniser {used.recogniser:.1f}"
        f" ({used.retried} clips twice), decoder {used.rest:.2f}, voices {used.voices:.2f}, worker {used.own:.2f}:"
        f" around / recogniser {used.around / used.recogniser:.1%}"
    )


if __name__ == "__main__":
    import sys

    sys.exit(run(sys.argv[1:]))
