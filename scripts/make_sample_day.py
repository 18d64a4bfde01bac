"""Make the audio and truth of an example day from its script.

    python scripts/make_sample_day.py examples/sample-day

reads `script.json` in that folder and writes `day.opus` and `truth.json` beside it. Needs the synthesisers named in
`sample_day/voices.py`; using the finished files needs none of them.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from sample_day.encode import write_opus
from sample_day.timeline import DayBuilder
from sample_day.voices import SAMPLE_RATE

SIZE_LIMIT_BYTES = 1_572_864


def main() -> None:
    """Command line entry."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="folder with script.json")
    folder: Path = parser.parse_args().folder
    script = json.loads((folder / "script.json").read_text(encoding="utf-8"))
    day = DayBuilder(script).build()
    audio = folder / "day.opus"
    write_opus(day.samples, audio, script["bitrate"])
    truth = {
        "duration_seconds": round(len(day.samples) / SAMPLE_RATE, 2),
        "segments": day.segments,
        "pauses": day.pauses,
        "turns": day.turns,
    }
    (folder / "truth.json").write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")
    size_bytes = audio.stat().st_size
    print(f"{audio}: {truth['duration_seconds']} s, {size_bytes} bytes")
    for segment in day.segments:
        print(f"  {segment['start_seconds']:7.2f} {segment['end_seconds']:7.2f} {segment['kind']:9} {segment['title']}")
    if size_bytes > SIZE_LIMIT_BYTES:
        raise SystemExit(f"{audio} is larger than {SIZE_LIMIT_BYTES} bytes: lower the bitrate in the script")


if __name__ == "__main__":
    main()
