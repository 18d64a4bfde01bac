"""Half an hour of talk, then hours of silence, hiss, an idling engine and a drive: no speech may be found there.

`python -m bench.audio.tail --hours 5`
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench.audio.material import BASE, FORMATS, RATE_HZ, add_directory, decode_plain, encode, repeat
from bench.audio.mix import coloured, engine
from dayline.audio.chunks import Chunk
from dayline.audio.ingest import ingest
from dayline.audio.ports import LocalFile

_TALK_SECONDS, _PART_SECONDS = 1800.0, 150.0


def quiet_parts(seed: int) -> dict[str, np.ndarray]:
    """Return two and a half minutes of each kind of nothing."""
    draw = np.random.default_rng(seed)
    count = int(_PART_SECONDS * RATE_HZ)
    sounds = {
        "silence": np.zeros(count),
        "hiss": draw.standard_normal(count) * 10 ** (-55 / 20),
        "room": coloured(count, 1.0, draw) * 10 ** (-50 / 20),
        "drive": engine(count, draw) * 10 ** (-26 / 20),
    }
    idle = 2 * np.pi * np.cumsum(np.full(count, 27.0) + draw.standard_normal(count) * 2) / RATE_HZ
    sounds["engine"] = sum(np.sin(k * idle) / k for k in range(1, 16)) * 0.06 + sounds["hiss"]
    return {name: (np.clip(sound, -1, 1) * 32767).astype(np.int16) for name, sound in sounds.items()}


def run(arguments: Sequence[str]) -> int:
    """Make the day, ingest it, print what was found in the tail; the status is the number of clips there."""
    parser = argparse.ArgumentParser(prog="bench.audio.tail", description=__doc__)
    parser.add_argument("--hours", type=float, default=1.0, help="of the tail")
    parser.add_argument("--format", choices=list(FORMATS), default="mp3")
    parser.add_argument("--seed", type=int, default=1)
    add_directory(parser)
    options = parser.parse_args(arguments)
    options.directory.mkdir(parents=True, exist_ok=True)
    kind, parts = options.format, quiet_parts(options.seed)
    samples = decode_plain(BASE)
    talk = encode(samples, options.directory / f"talk.{kind}", kind)
    files = [(talk, max(1, round(_TALK_SECONDS * RATE_HZ / len(samples))))]
    turns = max(1, round(options.hours * 3600 / _PART_SECONDS / len(parts)))
    files += [(encode(sound, options.directory / f"{name}.{kind}", kind), turns) for name, sound in parts.items()]
    path = options.directory / f"tail.{kind}"
    begins = repeat(path, kind, files)
    chunks: list[Chunk] = []
    with tempfile.TemporaryDirectory() as scratch, LocalFile(path) as source:
        report = ingest(source, Path(scratch), on_chunk=chunks.append)
    clips = [(start, count / RATE_HZ) for chunk in chunks for start, _, count in chunk.clips]
    late = [(start, seconds) for start, seconds in clips if start + seconds > begins[1] + 0.5]
    print(f"{begins[1] / 60:.0f} min of talk, {(begins[-1] - begins[1]) / 3600:.2f} h of tail as {kind}:")
    print(f"  {len(clips) - len(late)} clips in the talk, {len(late)} in the tail {late[:10]}")
    speech = report.profile.speech[int(begins[1]) + 1 :]
    print(f"  highest share of a tail's second that the profile calls speech: {float(np.max(speech)):.2f}")
    for file, _ in files:
        file.unlink()
    path.unlink()
    return min(255, len(late))


if __name__ == "__main__":
    import sys

    sys.exit(run(sys.argv[1:]))
