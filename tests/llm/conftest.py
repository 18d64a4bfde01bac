"""A real HTTP server that speaks the OpenAI chat protocol and answers by script."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from bench.local_server import LocalHandler, LocalServer
from dayline.llm.config import LanguageConfig


@dataclass
class Reply:
    """One scripted answer. `content` becomes the message; `raw` replaces the whole body."""

    content: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raw: str | None = None
    wait_seconds: float = 0.0
    as_tool: bool = False

    def body(self, request: dict[str, Any]) -> str:
        if self.raw is not None:
            return self.raw
        text = self.content if isinstance(self.content, str) else json.dumps(self.content)
        message: dict[str, Any] = {"role": "assistant", "content": text}
        if self.as_tool:
            name = request["tools"][0]["function"]["name"]
            call = {"id": "c1", "type": "function", "function": {"name": name, "arguments": text}}
            message = {"role": "assistant", "content": None, "tool_calls": [call]}
        return json.dumps(
            {
                "id": "r1",
                "object": "chat.completion",
                "created": 1,
                "model": request.get("model", "m"),
                "choices": [
                    {"index": 0, "message": message, "finish_reason": "tool_calls" if self.as_tool else "stop"}
                ],
                "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
            }
        )


class ChatServer:
    """Answers requests in the order of `replies`; the last one stays. Keeps what it was asked."""

    def __init__(self) -> None:
        self.replies: list[Reply | Callable[[dict[str, Any]], Reply]] = []
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self._lock = threading.Lock()
        server = self

        class Handler(LocalHandler):
            def do_POST(self) -> None:
                request = json.loads(self.read_body())
                with server._lock:
                    server.requests.append(request)
                    server.keys.append(self.headers.get("Authorization"))
                    reply = server.replies.pop(0) if len(server.replies) > 1 else server.replies[0]
                if callable(reply):
                    reply = reply(request)
                time.sleep(reply.wait_seconds)
                body = reply.body(request).encode()
                with contextlib.suppress(OSError):  # in some of these tests the caller closes the connection first
                    self.send_json(body, reply.status, reply.headers)

        self._http = LocalServer(Handler)

    @property
    def url(self) -> str:
        return f"{self._http.base_url}/v1"

    def prompt(self, number: int = 0) -> str:
        """All that the model was told in one request."""
        return json.dumps(self.requests[number]["messages"], ensure_ascii=False)

    def close(self) -> None:
        self._http.stop()


@pytest.fixture
def server() -> Iterator[ChatServer]:
    chat = ChatServer()
    yield chat
    chat.close()


@pytest.fixture
def config(server: ChatServer) -> Callable[..., LanguageConfig]:
    def make(**changes: Any) -> LanguageConfig:
        fields: dict[str, Any] = {
            "name": "openai",
            "model": "test-model",
            "base_url": server.url,
            "api_key": "sk-secret",
            "timeout_seconds": 5.0,
            "deadline_seconds": 20.0,
            "blip_wait_seconds": 0.01,
        }
        return LanguageConfig(**{**fields, **changes})

    return make


@pytest.fixture
def reply() -> type[Reply]:
    return Reply
