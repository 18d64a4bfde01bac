"""Run one worker process beside the API: start it again when it ends, and end it when it hangs."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import threading

from dayline.clock import monotonic_seconds
from dayline.logs import get_log
from dayline.processes.exit_cause import out_of_memory_kills, was_killed_from_outside

log = get_log(__name__)

KILLED_WORKER = "DAYLINE_KILLED_WORKER"
"""Environment variable: process id of the worker before this one, if somebody killed it."""

_LIVENESS = "DAYLINE_LIVENESS_DESCRIPTOR"
"""Environment variable: file descriptor to which the worker writes."""

LIVENESS_SECONDS = 5.0
HUNG_SECONDS = 180.0
"""Silence after which a worker is taken to hang. Its threads share one interpreter: one that never gives it back, or a
stopped process, silences all. Longer than a machine that is short of memory or that is suspended may stand still."""

_STOP_SECONDS = 22.0
_RESTART_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 30.0
_HEALTHY_SECONDS = 60.0


def report_liveness() -> None:
    """Write a byte to the supervisor of this worker every few seconds, if it has one."""
    descriptor = os.environ.pop(_LIVENESS, None)
    if descriptor is None:
        return

    def write() -> None:
        pause = threading.Event()
        while True:
            try:
                os.write(int(descriptor), b".")
            except OSError:
                return  # the supervisor has ended
            pause.wait(LIVENESS_SECONDS)

    threading.Thread(target=write, daemon=True, name="liveness").start()


class WorkerSupervisor:
    """Start the worker process, and restart it whenever it ends or hangs.

    The pause before a restart grows while the worker fails soon after its start, and stays short after a signal such as
    a kill.
    """

    def __init__(self, *, hung_seconds: float = HUNG_SECONDS) -> None:
        self._hung_seconds = hung_seconds
        self._halt = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._living_pid: int | None = None
        self._starting = threading.Lock()
        self._pause_seconds = _RESTART_PAUSE_SECONDS
        self._thread = threading.Thread(target=self._keep, daemon=True, name="worker-supervisor")

    @property
    def living_pid(self) -> int | None:
        """Process id of the worker that runs, None until it has written its first byte."""
        return self._living_pid

    def start(self) -> None:
        """Start the worker."""
        self._thread.start()

    def begin_stop(self) -> None:
        """Ask the worker to drain. Safe in a signal handler."""
        self._halt.set()
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def stop(self) -> None:
        """Wait until the worker has drained; kill it if it takes too long."""
        with self._starting:
            self.begin_stop()
        process = self._process
        if process is None:
            return
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _keep(self) -> None:
        killed_pid: int | None = None
        while True:
            kills_before = out_of_memory_kills()
            try:
                with self._starting:
                    if self._halt.is_set():
                        return
                    process, liveness = _start(killed_pid)
                    self._process = process
            except OSError as error:  # no process, memory or file descriptor is free
                log.warning("worker_not_started", error=error.strerror)
                self._halt.wait(_LONGEST_PAUSE_SECONDS)
                continue
            began = monotonic_seconds()
            has_hung = self._watch(process, liveness)
            os.close(liveness)
            code = process.wait()
            killed_pid = process.pid if not has_hung and was_killed_from_outside(code, kills_before) else None
            pause_seconds = self._next_pause(code, monotonic_seconds() - began)
            if not self._halt.wait(pause_seconds):
                log.warning("worker_ended", code=code, paused_seconds=pause_seconds, action="starting it again")

    def _watch(self, process: subprocess.Popen[bytes], liveness: int) -> bool:
        """Return when the worker has ended: True if it was killed because it was silent.

        Only silence that this process has waited for counts: whatever suspends a whole service suspends both. The
        first byte may take as long as it does.
        """
        self._living_pid, silent_seconds = None, 0.0
        poll = select.poll()  # select() takes no descriptor above 1,023
        poll.register(liveness, select.POLLIN)
        while True:
            if poll.poll(1000 * LIVENESS_SECONDS):
                if not os.read(liveness, 4096):
                    return False
                self._living_pid, silent_seconds = process.pid, 0.0
                continue
            silent_seconds += LIVENESS_SECONDS
            if self._living_pid and silent_seconds >= self._hung_seconds and not self._halt.is_set():
                log.error("worker_hung", pid=process.pid, silent_seconds=silent_seconds, action="ending it")
                process.kill()
                return True

    def _next_pause(self, code: int, lived_seconds: float) -> float:
        if code <= 0 or lived_seconds >= _HEALTHY_SECONDS:
            self._pause_seconds = _RESTART_PAUSE_SECONDS
            return self._pause_seconds
        pause, self._pause_seconds = self._pause_seconds, min(self._pause_seconds * 2, _LONGEST_PAUSE_SECONDS)
        return pause


def _start(killed_pid: int | None) -> tuple[subprocess.Popen[bytes], int]:
    """Return a new worker and the file descriptor that it writes to. Raises OSError."""
    ours, theirs = os.pipe()
    environment = {**os.environ, "DAYLINE_PARENT_PID": str(os.getpid()), _LIVENESS: str(theirs)}
    if killed_pid is not None:
        environment[KILLED_WORKER] = str(killed_pid)
    try:
        process = subprocess.Popen([sys.executable, "-m", "dayline", "worker"], env=environment, pass_fds=(theirs,))
    except OSError:
        os.close(ours)
        raise
    finally:
        os.close(theirs)
    return process, ours
