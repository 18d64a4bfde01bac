"""`python -m bench.detection --days FILE.jsonl.gz [--predictions OUT.jsonl] [--without context|speakers]`."""

from __future__ import annotations

import argparse
from pathlib import Path

from dayline.detection.benchmark.runner import WITHOUT, run


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=Path, required=True)
    parser.add_argument("--predictions", type=Path)
    parser.add_argument("--without", action="append", choices=WITHOUT, default=[])
    a = parser.parse_args()
    run(a.days, a.predictions, a.without)


if __name__ == "__main__":
    main()
