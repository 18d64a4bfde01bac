"""A recogniser in a child process of its own: a crash there is an error here, and the next span gets a fresh one."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from dayline.asr import ipc as wire
from dayline.asr.answer_checks import SpanTranscript
from dayline.asr.ports import Limits
from dayline.asr.registry import SpeechConfig
from dayline.domain.clip import SAMPLE_RATE_HZ, Clip
from dayline.domain.errors import Unavailable

_END_GRACE_SECONDS = 2.0


class _Launcher:
    """Starts children from one thread that lives as long as this process: the kernel ties a child's death signal
    to the thread that started it, and a worker thread that ends would take the recogniser with it."""

    def __init__(self) -> None:
        self.renew()
        # A forked copy of this process has the pool's books but not its thread.
        os.register_at_fork(after_in_child=self.renew)

    def renew(self) -> None:
        """Forget the thread; the next start makes a new one."""
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="speech-launcher")

    def start(self) -> _Child:
        """Start one child and return it."""
        return self._pool.submit(_Child).result()


class TranscriberProcess:
    """One engine in one child process, started at the first use.

    timeout_base_seconds + timeout_per_audio_second x speech is what a span may take; load_timeout_seconds is
    for the model. After `recycle_after_spans` spans the child is replaced, against slow leaks. Calls from several
    threads wait for each other; `close()` does not wait: it ends the call that runs with `Unavailable`.
    """

    def __init__(
        self,
        config: SpeechConfig,
        *,
        recycle_after_spans: int | None = 200,
        timeout_base_seconds: float = 120.0,
        timeout_per_audio_second: float = 12.0,
        load_timeout_seconds: float = 600.0,
    ) -> None:
        self._config = config
        self._recycle_after_spans = recycle_after_spans
        self._timeout_base_seconds = timeout_base_seconds
        self._timeout_per_audio_second = timeout_per_audio_second
        self._load_timeout_seconds = load_timeout_seconds
        self._turn = threading.Lock()
        self._child: _Child | None = None
        self._closed = False

    def __enter__(self) -> TranscriberProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The child's process id, None while there is none."""
        child = self._child
        return child.process.pid if child is not None else None

    @property
    def name(self) -> str:
        """`engine:model`; starts the child if need be."""
        with self._turn:
            return self._ready().name

    @property
    def limits(self) -> Limits:
        """What the engine can take; starts the child if need be."""
        with self._turn:
            return self._ready().limits

    def transcribe_span(self, clips: Sequence[Clip], language: str | None = None) -> SpanTranscript:
        """Recognise the clips of one span in the child, checked by `quality.transcribe_checked`.

        Raises `Unavailable` when the child crashed, was killed or took too long (the next call starts another),
        and what the engine raises.
        """
        rows, body = wire.pack_clips(clips)
        audio_seconds = len(body) / 2 / SAMPLE_RATE_HZ
        allowed = self._timeout_base_seconds + self._timeout_per_audio_second * audio_seconds
        with self._turn:
            child = self._ready()
            reply = self._exchange(child, {"clips": rows, "language": language}, body, allowed)
            child.spans += 1
            if self._recycle_after_spans is not None and child.spans >= self._recycle_after_spans:
                self._drop(child)
        if "error" in reply:
            raise wire.error_from_json(reply["error"])
        return wire.span_from_json(reply["span"])

    def close(self) -> None:
        """End the child, also in the middle of a span. Afterwards every call raises `Unavailable`."""
        self._closed = True
        child = self._child
        if child is not None:
            self._drop(child)

    def _ready(self) -> _Child:
        if self._closed:
            raise Unavailable("The speech engine has been shut down.")
        child = self._child
        if child is not None and child.process.poll() is not None:
            self._drop(child)
            child = None
        if child is None:
            child = self._child = _launcher.start()
            greeting = self._exchange(child, self._config.to_json(), b"", self._load_timeout_seconds)
            if "error" in greeting:
                self._drop(child)
                raise wire.error_from_json(greeting["error"])
            child.name, child.limits = str(greeting["name"]), wire.limits_from_json(greeting["limits"])
            if self._closed:  # close() may have come while the model was loading
                self._drop(child)
                raise Unavailable("The speech engine has been shut down.")
        return child

    def _exchange(self, child: _Child, header: dict[str, Any], body: bytes, allowed_seconds: float) -> dict[str, Any]:
        deadline = time.monotonic() + allowed_seconds
        try:
            child.channel.settimeout(allowed_seconds)
            wire.send(child.channel, header, body)
            child.channel.settimeout(max(0.1, deadline - time.monotonic()))
            return wire.receive(child.channel)[0]
        except TimeoutError:
            self._drop(child)
            raise Unavailable(
                f"The speech engine did not finish within {allowed_seconds:.0f} s and was stopped. It starts anew.",
                code="engine_timeout",
            ) from None
        except (wire.Closed, OSError):
            self._drop(child)
            if self._closed:
                raise Unavailable("The speech engine has been shut down.") from None
            raise Unavailable(
                f"The speech engine's process ended unexpectedly ({_how_it_ended(child.process)}). It starts anew.",
                code="engine_crashed",
            ) from None

    def _drop(self, child: _Child) -> None:
        if self._child is child:
            self._child = None
        child.end()


class _Child:
    """The running process and our end of the socket."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        try:
            self.process = subprocess.Popen(  # noqa: S603 - our own module, no shell, no outside input
                [sys.executable, "-m", "dayline.asr.transcriber_main", str(theirs.fileno()), str(os.getpid())],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
        self.channel = ours
        self.name = ""
        self.limits: Limits
        self.spans = 0

    def end(self) -> None:
        """Kill the process (it holds nothing worth a goodbye) and reap it."""
        with contextlib.suppress(OSError):
            self.channel.shutdown(socket.SHUT_RDWR)
        self.process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_END_GRACE_SECONDS)
        self.channel.close()


_launcher = _Launcher()


def _how_it_ended(process: subprocess.Popen[bytes]) -> str:
    code = process.returncode
    if code is None:
        return "no status"
    return f"signal {-code}" if code < 0 else f"status {code}"
