"""A recording with damage in its middle: what is kept, and where the clock ends, beside faster-whisper's loader.

`python -m bench.audio.damage`
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

from bench.audio.material import BASE, FORMATS, RATE_HZ, add_directory, decode_plain, encode
from bench.audio.measure import measure


def damage(source: Path, target: Path, *, drop: bool) -> Path:
    """Overwrite, or take out, 20 kB in the middle."""
    data = bytearray(source.read_bytes())
    middle = len(data) // 2
    if drop:
        del data[middle : middle + 20_000]
    else:
        data[middle : middle + 20_000] = random.Random(1).randbytes(20_000)
    target.write_bytes(data)
    return target


def run(arguments: Sequence[str]) -> int:
    """Encode, damage, measure, print."""
    parser = argparse.ArgumentParser(prog="bench.audio.damage", description=__doc__)
    add_directory(parser)
    options = parser.parse_args(arguments)
    options.directory.mkdir(parents=True, exist_ok=True)
    samples = decode_plain(BASE)[: 600 * RATE_HZ]
    for kind in FORMATS:
        whole = encode(samples, options.directory / f"whole.{kind}", kind)
        for drop in (False, True):
            # An mp4 with bytes taken out is not one damaged packet: every later offset is wrong.
            if drop and kind == "m4a":
                continue
            broken = damage(whole, options.directory / f"broken.{kind}", drop=drop)
            ours, theirs = measure("ingest", str(broken)), measure("faster-whisper", str(broken))
            print(
                f"{kind:5s} 600 s, 20 kB {'taken out' if drop else 'overwritten'}: "
                f"ours {ours.answer['seconds']:.2f} s with {ours.answer['speech']:.1f} s of speech, "
                f"faster-whisper {theirs.answer['seconds']:.2f} s with {theirs.answer['speech']:.1f} s",
                flush=True,
            )
            broken.unlink()
        whole.unlink()
    return 0


if __name__ == "__main__":
    import sys

    sys.exit(run(sys.argv[1:]))
