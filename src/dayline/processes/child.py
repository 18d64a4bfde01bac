"""One child process that answers frames over a socket pair: started, timed, killed and reaped here."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from dayline.processes import frames
from dayline.processes.exit_cause import out_of_memory_kills, was_killed_from_outside

_END_GRACE_SECONDS = 2.0
_DEFAULTS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}
"""Numeric libraries in a child use one thread, unless the operator sets another number: the pool is parallel already.

So one heap is enough for its memory; with one per thread, as glibc has it, a recogniser takes up to 67 MB more.
"""


class ChildTimeout(Exception):
    """The child did not answer in time and was killed."""


class ChildEnded(Exception):
    """The child ended without an answer. The message says how: a signal or an exit status.

    was_killed: whether somebody killed it, so that its work is not the cause.
    """

    def __init__(self, message: str, *, was_killed: bool) -> None:
        super().__init__(message)
        self.was_killed = was_killed


class Child:
    """A running child process and this side of its socket. Made by `start_child` only."""

    def __init__(self, module: str, environment: Mapping[str, str]) -> None:
        ours, theirs = socket.socketpair()
        try:
            self.process = subprocess.Popen(  # noqa: S603 - our own module, no shell, no outside input
                [sys.executable, "-m", module, str(theirs.fileno()), str(os.getpid())],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={**_DEFAULTS, **os.environ, **environment},
            )
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
        self._channel = ours

    @property
    def pid(self) -> int:
        """The process id."""
        return self.process.pid

    @property
    def has_ended(self) -> bool:
        """True once the process is gone."""
        return self.process.poll() is not None

    def exchange(self, header: Mapping[str, object], body: bytes = b"", *, allowed_seconds: float) -> tuple[Any, bytes]:
        """Send one frame and return the answer. Raises ChildTimeout or ChildEnded; the child is gone after either."""
        deadline = time.monotonic() + allowed_seconds
        kills_before = out_of_memory_kills()
        try:
            self._channel.settimeout(allowed_seconds)
            frames.send(self._channel, header, body)
            self._channel.settimeout(max(0.1, deadline - time.monotonic()))
            return frames.receive(self._channel)
        except TimeoutError as error:
            self.end()
            raise ChildTimeout(f"no answer within {allowed_seconds:.0f} s") from error
        except (frames.Closed, OSError, ValueError) as error:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(_END_GRACE_SECONDS)  # for its own status, before it is killed here
            was_killed = was_killed_from_outside(self.process.poll(), kills_before)
            self.end()
            raise ChildEnded(self._how_it_ended(), was_killed=was_killed) from error

    def end(self) -> None:
        """Kill the process, which has no state to save, and reap it."""
        with contextlib.suppress(OSError):
            self._channel.shutdown(socket.SHUT_RDWR)
        self.process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_END_GRACE_SECONDS)
        self._channel.close()

    def _how_it_ended(self) -> str:
        code = self.process.returncode
        if code is None:
            return "no status"
        return f"signal {-code}" if code < 0 else f"status {code}"


class _Launcher:
    """Starts children from one thread that lives as long as this process.

    The kernel ties a child's death signal to the thread that started it: a thread of a job that ends would take the
    child with it.
    """

    def __init__(self) -> None:
        self.renew()
        # A forked copy of this process has the state of the pool but not its thread.
        os.register_at_fork(after_in_child=self.renew)

    def renew(self) -> None:
        """Forget the thread; the next start makes a new one."""
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="child-launcher")

    def start(self, module: str, environment: Mapping[str, str]) -> Child:
        """Start one child and return it."""
        return self._pool.submit(Child, module, environment).result()


_launcher = _Launcher()


def start_child(module: str, environment: Mapping[str, str] | None = None) -> Child:
    """Start `python -m module FD PARENT_PID` and return it. `environment` is added to this process's own.

    The module's `main` takes the socket from `inheritance.inherited_channel`, which also ties its life to this process.
    """
    return _launcher.start(module, environment or {})
