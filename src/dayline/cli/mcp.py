"""`dayline mcp`: serve the main operations as tools for language models, over stdio or HTTP."""

from __future__ import annotations

import os
import socket
from typing import Annotated

import anyio
import typer
import uvicorn

from dayline.bootstrap import build_api_context
from dayline.domain.errors import Unauthenticated, Unavailable
from dayline.logs import set_up_logs
from dayline.settings import read_settings
from dayline.store import open_store


def mcp(
    http: Annotated[
        str, typer.Option(help="HOST:PORT to serve streamable HTTP on, instead of stdio; port 0 takes a free one.")
    ] = "",
) -> None:
    """Serve the main verbs to language models (Model Context Protocol), over stdio unless --http is given.

    Over stdio the key comes from DAYLINE_API_KEY; over HTTP every request brings its own. Works beside `dayline
    serve` or `dayline worker` on the same database: this process computes nothing itself.
    """
    key = None if http else os.environ.get("DAYLINE_API_KEY", "").strip()
    if key == "":
        raise Unauthenticated("Set DAYLINE_API_KEY to a key of yours; `dayline keys create` makes one.")
    settings = read_settings()
    set_up_logs(style=settings.log_style, level=settings.log_level)
    try:
        from dayline.mcp.context import ToolContext
        from dayline.mcp.http import PATH, http_app
        from dayline.mcp.server import DaylineServer
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in ("mcp", "mcp_types"):
            raise
        raise Unavailable("This needs the extra `mcp`: scripts/setup --extra mcp") from error
    database = open_store(settings)
    context = build_api_context(settings, database)
    tools = ToolContext(
        database=database,
        jobs=context.jobs,
        base_url=context.base_url,
        cursor_key=context.cursor_key,
        key=key,
        allow_networks=context.allow_networks,
        allow_http=context.allow_http,
        rate_limiter=context.rate_limiter,
    )
    server = DaylineServer(tools, version=context.version)
    try:
        if key is not None:
            anyio.run(server.run_stdio_async)
            return
        host, listener = _listener(http)
        shown = f"[{host}]" if ":" in host else host
        # The one line that users and scripts rely on.
        print(f"Dayline's tools listen on http://{shown}:{listener.getsockname()[1]}{PATH}", flush=True)
        config = uvicorn.Config(
            http_app(server, tools, host=host),
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=5,
            server_header=False,
        )
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        context.jobs.close()
        database.close()


def _listener(place: str) -> tuple[str, socket.socket]:
    """Return the host and a socket that listens on HOST:PORT; an IPv6 host is in brackets."""
    host, _, port = place.rpartition(":")
    host = host.strip("[]")
    if not host or not port.isdigit() or int(port) > 65_535:
        raise typer.BadParameter(f"--http takes HOST:PORT, such as 127.0.0.1:8401; this is {place!r}")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol given as TCP, asyncio sends small responses at once instead of waiting for the client's ACK.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, int(port)))
        listener.listen(1024)
    except OSError as error:
        raise typer.BadParameter(f"cannot listen on {place}: {error.strerror}. Choose another port.") from error
    return host, listener
