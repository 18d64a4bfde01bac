"""Processor time of the main process while a day is transcribed, by thread.

    python -m bench.speech.main_process [--hours 2] [--chunk-seconds 16] [--wait 50] [--seconds 80]

The recogniser is scripted: each chunk takes about `--chunk-seconds`, as with whisper-base on a core, and no processor
time, so that all that is measured is what surrounds it: the workflow engine's polls, checks of cancellation, storing,
webhooks, the lease. Measured are `--seconds` from `--wait` seconds after the start on, when the recording has been read
and nothing but chunks is left to do. There is one recogniser per core; how many of them were in use by the mean is
printed as well.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.speech.day import make_day

_ROOT = Path(__file__).resolve().parents[2]
_CLIPS_PER_CHUNK = 32  # of the example days: the script delays each clip
_RUN = """
import os, sys, threading, time
from pathlib import Path
from dayline import process
from dayline.asr.transcriber_process import TranscriberProcess
from dayline.processes.heap import exclude_loaded_from_collections, use_one_heap
use_one_heap()
exclude_loaded_from_collections()
wait, seconds = float(sys.argv[2]), float(sys.argv[3])
in_use, begun = [], {}

def counted(transcribe):
    def run(self, *arguments, **named):
        begun[id(self)] = time.monotonic()
        try:
            return transcribe(self, *arguments, **named)
        finally:
            in_use.append((begun.pop(id(self)), time.monotonic()))
    return run

TranscriberProcess.transcribe_chunk = counted(TranscriberProcess.transcribe_chunk)

def used():
    found = {}
    names = {t.native_id: t.name for t in threading.enumerate()}
    for task in Path("/proc/self/task").iterdir():
        try:
            fields = (task / "stat").read_text().rpartition(")")[2].split()
            spent = int((task / "schedstat").read_text().split()[0]) / 1e9
        except OSError:
            continue
        found[int(task.name)] = names.get(int(task.name), "not Python's"), spent
    return found

def look():
    time.sleep(wait)
    before, cpu, began = used(), time.process_time(), time.monotonic()
    highest = dict(before)
    while time.monotonic() - began < seconds:
        time.sleep(1.0)
        highest.update(used())
    took, whole = time.monotonic() - began, time.process_time() - cpu
    now = time.monotonic()
    spans = [*in_use, *((at, now) for at in list(begun.values()))]
    used_seconds = sum(max(0.0, min(b, now) - max(a, began)) for a, b in spans)
    print(f"recognisers in use: {used_seconds / took:.3f}, {sum(b > began for _, b in in_use)} chunks")
    by_name, own = {}, threading.get_native_id()
    whole -= highest[own][1] - before[own][1]
    for task, (name, spent) in highest.items():
        first = before.get(task, (name, 0.0))[1]
        if task == own:
            continue
        name = name.split("-")[0] + "-pool" if name.startswith(("dbos-executor", "delivery")) else name
        by_name[name] = by_name.get(name, 0.0) + spent - first
    print(f"main process: {whole / took:.4f} of a core over {took:.0f} s")
    for name, spent in sorted(by_name.items(), key=lambda row: -row[1]):
        if spent / took >= 5e-5:
            print(f"{name:40} {spent / took:.4f}")
    print(f"{'threads that ended':40} {(whole - sum(by_name.values())) / took:.4f}", flush=True)
    os._exit(0)

threading.Thread(target=look, daemon=True, name="measure").start()
process(sys.argv[1])
print("the day ended before the measurement did", flush=True)
"""


def main() -> None:
    """Make the day, run it, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--chunk-seconds", type=float, default=16.0)
    parser.add_argument("--wait", type=float, default=50.0)
    parser.add_argument("--seconds", type=float, default=80.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        day = make_day(Path(folder), options.hours, 0.45)
        script = Path(folder) / "script.json"
        script.write_text(json.dumps({"delay_seconds": options.chunk_seconds / _CLIPS_PER_CHUNK}))
        settings = {
            "DAYLINE_SPEECH_ENGINE": "fake",
            "DAYLINE_SPEECH_MODEL": str(script),
            "DAYLINE_RECOGNISERS": str(os.cpu_count()),
            "OMP_NUM_THREADS": "1",
        }
        subprocess.run(
            [sys.executable, "-c", _RUN, str(day), str(options.wait), str(options.seconds)],
            check=True,
            cwd=_ROOT,
            env=os.environ | settings,
        )


if __name__ == "__main__":
    main()
