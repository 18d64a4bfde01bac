"""Log lines as JSON or for people, with the request or session they belong to, and never a secret."""

from __future__ import annotations

import logging
import re
import sys
from typing import Any, Literal
from urllib.parse import urlsplit

import structlog
from pydantic_core import to_json

_SECRETS = re.compile(
    r"(pk_(?:live|sandbox|admin)_[a-z0-9]+_)[A-Za-z0-9]+|(whsec_)[A-Za-z0-9+/=]+|(Bearer\s+)\S+"
    r"|(/s/|/v1/shared/)[A-Za-z0-9_-]+"
)


_direct = False
"""Whether lines of requests are written as JSON without the logging machinery."""

_stamp: Any = structlog.processors.TimeStamper(fmt="iso", utc=True)
_request_log: Any = structlog.get_logger("dayline.http")


def set_up_logs(*, style: Literal["json", "console"] = "console", level: str = "INFO") -> None:
    """Send every log line, ours and the libraries', through one formatter to standard error."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        _stamp,
        _without_secrets,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if style == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
    )
    global _direct
    _direct = style == "json" and logging.getLevelNamesMapping()[level] <= logging.INFO
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                renderer,
            ],
        )
    )
    handler.addFilter(Throttle())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in ("httpx2", "httpcore2", "alembic", "dbos", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


class Throttle(logging.Filter):
    """Let few lines of one kind through: a server without free sockets writes thousands a second.

    Lines of the event loop and of the HTTP server count as one kind when their message is the same up to its first
    digit. The next line that passes tells how many were left out.
    """

    def __init__(self, *, most: int = 5, per_seconds: float = 60.0) -> None:
        super().__init__()
        self._most, self._per_seconds = most, per_seconds
        self._seen: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the line is written."""
        if not record.name.startswith(("asyncio", "uvicorn")):
            return True
        key = (record.name, re.split(r"\d", str(record.msg), maxsplit=1)[0][:80])
        since, count = self._seen.get(key, (record.created, 0))
        if record.created - since >= self._per_seconds:
            if count > self._most:
                record.msg = f"{record.msg} ({count - self._most} more of these were left out)"
            since, count = record.created, 0
        self._seen[key] = since, count + 1
        return count < self._most


def log_request(method: str, path: str, status: int, seconds: float) -> None:
    """Write the line of one HTTP request.

    There is one for every request, so JSON lines go straight to standard error, without the logging machinery and its
    filters: every field is known, and only the path, which the client chooses, can hold a secret.
    """
    fields: dict[str, str | int | float] = {
        "method": method,
        "path": without_secrets(path),
        "status": status,
        "duration_ms": round(seconds * 1000, 1),
    }
    if not _direct:
        _request_log.info("request", **fields)
        return
    line = {
        **fields,
        "event": "request",
        **structlog.contextvars.get_contextvars(),
        "level": "info",
    }
    sys.stderr.write(to_json(_stamp(None, "", line), fallback=str).decode(errors="replace") + "\n")


def get_log(name: str) -> Any:
    """Return a logger that takes an event and fields: `log.info("session_started", session_id=...)`."""
    return structlog.get_logger(name)


def safe_url(url: str) -> str:
    """Return `url` without credentials, query and fragment, which may hold signatures."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{host}{port}{parts.path}"


def without_secrets(text: str) -> str:
    """Blank out keys and secrets of ours wherever they stand in a text."""
    return _SECRETS.sub(lambda m: f"{m[m.lastindex or 0]}***", text)


def _without_secrets(_logger: Any, _name: str, fields: Any) -> Any:
    return {k: without_secrets(v) if isinstance(v, str) else v for k, v in fields.items()}
