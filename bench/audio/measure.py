"""Processor time and peak memory of a command and everything that it starts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil


@dataclass
class Cost:
    """What a command cost, and what it said."""

    answer: dict[str, Any]
    user_seconds: float
    system_seconds: float
    wall_seconds: float
    peak_mb: float


def measure(variant: str, target: str) -> Cost:
    """Run one variant and return its cost; memory is the sum of resident sizes, looked at every 50 ms."""
    started = time.monotonic()
    environment = os.environ | {"OMP_NUM_THREADS": "1", "ORT_DISABLE_TELEMETRY": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.audio.variants", variant, target],
        stdout=subprocess.PIPE,
        env=environment,
        cwd=Path(__file__).resolve().parents[2],
    )
    peak = [0.0]
    watcher = threading.Thread(target=_watch, args=(process.pid, peak), daemon=True)
    watcher.start()
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if status:
        raise RuntimeError(f"{variant} failed with {status}")
    return Cost(json.loads(said), usage.ru_utime, usage.ru_stime, time.monotonic() - started, peak[0])


def _watch(pid: int, peak: list[float]) -> None:
    try:
        root = psutil.Process(pid)
        while root.is_running():
            total = 0
            for process in [root, *root.children(recursive=True)]:
                try:
                    total += process.memory_info().rss
                except psutil.Error:
                    continue
            peak[0] = max(peak[0], total / 1e6)
            time.sleep(0.05)
    except psutil.Error:
        return
