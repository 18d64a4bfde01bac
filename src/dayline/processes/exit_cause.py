"""Tell a process that somebody killed from one that its own work ended."""

from __future__ import annotations

import signal
from pathlib import Path

_SENT_BY_OTHERS = frozenset((signal.SIGTERM, signal.SIGINT, signal.SIGHUP))
_KERNEL_COUNTERS = Path("/proc/vmstat")


def out_of_memory_kills() -> int | None:
    """Return how many processes the kernel has killed for memory since it started; None where it does not say."""
    try:
        lines = _KERNEL_COUNTERS.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), None)


def was_killed_from_outside(status: int | None, kills_before: int | None) -> bool:
    """Return whether a process that ended with `status`, negative for a signal, was ended by another process.

    SIGKILL is also what the kernel sends when memory runs out, and then the work may be the cause. `kills_before` is
    what `out_of_memory_kills` returned before the work began: if the number has changed since, or is not known, the
    answer is False.
    """
    if status is None or status >= 0:
        return False
    if -status in _SENT_BY_OTHERS:
        return True
    return -status == signal.SIGKILL and kills_before is not None and kills_before == out_of_memory_kills()
