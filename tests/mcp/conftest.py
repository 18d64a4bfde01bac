"""A running service, keys for it, and the protocol's own client in front of `dayline mcp`."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import anyio
import httpx2
import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import TextContent


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Tools:
    """Calls tools and hands back what a program reads of the answer."""

    client: Client

    async def call(self, tool: str, /, **arguments: Any) -> Any:
        answer = await self.client.call_tool(tool, arguments)
        assert not answer.is_error, answer.content
        return answer.structured_content

    async def refused(self, tool: str, /, **arguments: Any) -> dict[str, Any]:
        answer = await self.client.call_tool(tool, arguments)
        assert answer.is_error, answer.structured_content
        assert answer.structured_content is not None
        error = answer.structured_content["error"]
        told = answer.content[0]
        assert isinstance(told, TextContent)
        assert told.text.startswith(f"{error['code']}: {error['message']}")
        assert error["request_id"].startswith("req_")
        assert error["doc_url"].endswith(f"/docs/errors/{error['code']}")
        return error

    async def wait(self, session_id: str) -> dict[str, Any]:
        return await self._until_ended("get_day", session_id=session_id)

    async def wait_for_analysis(self, analysis_id: str) -> dict[str, Any]:
        return await self._until_ended("read_analysis", analysis_id=analysis_id)

    async def _until_ended(self, tool: str, **arguments: Any) -> dict[str, Any]:
        found = None
        for _ in range(300):
            found = await self.call(tool, **arguments)
            if found["status"] in ("completed", "failed"):
                return found
            await anyio.sleep(0.2)
        raise AssertionError(f"did not end: {found}")


@pytest.fixture(scope="session")
def sandbox_key(service: Any) -> str:
    return service.make_key("sandbox")


Open = Callable[[str], AbstractAsyncContextManager[Tools]]


@pytest.fixture
def over_stdio(service: Any) -> Open:
    """Open a client whose server is a process of its own, with the given key in its environment."""

    @asynccontextmanager
    async def open_tools(key: str) -> AsyncIterator[Tools]:
        environment = {**service.environment, "DAYLINE_API_KEY": key}
        parameters = StdioServerParameters(command=sys.executable, args=["-m", "dayline", "mcp"], env=environment)
        with service.log_path.open("a") as log:
            async with Client(stdio_client(parameters, errlog=log)) as client:
                yield Tools(client)

    return open_tools


@pytest.fixture(scope="session")
def http_url(service: Any) -> Iterator[str]:
    """The address of `dayline mcp --http` on the service's data."""
    environment = {k: v for k, v in service.environment.items() if k != "DAYLINE_API_KEY"}
    with service.log_path.open("a") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "dayline", "mcp", "--http", "127.0.0.1:0"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    assert process.stdout is not None
    match = re.search(r"listen on (\S+)", process.stdout.readline())
    assert match, service.log_path.read_text()[-3000:]
    threading.Thread(target=process.stdout.read, daemon=True).start()
    yield match[1]
    process.terminate()
    process.wait(20)


@pytest.fixture
def over_http(http_url: str) -> Open:
    """Open a client that sends the given key with every request."""

    @asynccontextmanager
    async def open_tools(key: str) -> AsyncIterator[Tools]:
        headers = {"Authorization": f"Bearer {key}"}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=30) as web,
            Client(streamable_http_client(http_url, http_client=web)) as client,
        ):
            yield Tools(client)

    return open_tools


@pytest.fixture(params=["stdio", "http"])
def opened(request: pytest.FixtureRequest) -> Open:
    return request.getfixturevalue(f"over_{request.param}")
