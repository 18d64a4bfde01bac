"""A working day end to end: CPU by stage, peak memory of the process tree, and the time after the last chunk.

    python -m bench.speech.day --hours 2 --model whisper-base --models-dir DIR [--plain | --whisperx PYTHON]

The day repeats the example days with quiet between them until it is `--hours` long. It is read from a file and taken
through the same workflow as a service takes it, with the settings of a fresh installation. The process tree is looked
at once a second; what it has used so far goes to the standard error once a minute. `main` is the worker: engine,
polling, checks of cancellation, storing. `--plain` transcribes the same file with faster-whisper's own batched
pipeline, as its README tells, in a process of its own: words only. `--whisperx PYTHON` does the same with WhisperX, by
the interpreter of an environment that has it (`bench/speech/whisperx_peer.py`).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import psutil

from bench.audio.material import EXAMPLES, FORMATS, RATE_HZ, decode_plain, encode, repeat

_ROOT = Path(__file__).resolve().parents[2]
_WHISPERX = Path(__file__).with_name("whisperx_peer.py")
_LOOK_SECONDS = 1.0
_SAY_SECONDS = 60.0
_KINDS = {
    "recogniser": "dayline.asr.transcriber_main",
    "ingest": "dayline.audio.decoder_main",
    "voices, detection, scoring": "dayline.processes.compute_main",
}
_OURS = """
import json, sys, time
from dayline import process
from dayline.processes.heap import exclude_loaded_from_collections, use_one_heap
use_one_heap()  # both as `dayline process` does
exclude_loaded_from_collections()
seen = {"transcribed": 0.0, "at": time.monotonic()}
def progress(now):
    if now["transcribed_seconds"] > seen["transcribed"]:
        seen.update(transcribed=now["transcribed_seconds"], at=time.monotonic())
began, cpu = time.monotonic(), time.process_time()
day = process(sys.argv[1], on_progress=progress)
print(json.dumps({
    "wall": time.monotonic() - began, "tail": time.monotonic() - seen["at"], "words": day.session["usage"]["words"],
    "segments": len(day.segments), "speech": seen["transcribed"], "stages": day.session["usage"]["wall_seconds"],
}))
"""
_PLAIN = """
import json, sys, time
from faster_whisper import BatchedInferencePipeline, WhisperModel
began = time.monotonic()
model = WhisperModel(sys.argv[2], device="cpu", compute_type="int8", cpu_threads=int(sys.argv[3]))
segments, info = BatchedInferencePipeline(model).transcribe(sys.argv[1], word_timestamps=True, batch_size=8)
words = sum(len(s.words or ()) for s in segments)
print(json.dumps({"wall": time.monotonic() - began, "words": words, "speech": info.duration_after_vad}))
"""


def make_day(folder: Path, hours: float, speech_share: float, kind: str = "m4a") -> Path:
    """Write a recording of about `hours` in which people talk for about `speech_share` of the time."""
    draw = np.random.default_rng(1)
    talk = np.concatenate([decode_plain(path) for path in EXAMPLES])
    quiet = (draw.standard_normal(300 * RATE_HZ) * 12).astype(np.int16)
    spoken = 0.65 * len(talk)  # of the example days, as their truth tells
    wanted = max(0.0, spoken / speech_share - len(talk)) / len(quiet)
    parts = [encode(talk, folder / f"talk.{kind}", kind), encode(quiet, folder / f"quiet.{kind}", kind)]
    turn_seconds = (len(talk) + wanted * len(quiet)) / RATE_HZ
    turns = max(1, round(hours * 3600 / turn_seconds))
    path = folder / f"day.{kind}"
    repeat(path, kind, [(part, 1 if part is parts[0] else round(wanted)) for _ in range(turns) for part in parts])
    return path


class Watch:
    """Sums CPU seconds by kind of process, and keeps the highest sum of memory (PSS: shared pages count once)."""

    def __init__(self, pid: int) -> None:
        self.cpu: dict[int, tuple[str, float]] = {}
        self.peak_mb = 0.0
        self.peak_parts_mb: dict[str, float] = {}
        self._began = self._said = time.monotonic()
        self._root, self._over = psutil.Process(pid), threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> dict[str, float]:
        """Return CPU seconds by kind."""
        self._over.set()
        self._thread.join()
        return self._sums()

    def _sums(self) -> dict[str, float]:
        found: dict[str, float] = {}
        for kind, seconds in self.cpu.values():
            found[kind] = found.get(kind, 0.0) + seconds
        return found

    def _say(self) -> None:
        now = time.monotonic()
        if now - self._said < _SAY_SECONDS:
            return
        self._said = now
        parts = ", ".join(f"{kind} {seconds:.1f}" for kind, seconds in self._sums().items())
        load = os.getloadavg()[0]
        print(
            f"after {now - self._began:.0f} s: CPU s {parts}; peak {self.peak_mb:.0f} MB; load {load:.1f}",
            file=sys.stderr,
            flush=True,
        )

    def _look(self) -> None:
        while not self._over.wait(_LOOK_SECONDS):
            memory: dict[str, float] = {}
            try:
                family = [self._root, *self._root.children(recursive=True)]
            except psutil.Error:
                return
            for one in family:
                try:
                    used, line = one.cpu_times(), " ".join(one.cmdline())
                    pss_mb = one.memory_full_info().pss / 1e6
                except psutil.Error:
                    continue
                kind = "main" if one is self._root else next((k for k, v in _KINDS.items() if v in line), "other")
                if kind == "other" and one.pid in self.cpu:
                    kind = self.cpu[one.pid][0]  # a process that is ending has no command line any more
                self.cpu[one.pid] = kind, used.user + used.system
                memory[kind] = memory.get(kind, 0.0) + pss_mb
            if sum(memory.values()) > self.peak_mb:
                self.peak_mb, self.peak_parts_mb = sum(memory.values()), memory
            self._say()


def run_watched(command: list[str], environment: dict[str, str]) -> tuple[dict, dict[str, float], Watch]:
    """Run a Python interpreter with arguments; return what it prints, CPU seconds by kind, and what was watched."""
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
        cwd=_ROOT,
    )
    watch = Watch(process.pid)
    assert process.stdout is not None
    said = process.stdout.read()
    if process.wait():
        raise RuntimeError(f"it failed with {process.returncode}")
    return json.loads(said.splitlines()[-1]), watch.stop(), watch


def main() -> None:
    """Make the day, run it, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--speech-share", type=float, default=0.45)
    parser.add_argument("--model", default="whisper-base")
    parser.add_argument("--models-dir", type=Path, required=True)
    parser.add_argument("--format", choices=list(FORMATS), default="m4a")
    parser.add_argument("--plain", action="store_true", help="faster-whisper alone instead")
    parser.add_argument("--whisperx", metavar="PYTHON", help="WhisperX by this interpreter instead")
    parser.add_argument("--cores", type=int, default=2, help="threads of --plain and --whisperx")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        day = make_day(Path(folder), options.hours, options.speech_share, options.format)
        if options.plain:
            model = str(options.models_dir / options.model)
            command = [sys.executable, "-c", _PLAIN, str(day), model, str(options.cores)]
            said, cpu, watch = run_watched(command, {"OMP_NUM_THREADS": ""})
        elif options.whisperx:
            model = str(options.models_dir / options.model)
            command = [options.whisperx, str(_WHISPERX), model, str(options.cores), str(day)]
            said, cpu, watch = run_watched(command, {"OMP_NUM_THREADS": str(options.cores)})
            del said["texts"]
        else:
            settings = {
                "DAYLINE_SPEECH_ENGINE": "faster-whisper",
                "DAYLINE_SPEECH_MODEL": options.model,
                "DAYLINE_MODELS_FOLDER": str(options.models_dir),
                "OMP_NUM_THREADS": "1",
            }
            said, cpu, watch = run_watched([sys.executable, "-c", _OURS, str(day)], settings)
    print(json.dumps(said), flush=True)
    heard = cpu.get("recogniser", 0.0)
    for kind, seconds in sorted(cpu.items(), key=lambda row: -row[1]):
        share = f"{seconds / heard:6.1%} of the recogniser" if heard else ""
        print(f"{kind:28} {seconds:8.1f} CPU s {seconds / said['wall']:6.3f} of a core {share}")
    around = cpu.get("ingest", 0.0) + cpu.get("voices, detection, scoring", 0.0)
    if heard:
        print(f"ingest, voices, detection, scoring: {around / heard:.1%} of the recogniser")
    parts = ", ".join(f"{kind} {mb:.0f}" for kind, mb in watch.peak_parts_mb.items())
    print(f"peak memory of the tree {watch.peak_mb:.0f} MB ({parts}), load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
