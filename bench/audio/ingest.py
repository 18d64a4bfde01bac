"""Cost of ingest beside the bare decoder, and beside decoder and VAD with the published model and with Dayline's.

`python -m bench.audio.ingest --hours 1 6 12 --formats mp3 m4a opus`
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from bench.audio.material import FORMATS, add_directory, make_long
from bench.audio.measure import Cost, measure


def line(name: str, kind: str, cost: Cost) -> str:
    """One row of the table."""
    seconds = cost.answer["seconds"]
    rest = {k: round(v, 1) for k, v in cost.answer.items() if k != "seconds"}
    return (
        f"{name:14s} {kind:4s} {seconds / 3600:6.2f} h"
        f"  user {cost.user_seconds:6.1f} s  sys {cost.system_seconds:4.1f} s  {seconds / cost.user_seconds:5.0f} x"
        f"  peak {cost.peak_mb:6.0f} MB  wall {cost.wall_seconds:6.1f} s  {rest}"
    )


def run(arguments: Sequence[str]) -> int:
    """Make the material, measure, print."""
    parser = argparse.ArgumentParser(prog="bench.audio.ingest", description=__doc__)
    parser.add_argument("--hours", type=float, nargs="+", default=[1.0])
    parser.add_argument("--formats", nargs="+", choices=list(FORMATS), default=list(FORMATS))
    parser.add_argument("--variants", nargs="+", default=["decode", "decode+published", "decode+speech", "ingest"])
    add_directory(parser)
    options = parser.parse_args(arguments)
    for kind in options.formats:
        for hours in options.hours:
            material = make_long(options.directory, kind, hours)
            seen: dict[str, Cost] = {}
            for variant in options.variants:
                seen[variant] = measure(variant, str(material.path))
                print(line(variant, kind, seen[variant]), flush=True)
            ours = seen["ingest"].user_seconds if "ingest" in seen else 0.0
            ratios = [f"{variant} {ours / cost.user_seconds:.2f}" for variant, cost in seen.items()]
            print("  ingest against", ", ".join(ratios), flush=True)
            material.path.unlink()
    return 0


if __name__ == "__main__":
    import sys

    sys.exit(run(sys.argv[1:]))
