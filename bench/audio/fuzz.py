"""Mutated recordings against the decoder process: nothing may hang, crash the caller or leave files behind.

`python -m bench.audio.fuzz --files 5000`. Each file goes through the whole of `ingest` in a decoder process that
serves many files one after the other, so that thousands take minutes; one in `--fresh` goes through a process of
its own, exactly as in production. A crash of the decoder is caught by its exit status and counted.
"""

from __future__ import annotations

import argparse
import collections
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np

from bench.audio.material import BASE, RATE_HZ, decode_plain

SEEDS = {
    "mp3": ("libmp3lame", "mp3", 44_100, {}),
    "m4a": ("aac", "mp4", 44_100, {}),
    "front.m4a": ("aac", "mp4", 22_050, {"movflags": "faststart"}),
    "fragments.m4a": ("aac", "mp4", 44_100, {"movflags": "frag_keyframe+empty_moov", "frag_duration": "1000000"}),
    "aac": ("aac", "adts", 16_000, {}),
    "opus": ("libopus", "ogg", 48_000, {}),
    "webm": ("libopus", "webm", 48_000, {}),
    "flac": ("flac", "flac", 44_100, {}),
    "wav": ("pcm_s16le", "wav", 16_000, {}),
    "adpcm.wav": ("adpcm_ms", "wav", 16_000, {}),
    "w64": ("pcm_s16le", "w64", 8_000, {}),
    "aiff": ("pcm_s16be", "aiff", 16_000, {}),
    "caf": ("alac", "caf", 44_100, {}),
    "wma": ("wmav2", "asf", 44_100, {}),
    "amr": ("libopencore_amrnb", "amr", 8_000, {}),
    "3gp": ("libopencore_amrnb", "3gp", 8_000, {}),
}
_FILE_SECONDS = 20.0


def make_seed(samples: np.ndarray, path: Path, kind: str) -> bytes:
    """Encode a short recording."""
    codec, container, rate, options = SEEDS[kind]
    with av.open(str(path), "w", format=container, options=options) as out:
        stream = out.add_stream(codec, rate=rate, layout="mono")
        if container in ("amr", "3gp", "asf"):
            stream.bit_rate = 12_200 if codec == "libopencore_amrnb" else 64_000
        size = stream.codec_context.frame_size or 1024
        resampler = av.AudioResampler(stream.codec_context.format.name, "mono", rate, frame_size=size)
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), "s16", "mono")
        frame.sample_rate, frame.pts = RATE_HZ, 0
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            if piece is not None:
                out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    return path.read_bytes()


def mutate(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Damage a file in one of the ways that files get damaged, or that people damage them."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4))):
        # Heads and indices are where a parser decides most.
        at = rng.randrange(max(1, min(len(out), rng.choice((64, 512, 4096, len(out) or 1)))))
        rng.choice((_flip, _number, _noise, _cut_out, _cut_off, _repeat, _extremes, _append))(out, at, rng)
        if rng.random() < 0.1:
            other = rng.choice(others)
            out[at:] = other[rng.randrange(len(other)) :]
        if not out:
            out = bytearray(1)
    return bytes(out)


def _flip(out: bytearray, _at: int, rng: random.Random) -> None:
    for _ in range(rng.choice((1, 8, 64))):
        out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)


def _number(out: bytearray, at: int, rng: random.Random) -> None:
    out[at : at + 4] = rng.choice((b"\xff" * 4, bytes(4), b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\0\0\0\1"))


def _noise(out: bytearray, at: int, rng: random.Random) -> None:
    out[at : at + rng.randrange(1, 2000)] = rng.randbytes(rng.randrange(1, 2000))


def _cut_out(out: bytearray, at: int, rng: random.Random) -> None:
    del out[at : at + rng.randrange(1, 4000)]


def _cut_off(out: bytearray, _at: int, rng: random.Random) -> None:
    del out[max(1, rng.randrange(len(out))) :]


def _repeat(out: bytearray, at: int, rng: random.Random) -> None:
    out[at:at] = bytes(out[at : at + rng.randrange(1, 4000)]) * rng.choice((1, 2, 20))


def _extremes(out: bytearray, at: int, rng: random.Random) -> None:
    for index in range(at, min(len(out), at + 64), rng.choice((1, 2, 4, 8))):
        out[index] = rng.choice((0, 1, 0x7F, 0x80, 0xFF))


def _append(out: bytearray, _at: int, rng: random.Random) -> None:
    out += rng.randbytes(rng.randrange(1, 3000))


def run(arguments: Sequence[str]) -> int:
    """Mutate, decode, count; the status is the number of files that went wrong (255 at most)."""
    parser = argparse.ArgumentParser(prog="bench.audio.fuzz", description=__doc__)
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--fresh", type=int, default=100, help="every n-th file gets a whole ingest of its own")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    rng = random.Random(options.seed)
    started, outcomes, wrong, slowest = time.monotonic(), collections.Counter[str](), [], 0.0
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        speech = decode_plain(BASE)[100 * RATE_HZ : 104 * RATE_HZ]
        seeds = {kind: make_seed(speech, directory / f"seed.{kind}", kind) for kind in SEEDS}
        pool, bench = list(seeds.values()), _Decoder(directory)
        for number in range(options.files):
            kind = list(seeds)[number % len(seeds)]
            path = directory / "mutant"
            path.write_bytes(mutate(seeds[kind], pool, rng))
            began = time.monotonic()
            outcome = _whole(path, directory) if number % options.fresh == 0 else bench.decode(path)
            slowest = max(slowest, time.monotonic() - began)
            outcomes[outcome] += 1
            left = [p.name for p in directory.iterdir() if p.name.startswith("chunk")]
            if outcome.startswith("wrong") or left:
                wrong.append((number, kind, outcome, left))
                print("wrong:", number, kind, outcome, left, flush=True)
            if number % 1000 == 999:
                print(f"{number + 1} files, {len(wrong)} wrong", flush=True)
        bench.close()
    wall = time.monotonic() - started
    print(f"{options.files} files, seed {options.seed}: {len(wrong)} went wrong, slowest {slowest:.1f} s, {wall:.0f} s")
    for outcome, count in outcomes.most_common():
        print(f"  {count:6d}  {outcome}")
    return min(255, len(wrong))


def _whole(path: Path, directory: Path) -> str:
    from dayline.audio.ingest import ingest
    from dayline.audio.ports import IngestLimits, LocalFile
    from dayline.domain.errors import DaylineError, InvalidRecording

    scratch = directory / "scratch"
    try:
        with LocalFile(path) as source:
            ingest(source, scratch, on_chunk=lambda chunk: chunk.path.unlink(), limits=IngestLimits(wall_seconds=60))
    except InvalidRecording as error:
        return f"whole ingest: {error.code}"
    except DaylineError as error:
        return f"wrong: whole ingest gave {error.code}"
    finally:
        if any(scratch.glob("*")):
            return "wrong: whole ingest left files behind"  # noqa: B012 - a leftover outweighs any other outcome
    return "whole ingest: processed"


class _Decoder:
    """A process that runs the child's own decoding and analysis for one file after the other."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._process: subprocess.Popen[str] | None = None

    def decode(self, path: Path) -> str:
        """Return what came of one file."""
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bench.audio.fuzz_child", str(self._directory), str(_FILE_SECONDS)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=Path(__file__).resolve().parents[2],
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{path}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if answer:
            return str(json.loads(answer))
        status = self._process.wait()
        self._process = None
        # In production this is `unsupported_codec`: the caller lives on. SIGALRM means that one file took too long.
        return f"{'wrong: hang' if status == -14 else 'decoder ended'} ({status})"

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process.wait(10)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
