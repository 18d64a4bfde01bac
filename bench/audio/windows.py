"""How much of a 30 s window model's work is speech: each clip in a window of its own, and clips that share one.

`python -m bench.audio.windows`. The clips are those that ingest cuts from the example days, or from `--recordings`.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.audio.material import EXAMPLES
from dayline.asr.faster_whisper import share_windows
from dayline.audio.chunks import read_chunk
from dayline.audio.ingest import ingest
from dayline.audio.ports import LocalFile
from dayline.domain.clip import SAMPLE_RATE_HZ, Clip

_WINDOW_SECONDS = 30.0


def chunks_of(path: Path) -> list[list[Clip]]:
    """Return the clips of every chunk of a recording, as a worker gets them."""
    found: list[list[Clip]] = []
    with tempfile.TemporaryDirectory() as scratch, LocalFile(path) as source:
        ingest(source, Path(scratch), on_chunk=lambda chunk: found.append(read_chunk(chunk.path).clips))
    return found


def run(arguments: Sequence[str]) -> int:
    """Cut, pack, print one row per recording."""
    parser = argparse.ArgumentParser(prog="bench.audio.windows", description=__doc__)
    parser.add_argument("--recordings", type=Path, nargs="+", default=EXAMPLES)
    for path in parser.parse_args(arguments).recordings:
        chunks = chunks_of(path)
        clips = sum(map(len, chunks))
        speech = sum(len(clip.samples) for chunk in chunks for clip in chunk) / SAMPLE_RATE_HZ
        shared = sum(len(share_windows(chunk)) for chunk in chunks)
        print(
            f"{path.parent.name}/{path.name}: {speech:.0f} s of speech in {clips} clips, {len(chunks)} chunks; "
            f"windows filled {speech / clips / _WINDOW_SECONDS:.0%} alone, "
            f"{speech / shared / _WINDOW_SECONDS:.0%} shared ({clips} -> {shared} windows)",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    import sys

    sys.exit(run(sys.argv[1:]))
