"""The child's side of `start_child`: the inherited socket, and ending with the parent."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import sys
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_OOM_SCORE = "600"


def inherited_channel(argv: list[str]) -> socket.socket:
    """Return the socket to the parent (`argv[1]`), and end this process when the parent (`argv[2]`) ends."""
    channel = socket.socket(fileno=int(argv[1]))
    end_with_parent(int(argv[2]))
    return channel


def end_with_parent(parent_pid: int) -> None:
    """Ask the kernel for SIGKILL when the parent ends, and to end this process first when memory runs out."""
    # Interrupts of the terminal go to the whole group; the parent decides when this process ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text(_OOM_SCORE, encoding="ascii")
    if os.getppid() != parent_pid:  # it ended before the kernel was asked
        os._exit(1)
