"""The baseline: a FastAPI application with the same request and response bodies and nothing in between.

    python -m bench.api.bare PAYLOADS

PAYLOADS is a JSON file {"submit": ..., "get": ..., "list": ...} with the answers to give. Prints its address.
"""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from fastapi.responses import JSONResponse

from dayline.sessions.schemas import SessionRequest


def create_app(payloads: dict[str, Any]) -> FastAPI:
    """Return three routes that answer what they were given. They run in threads, as the real ones do."""
    app = FastAPI()

    @app.post("/v1/all-day-sessions", status_code=202)
    def submit(body: SessionRequest) -> Any:  # noqa: ARG001 - read and checked, as ours is
        return JSONResponse(payloads["submit"], 202)

    @app.get("/v1/all-day-sessions")
    def list_all(limit: int = 20, org_id: str | None = None) -> Any:  # noqa: ARG001
        return JSONResponse(payloads["list"])

    @app.get("/v1/all-day-sessions/{session_id}")
    def get(session_id: str) -> Any:  # noqa: ARG001
        return JSONResponse(payloads["get"])

    return app


def listen(app: FastAPI, name: str) -> None:
    """Serve an application on a free port until stopped; print where."""
    # Named as TCP, asyncio sends small answers at once; without it they wait for the client's acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(1024)
    print(f"{name} listens on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    config = uvicorn.Config(app, log_config=None, access_log=False, server_header=False)
    uvicorn.Server(config).run(sockets=[listener])


def main() -> None:
    """Serve the routes until stopped."""
    listen(create_app(json.loads(Path(sys.argv[1]).read_text())), "Bare")


if __name__ == "__main__":
    main()
