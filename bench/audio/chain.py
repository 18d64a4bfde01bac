"""Everything but the recogniser on a talkative day: ingest, voice windows, clustering; CPU seconds and peak memory.

`python -m bench.audio.chain --hours 6`. Two thirds of the material are speech: the example days with their pauses cut
to `--pause` seconds. Ingest alone runs on the same file, so that the cost of the voices can be seen.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench.audio.ingest import line
from bench.audio.material import EXAMPLES, FORMATS, RATE_HZ, add_directory, decode_plain, encode, repeat
from bench.audio.measure import measure


def talkative(pause_seconds: float) -> np.ndarray:
    """Return the example days one after the other, pauses between turns cut to `pause_seconds`."""
    parts: list[np.ndarray] = []
    for path in EXAMPLES:
        samples = decode_plain(path)
        turns = json.loads(path.with_name("truth.json").read_text(encoding="utf-8"))["turns"]
        at = 0.0
        for turn in turns:
            start = max(at, turn["start_seconds"] - pause_seconds)
            parts.append(samples[int(start * RATE_HZ) : int(turn["end_seconds"] * RATE_HZ)])
            at = max(at, turn["end_seconds"])
    return np.concatenate(parts)


def run(arguments: Sequence[str]) -> int:
    """Make the material, measure, print."""
    parser = argparse.ArgumentParser(prog="bench.audio.chain", description=__doc__)
    parser.add_argument("--hours", type=float, default=1.0)
    parser.add_argument("--format", choices=list(FORMATS), default="mp3")
    parser.add_argument("--pause", type=float, default=1.5, help="longest pause between turns, in seconds")
    parser.add_argument("--variants", nargs="+", default=["ingest", "chain"])
    add_directory(parser)
    options = parser.parse_args(arguments)
    options.directory.mkdir(parents=True, exist_ok=True)
    samples = talkative(options.pause)
    base = encode(samples, options.directory / f"talkative.{options.format}", options.format)
    path: Path = options.directory / f"talkative-{options.hours:g}h.{options.format}"
    repeat(path, options.format, [(base, max(1, round(options.hours * 3600 * RATE_HZ / len(samples))))])
    for variant in options.variants:
        cost = measure(variant, str(path))
        hours = cost.answer["seconds"] / 3600
        spent = cost.user_seconds + cost.system_seconds
        print(line(variant, options.format, cost), f" {spent / hours:.1f} CPU s per hour", flush=True)
    base.unlink()
    path.unlink()
    return 0


if __name__ == "__main__":
    import sys

    sys.exit(run(sys.argv[1:]))
