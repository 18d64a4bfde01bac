"""Every operation of the OpenAPI document has a method that can send every field and types every answer."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Required, Union, get_args, get_origin, get_type_hints

import pytest
from dayline_client import Dayline, Listing
from dayline_client.analyses import Analyses
from dayline_client.console import Console
from dayline_client.orgs import Orgs, Playbooks, Prompts
from dayline_client.partners import Admin, Service, Uploads
from dayline_client.sessions import Sessions
from dayline_client.shares import ShareLinks
from dayline_client.webhooks import Webhooks

from dayline.db.blobs import Blobs
from dayline.db.database import open_database
from dayline.http.app import create_api
from dayline.http.context import ApiContext
from dayline.http.rate_limit import RateLimiter
from dayline.workflows.job_queue import JobQueue

from .document import Document

GROUPS = {
    "sessions": Sessions,
    "shares": ShareLinks,
    "analyses": Analyses,
    "webhooks": Webhooks,
    "orgs": Orgs,
    "playbooks": Playbooks,
    "prompts": Prompts,
    "uploads": Uploads,
    "console": Console,
    "admin": Admin,
    "service": Service,
}
COMPOSED = {"submit_and_wait", "wait", "upload", "follow", "follow_all"}
"""Methods made of several requests, or of a stream; the real service shows that they work."""


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Document]:
    folder = tmp_path_factory.mktemp("document")
    database = open_database(f"sqlite:///{folder / 'dayline.db'}")
    services = ApiContext(
        database=database,
        jobs=JobQueue(database),
        blobs=Blobs(str(folder / "objects")),
        base_url="http://127.0.0.1",
        cursor_key="for tests only",
        link_key="00" * 32,
        rate_limiter=RateLimiter(per_minute=100, burst=100),
    )
    yield Document(create_api(services).openapi())
    database.close()


def sample(hint: Any) -> Any:
    """Return a value of a type; of a TypedDict every key."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Required, typing.NotRequired):
        return sample(arguments[0])
    if origin is Literal:
        return arguments[-1]
    if origin in (Union, type(int | str)):
        return sample(next(a for a in arguments if a is not type(None)))
    if typing.is_typeddict(hint):
        return {name: sample(t) for name, t in get_type_hints(hint, include_extras=True).items()}
    if origin in (list, dict):
        return [sample(arguments[0])] if origin is list else {"k": "v"}
    if origin is not None and issubclass(origin, typing.Iterable):
        return [sample(arguments[0])]
    return {str: "s1", int: 7, float: 0.5, bool: True}.get(hint, "2026-11-22T08:00:00+00:00")


def arguments_of(method: Any, scratch: Path) -> tuple[dict[str, Any], Any]:
    """Return keyword arguments that fill every parameter, and the TypedDict that the open ones make."""
    hints = get_type_hints(method, include_extras=True)
    filled: dict[str, Any] = {}
    request = None
    for name, parameter in inspect.signature(method).parameters.items():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            request = get_args(hints[name])[0]
            filled |= sample(request)
        elif name == "path":
            filled[name] = scratch
        elif name == "format":
            filled[name] = "srt"
        else:
            filled[name] = sample(hints[name])
    return filled, request


def methods() -> list[tuple[str, str]]:
    return [
        (group, name)
        for group, kind in GROUPS.items()
        for name in vars(kind)
        if not name.startswith("_") and name not in COMPOSED
    ]


@dataclass
class Call:
    """What a method sent when every argument was given, the type of its open arguments and of its answer."""

    asked: Any
    request: Any
    answer: Any


@pytest.fixture(scope="module")
def calls(client: Dayline, _server: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Call]:
    """Call every method once, with every argument."""
    scratch = tmp_path_factory.mktemp("calls") / "day.wav"
    scratch.write_bytes(b"x" * 10)
    _server.reset()
    made: dict[tuple[str, str], Call] = {}
    for group, name in methods():
        method = getattr(getattr(client, group), name)
        filled, request = arguments_of(method, scratch)
        if "link" in filled:
            filled["link"] = {**filled["link"], "upload_url": _server.base_url + "/v1/files/k1", "headers": {}}
        if "signed_url" in filled:
            filled["signed_url"] = _server.base_url + "/v1/files/k1"
        answer = method(**filled)
        if isinstance(answer, Listing):
            answer.page()
        made[group, name] = Call(_server.asked[-1], request, get_type_hints(method)["return"])
    return made


def operation_of(document: Any, asked: Any) -> tuple[str, str]:
    found = [
        (method, path)
        for method, path in document.operations
        if method == asked.method and re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", path), asked.path)
    ]
    # "/a/b" goes before "/a/{x}"
    assert found, f"the document has no {asked.method} {asked.path}"
    return min(found, key=lambda operation: operation[1].count("{"))


def test_every_operation_has_a_method_and_every_method_an_operation(document, calls) -> None:
    called = {operation_of(document, call.asked) for call in calls.values()}
    called |= {("GET", "/v1/all-day-sessions/{session_id}/events"), ("GET", "/v1/events")}
    called |= {(method, "/v1/console/session") for method in ("POST", "DELETE")}  # for browsers only
    assert set(document.operations) - called == set()


@pytest.mark.parametrize(("group", "name"), methods())
def test_a_method_sends_what_the_operation_takes(document, calls, group, name) -> None:
    call = calls[group, name]
    operation = document.operations[operation_of(document, call.asked)]
    parameters = {(p["in"], p["name"]) for p in operation.get("parameters", [])}
    assert set(call.asked.query) == {name for place, name in parameters if place == "query"}
    assert bool(call.asked.body) == ("requestBody" in operation)
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    if body is not None:
        body = next((one for one in body.get("anyOf", []) if "$ref" in one), body)
        assert set(call.asked.json) == set(document.resolve(body).get("properties", call.asked.json))
        if call.request is not None:
            assert document.differences(call.request, body) == []
    if ("header", "Idempotency-Key") in parameters:
        assert call.asked.headers["idempotency-key"]


@pytest.mark.parametrize(("group", "name"), methods())
def test_the_types_of_answers_are_those_of_the_document(document, calls, group, name) -> None:
    call = calls[group, name]
    operation = document.operations[operation_of(document, call.asked)]
    good = next(answer for status, answer in operation["responses"].items() if status.startswith("2"))
    schema = good.get("content", {}).get("application/json", {}).get("schema")
    answer = call.answer
    if answer in (type(None), str, bytes):
        return
    assert schema is not None
    if get_origin(answer) is Listing:
        answer = get_args(answer)[0]
        # A list with several views answers one of several pages.
        pages = [document.resolve(one)["properties"]["data"]["items"] for one in schema.get("anyOf", [schema])]
        schema = next((page for page in pages if not document.differences(answer, page)), pages[0])
    elif "anyOf" in schema:
        schema = next((one for one in schema["anyOf"] if not document.differences(answer, one)), schema)
    assert document.differences(answer, schema, answer.__name__) == []


def test_corrections_are_those_of_the_document(document) -> None:
    from dayline_client.types.corrections import Corrections

    assert document.differences(Corrections, {"$ref": "#/components/schemas/Corrections"}) == []


def test_the_guide_names_every_method() -> None:
    guide = (Path(__file__).parents[2] / "docs/client.md").read_text(encoding="utf-8")
    for group, kind in GROUPS.items():
        row = next(line for line in guide.splitlines() if line.startswith(f"| `dayline.{group}` |"))
        named = set(re.findall(r"`(\w+)`", row.split("|")[2]))
        assert named == {name for name in vars(kind) if not name.startswith("_")}


def test_the_client_needs_nothing_of_the_service() -> None:
    code = "import sys, dayline_client; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )
    assert "httpx2" in loaded
    assert loaded.isdisjoint({"numpy", "sqlalchemy", "fastapi", "pydantic", "dbos", "av"})
