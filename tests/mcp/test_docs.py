"""The page about the tools says what the server says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from dayline.bootstrap import build_api_context
from dayline.mcp.context import ToolContext
from dayline.mcp.latency import MEANINGS
from dayline.mcp.server import DaylineServer
from dayline.settings import Settings
from dayline.store import open_store

PAGE = (Path(__file__).parents[2] / "docs/mcp.md").read_text()


@pytest.fixture
def server(tmp_path: Path) -> Any:
    settings = Settings(data_folder=tmp_path)
    database = open_store(settings)
    context = build_api_context(settings, database)
    tools = ToolContext(
        database=database, jobs=context.jobs, base_url=context.base_url, cursor_key=context.cursor_key, key=""
    )
    yield DaylineServer(tools, version="0")
    context.jobs.close()
    database.close()


@pytest.mark.anyio
async def test_the_page_lists_every_tool_with_its_latency(server: Any) -> None:
    listed = re.findall(r"^\| `(\w+)` \| (\w+) \| \S", PAGE, re.MULTILINE)
    tools = await server.list_tools()
    assert listed == [(tool.name, tool.meta["dayline/latency"]) for tool in tools]
    for tool in tools:
        latency = tool.meta["dayline/latency"]
        assert tool.description.endswith(f"Latency: {latency} ({MEANINGS[latency]}).")
        assert tool.output_schema is not None


def test_the_page_explains_every_latency_class() -> None:
    assert dict(re.findall(r"^\| `(\w+)` \| ([a-z ,]+) \|$", PAGE, re.MULTILINE)) == MEANINGS


@pytest.mark.anyio
async def test_without_a_key_every_tool_says_so(server: Any) -> None:
    answer = await server.call_tool("list_days", {})
    assert answer.is_error
    assert answer.structured_content["error"]["code"] == "authentication_required"
