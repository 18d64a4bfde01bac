"""Memory and CPU time of ingest for one, six and twelve hours of the same material, beside faster-whisper.

`python -m bench.audio.long --hours 1 6 12 --formats opus mp3 m4a --theirs mp3:6`. Lengths of one format are compared
with its shortest; `--theirs` runs faster-whisper's own loader and speech finding right after ours on the same file.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from bench.audio.ingest import line
from bench.audio.material import FORMATS, add_directory, make_long
from bench.audio.measure import Cost, measure


def run(arguments: Sequence[str]) -> int:
    """Make, measure, compare; the status is always 0, the figures are for reading."""
    parser = argparse.ArgumentParser(prog="bench.audio.long", description=__doc__)
    parser.add_argument("--hours", type=float, nargs="+", default=[1.0, 6.0])
    parser.add_argument("--formats", nargs="+", choices=list(FORMATS), default=list(FORMATS))
    parser.add_argument("--theirs", nargs="*", default=["mp3:6"], help="FORMAT:HOURS that faster-whisper reads too")
    add_directory(parser)
    options = parser.parse_args(arguments)
    seen: dict[str, list[Cost]] = {kind: [] for kind in options.formats}
    for hours in options.hours:
        for kind in options.formats:
            material = make_long(options.directory, kind, hours)
            ours = measure("ingest", str(material.path))
            seen[kind].append(ours)
            print(line("ingest", kind, ours), _against(ours, seen[kind][0]), flush=True)
            if f"{kind}:{hours:g}" in options.theirs:
                theirs = measure("faster-whisper", str(material.path))
                print(line("faster-whisper", kind, theirs), _against(ours, theirs), flush=True)
            material.path.unlink()
    return 0


def _against(cost: Cost, other: Cost) -> str:
    """Our memory and our cost per hour over those of another run."""
    per_hour = [(c.user_seconds + c.system_seconds) / c.answer["seconds"] for c in (cost, other)]
    return f" memory x {cost.peak_mb / other.peak_mb:.2f}  CPU per hour x {per_hour[0] / per_hour[1]:.2f}"


if __name__ == "__main__":
    import sys

    sys.exit(run(sys.argv[1:]))
