"""`dayline serve` and `dayline worker`: the service on one machine, or its parts on many."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from types import FrameType
from typing import IO, Annotated

import typer
import uvicorn

from dayline.bootstrap import build_api, build_worker
from dayline.cli.startup import check_settings
from dayline.cli.worker_supervisor import KILLED_WORKER, WorkerSupervisor, report_liveness
from dayline.http.connections import limited_protocol
from dayline.logs import get_log, set_up_logs
from dayline.processes.heap import exclude_loaded_from_collections, use_one_heap
from dayline.settings import InvalidSetting, Settings, read_settings
from dayline.store import open_store
from dayline.tracing import set_up_tracing
from dayline.workflows.heartbeat import executor_prefix, take_single_node_lock
from dayline.workflows.step_starts import delete_counts_of

log = get_log(__name__)

REQUESTS_SECONDS = 5
"""Time that a stopping API waits for running requests."""
DRAIN_SECONDS = 10
"""Time that a stopping worker waits for running jobs."""
LEAVE_SECONDS = 20.0
"""Time after which a worker that cannot stop is ended; its lease expires."""
_LOCK_WAIT_SECONDS = 3.0
_WORKER_CONNECTIONS = 4
"""Connections that an idle worker keeps, in addition to the one that the workflow engine listens on."""


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")] = None,
    workers: Annotated[bool, typer.Option(help="Also run a worker on this machine.")] = True,
) -> None:
    """Run the API, and a worker beside it, until stopped."""
    settings = read_settings()
    set_up_logs(style=settings.log_style, level=settings.log_level)
    check_settings(settings)
    set_up_tracing("api")
    lock = _lock_folder(settings, "serve.lock", holder="service", wait_seconds=_LOCK_WAIT_SECONDS)
    listener = _listen(host or settings.host, settings.port if port is None else port)
    settings = settings.model_copy(update={"host": listener.getsockname()[0], "port": listener.getsockname()[1]})
    database = open_store(settings)
    api = build_api(settings, database)
    supervisor = WorkerSupervisor() if workers else None
    server = _Server(
        uvicorn.Config(
            api,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=REQUESTS_SECONDS,
            server_header=False,
            http=limited_protocol(settings.connections_per_address),
        ),
        supervisor,
    )
    # The server raises a captured signal again when it has ended; the default handler would end this process before
    # the worker has drained.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, server.handle_exit)
    if supervisor is not None:
        supervisor.start()
    # The one line that users and scripts rely on.
    print(f"Dayline listens on {settings.effective_base_url}", flush=True)
    print(f"The console is at {settings.effective_base_url}/console/", flush=True)
    exclude_loaded_from_collections()
    try:
        server.run(sockets=[listener])
    finally:
        if supervisor is not None:
            supervisor.stop()
        database.close()
        if lock is not None:
            lock.close()


def worker() -> None:
    """Run a worker: takes jobs from the database until stopped. Any number of them, on PostgreSQL."""
    use_one_heap()
    halt = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        halt.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    settings = read_settings()
    set_up_logs(style=settings.log_style, level=settings.log_level)
    check_settings(settings)
    set_up_tracing("worker")
    _leave_with_parent(halt)
    report_liveness()
    lock = _lock_folder(settings, "worker.lock", holder="worker", wait_seconds=15.0)
    database = open_store(settings, kept_connections=_WORKER_CONNECTIONS)
    runtime = build_worker(settings, database)
    if killed := os.environ.get(KILLED_WORKER):
        delete_counts_of(runtime.parts, executor_prefix(int(killed)))
    runtime.start()
    exclude_loaded_from_collections()
    # The kernel may deliver a signal to any thread; only this one runs the handler, so it must wake up by itself.
    while not halt.wait(0.5):
        pass
    _bound_the_stop()
    runtime.stop(drain_seconds=DRAIN_SECONDS)
    database.close()
    if lock is not None:
        lock.close()
    sys.stdout.flush()
    sys.stderr.flush()
    # The interpreter would wait for threads of jobs that did not end while draining; other workers recover these jobs.
    os._exit(0)


class _Server(uvicorn.Server):
    """HTTP server whose worker begins to drain on the signal, not after the running requests."""

    def __init__(self, config: uvicorn.Config, supervisor: WorkerSupervisor | None) -> None:
        super().__init__(config)
        self._supervisor = supervisor

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop the worker and the server."""
        if self._supervisor is not None:
            self._supervisor.begin_stop()
        super().handle_exit(sig, frame)


def _lock_folder(settings: Settings, name: str, *, holder: str, wait_seconds: float) -> IO[str] | None:
    """Lock an SQLite data folder for one process of a kind. Raises Unavailable."""
    if not settings.is_single_node:
        return None
    return take_single_node_lock(settings.folder / name, holder=holder, wait_seconds=wait_seconds)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol given, the server disables the delay that holds small responses back for 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        raise InvalidSetting("port", f"cannot listen on {host}:{port}: {error.strerror}. Choose another.") from error
    return listener


def _leave_with_parent(halt: threading.Event) -> None:
    """End this worker when the `serve` process that started it ends or is killed."""
    parent = os.environ.get("DAYLINE_PARENT_PID")
    if parent is None:
        return

    def watch() -> None:
        while os.getppid() == int(parent):
            if halt.wait(0.5):
                return
        # The parent was killed: end in the same way; the next start recovers.
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="parent-watch").start()


def _bound_the_stop() -> None:
    """End after LEAVE_SECONDS whatever happens; the next worker then takes over as after a crash."""

    def leave() -> None:
        log.warning("stop_took_too_long", seconds=LEAVE_SECONDS)
        os._exit(1)

    timer = threading.Timer(LEAVE_SECONDS, leave)
    timer.daemon = True
    timer.start()
