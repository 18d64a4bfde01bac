"""MCP server: registers the tools and returns every failure with the contract's codes."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import CallToolResult, InputRequiredResult, ToolAnnotations

from dayline.clock import monotonic_seconds
from dayline.domain.errors import DaylineError
from dayline.logs import get_log
from dayline.mcp.analyses import AnalysisTools
from dayline.mcp.context import ToolContext, check_arguments
from dayline.mcp.days import DayTools
from dayline.mcp.errors import known_failure, refusal
from dayline.mcp.latency import Latency, described, meta_of
from dayline.mcp.playbooks import PlaybookTools

log = get_log(__name__)

_INSTRUCTIONS = (
    "Dayline finds the customer conversations in a recorded sales workday and analyses each one. Submit a day, poll it "
    "with get_day until its status is completed or failed, then read its segments, transcript and analyses. All times "
    "are seconds on the recording's own clock."
)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One tool. `changes`: whether it writes."""

    work: Callable[..., Any]
    title: str
    latency: Latency
    changes: bool = False


class DaylineServer(MCPServer[Any]):
    """Serve the main operations over the transport that it is run with."""

    def __init__(self, tools: ToolContext, *, version: str) -> None:
        super().__init__("dayline", title="Dayline", instructions=_INSTRUCTIONS, version=version)
        self._tools = tools
        self._fields: dict[str, list[str]] = {}
        for entry in _entries(tools):
            self._register(entry)

    def _register(self, entry: _Entry) -> None:
        name = entry.work.__name__
        self.add_tool(
            entry.work,
            title=entry.title,
            description=described(_first_paragraph(entry.work), entry.latency),
            annotations=ToolAnnotations(
                read_only_hint=not entry.changes, destructive_hint=False, open_world_hint=name == "submit_day"
            ),
            meta=meta_of(entry.latency),
        )
        schema = self._tool_input_schema(name) or {}
        self._fields[name] = list(schema.get("properties", {}))

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool. Failures are returned as results with `is_error`, a code and a message, never raised."""
        request_id, began = f"req_{uuid.uuid4()}", monotonic_seconds()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        code = ""
        try:
            if name in self._fields:
                check_arguments(arguments, self._fields[name])
            return await super().call_tool(name, arguments, context)
        except (DaylineError, ToolError) as failure:
            error = failure if isinstance(failure, DaylineError) else known_failure(failure)
            if error is None:
                log.error("tool_failed", tool=name, exc_info=failure)
                error = DaylineError("Something went wrong on our side. The failure has been recorded.")
            code = error.code
            return refusal(error, request_id=request_id, base_url=self._tools.base_url)
        finally:
            shown = name if name in self._fields else "other"
            log.info("tool", tool=shown, code=code, duration_ms=round((monotonic_seconds() - began) * 1000, 1))


def _entries(tools: ToolContext) -> tuple[_Entry, ...]:
    days, analyses, playbooks = DayTools(tools), AnalysisTools(tools), PlaybookTools(tools)
    return (
        _Entry(days.submit_day, "Submit a recorded day", "background", changes=True),
        _Entry(days.get_day, "Read a day's status and segments", "instant"),
        _Entry(days.list_days, "List days", "instant"),
        _Entry(days.read_day, "Read a day's timeline and transcript", "seconds"),
        _Entry(days.correct_day, "Correct a day's segments", "background", changes=True),
        _Entry(analyses.read_analysis, "Read an analysis", "instant"),
        _Entry(analyses.analyze_segment, "Analyse a segment again", "background", changes=True),
        _Entry(playbooks.list_playbooks, "List playbooks", "instant"),
        _Entry(playbooks.read_playbook, "Read a playbook", "instant"),
        _Entry(playbooks.create_playbook, "Add a playbook", "instant", changes=True),
        _Entry(playbooks.update_playbook, "Change a playbook", "instant", changes=True),
    )


def _first_paragraph(work: Callable[..., Any]) -> str:
    return " ".join((work.__doc__ or "").split("\n\n")[0].split())
