"""Everything but the recogniser: ingest, voice windows, clustering; CPU seconds and peak memory.

`python -m bench.audio.chain --hours 6`. Two thirds of the material are speech. Ingest alone runs on the same file, so
that the cost of the voices can be seen.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from bench.audio.ingest import line
from bench.audio.material import FORMATS, add_directory, make_long
from bench.audio.measure import measure


def run(arguments: Sequence[str]) -> int:
    """Make the material, measure, print."""
    parser = argparse.ArgumentParser(prog="bench.audio.chain", description=__doc__)
    parser.add_argument("--hours", type=float, default=1.0)
    parser.add_argument("--format", choices=list(FORMATS), default="mp3")
    parser.add_argument("--variants", nargs="+", default=["ingest", "chain"])
    add_directory(parser)
    options = parser.parse_args(arguments)
    material = make_long(options.directory, options.format, options.hours)
    for variant in options.variants:
        cost = measure(variant, str(material.path))
        spent = cost.user_seconds + cost.system_seconds
        share = f"{spent / cost.answer['seconds'] * 3600:.1f} CPU s per hour"
        print(line(variant, options.format, cost), share, flush=True)
    material.path.unlink()
    return 0


if __name__ == "__main__":
    import sys

    sys.exit(run(sys.argv[1:]))
