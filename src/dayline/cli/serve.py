"""`dayline serve` and `dayline worker`: the service on one machine, or its parts on many."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from typing import Annotated

import typer
import uvicorn

from dayline.bootstrap import build_api, build_worker, open_store
from dayline.logs import get_log, set_up_logs
from dayline.settings import Settings
from dayline.workflows.heartbeat import take_single_node_lock

log = get_log(__name__)

_RESTART_PAUSE_SECONDS = 1.0
_LEAVE_SECONDS = 16.0
_STOP_SECONDS = 20.0


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")] = None,
    workers: Annotated[bool, typer.Option(help="Also run a worker on this machine.")] = True,
) -> None:
    """Run the API, and a worker beside it, until stopped. The API process computes nothing heavy."""
    settings = Settings()
    listener = _listen(host or settings.host, settings.port if port is None else port)
    settings = settings.model_copy(update={"host": listener.getsockname()[0], "port": listener.getsockname()[1]})
    set_up_logs(style=settings.log_style, level=settings.log_level)
    database = open_store(settings)
    api = build_api(settings, database)
    keeper = _WorkerKeeper() if workers else None
    if keeper is not None:
        keeper.start()
    # The one line that people and scripts look for.
    print(f"Dayline listens on {settings.effective_base_url}", flush=True)
    print(f"The console is at {settings.effective_base_url}/console/", flush=True)
    server = uvicorn.Server(
        uvicorn.Config(api, log_config=None, access_log=False, timeout_graceful_shutdown=5, server_header=False)
    )
    try:
        server.run(sockets=[listener])
    finally:
        if keeper is not None:
            keeper.stop()
        database.close()


def worker() -> None:
    """Run a worker: takes jobs from the database until stopped. Any number of them, on PostgreSQL."""
    settings = Settings()
    set_up_logs(style=settings.log_style, level=settings.log_level)
    halt = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: halt.set())
    _leave_with_parent(halt)
    lock = take_single_node_lock(settings.folder / "worker.lock") if settings.is_single_node else None
    database = open_store(settings)
    crew = build_worker(settings, database)
    crew.start()
    # The kernel may hand a signal to any thread; only this one runs the handler, so it must wake by itself.
    while not halt.wait(0.5):
        pass
    _leave_anyway()
    crew.stop()
    database.close()
    if lock is not None:
        lock.close()
    sys.stderr.flush()
    # Threads of jobs that were handed over may still be in a call of a library; they must not hold the process.
    os._exit(0)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, the server turns off the delay that holds small answers back for 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        raise typer.BadParameter(f"cannot listen on {host}:{port}: {error.strerror}. Choose another --port.") from error
    return listener


def _leave_with_parent(halt: threading.Event) -> None:
    """A worker that `serve` started ends with it, also when `serve` was killed."""
    parent = os.environ.get("DAYLINE_PARENT_PID")
    if parent is None:
        return

    def watch() -> None:
        while os.getppid() == int(parent):
            if halt.wait(0.5):
                return
        # Nobody will wait for a graceful stop: end as a killed process would, the next start recovers.
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="parent-watch").start()


def _leave_anyway() -> None:
    """Bound the graceful stop: a job that does not end is taken over by the next worker, as after a crash."""

    def leave() -> None:
        log.warning("stop_took_too_long", seconds=_LEAVE_SECONDS)
        os._exit(1)

    timer = threading.Timer(_LEAVE_SECONDS, leave)
    timer.daemon = True
    timer.start()


class _WorkerKeeper:
    """Starts the worker process, and starts it again whenever it ends."""

    def __init__(self) -> None:
        self._halt = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, daemon=True, name="worker-keeper")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._halt.set()
        process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()

    def _keep(self) -> None:
        environment = {**os.environ, "DAYLINE_PARENT_PID": str(os.getpid())}
        while not self._halt.is_set():
            self._process = subprocess.Popen([sys.executable, "-m", "dayline", "worker"], env=environment)
            code = self._process.wait()
            if not self._halt.wait(_RESTART_PAUSE_SECONDS):
                log.warning("worker_ended", code=code, action="starting it again")
