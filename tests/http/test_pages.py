"""The service documents itself, offline and completely."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import dayline
from dayline.domain.status import EventType
from dayline.http.docs.error_catalogue import CODES
from dayline.workflows import lease_repository as leases

SOURCE = Path(dayline.__file__).parent


def codes_in_the_source() -> set[str]:
    found = set()
    for path in SOURCE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        found |= set(re.findall(r'\bcode="([a-z_]+)"', text))
        found |= set(re.findall(r'default_code = "([a-z_]+)"', text))
        found |= {f"{noun}_not_found" for noun in re.findall(r'NotFound\.of\("([a-z_]+)"', text)}
    return found | {"internal_error"}


def test_every_code_has_a_page_and_every_page_a_code(sqlite_app):
    raised = codes_in_the_source()
    assert raised - set(CODES) == set()
    by_schema = {"missing_field", "invalid_enum", "method_not_allowed"}
    assert set(CODES) - raised - by_schema == set()
    index = sqlite_app.stranger().get("/docs/errors").body.decode()
    for code in CODES:
        page = sqlite_app.stranger().get(f"/docs/errors/{code}")
        assert page.status == 200
        assert f"<h1>{code}</h1>" in page.body.decode()
        assert f"/docs/errors/{code}" in index
    assert sqlite_app.stranger().get("/docs/errors/nonsense").status == 404


def test_the_document_is_complete(sqlite_app):
    document = sqlite_app.stranger().get("/openapi.json").json
    assert set(document["webhooks"]) == {event.value for event in EventType}
    names = []
    for path, item in document["paths"].items():
        for method, operation in item.items():
            names.append(operation["operationId"])
            assert operation["summary"], path
            assert operation["tags"], path
            responses = operation["responses"]
            if (method, path) == ("post", "/v1/console/session"):
                assert operation["security"] == []
            elif path.startswith("/v1/shared/"):
                assert operation["security"] == []
                assert {"404", "429"} <= set(responses), path
            elif path.startswith("/v1/") and not path.startswith("/v1/files/"):
                assert [list(one) for one in operation["security"]] == [["bearer"]]
                assert {"400", "401", "403", "413", "429", "500", "503"} <= set(responses), path
                if method != "get":
                    parameters = [p.get("name") for p in operation["parameters"]]
                    assert "Idempotency-Key" in parameters, path
                    assert "409" in responses, path
            for status, response in responses.items():
                if status in ("200", "201", "202"):
                    assert response.get("content"), (path, method)
            if "requestBody" in operation:
                assert "application/json" in operation["requestBody"]["content"] or path.startswith("/v1/files/")
    assert len(names) == len(set(names))
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_references_in_the_document_lead_somewhere(sqlite_app):
    document = sqlite_app.stranger().get("/openapi.json").json

    def walk(value):
        if isinstance(value, dict):
            if isinstance(value.get("$ref"), str):
                place = document
                for name in value["$ref"].removeprefix("#/").split("/"):
                    place = place[name]
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(document)


@pytest.mark.parametrize(
    "path", ["/docs", "/docs/guides", "/docs/assets/reference.js", "/docs/assets/pages.css", "/llms.txt"]
)
def test_pages_need_nobody_else(sqlite_app, path):
    answer = sqlite_app.stranger().get(path)
    assert answer.status == 200
    outside = re.findall(r"(?:src|href)=[\"'](https?:)?//[^\"']+", answer.body.decode())
    assert outside == []


def test_the_reference_is_drawn_by_files_of_the_service(sqlite_app):
    page = sqlite_app.stranger().get("/docs")
    assert "script-src 'self';" in page.headers["content-security-policy"]
    for path in re.findall(r'(?:src|href)="(/[^"]+)"', page.body.decode()):
        assert sqlite_app.stranger().get(path).status == 200, path
    document = sqlite_app.stranger().get("/openapi.json").json
    assert {hook["post"]["summary"] for hook in document["webhooks"].values()} == set(document["webhooks"])
    sample = document["paths"]["/v1/all-day-sessions/{session_id}"]["get"]["x-codeSamples"][0]["source"]
    assert sample.startswith('curl --request GET "' + sqlite_app.services.base_url + "/v1/all-day-sessions/$SESSION_ID")


def test_llms_lists_pages_that_exist(sqlite_app):
    stranger = sqlite_app.stranger()
    text = stranger.get("/llms.txt").body.decode()
    links = re.findall(r"\]\(" + re.escape(sqlite_app.services.base_url) + r"([^)]+)\)", text)
    assert len(links) >= 7
    for link in links:
        assert stranger.get(link).status == 200, link
    assert "POST /v1/all-day-sessions" in text


def test_alive_ready_and_measured(app):
    stranger = app.stranger()
    assert stranger.get("/healthz").json == {"status": "ok"}
    waiting = stranger.get("/readyz")
    assert (waiting.status, waiting.code) == (503, "unavailable")
    assert waiting.json["error"]["details"]["part"] == "worker"
    with app.database.write() as tx:
        leases.beat(tx, "worker-of-the-test")
    assert stranger.get("/readyz").json == {"status": "ready"}
    with app.database.write() as tx:
        leases.release(tx, "worker-of-the-test")
    caller = app.caller()
    caller.post("/v1/all-day-sessions", {"org_id": "a", "rep_id": "b", "recording_url": "https://example.com/x.mp3"})
    text = stranger.get("/metrics").body.decode()
    assert 'dayline_sessions{status="queued"}' in text
    assert "dayline_queue_age_seconds" in text
    for queue in ("days", "chunks", "analyses", "deliveries"):
        assert f'dayline_job_queue_age_seconds{{queue="{queue}"}}' in text
    for name in ("retries", "jobs_swept", "jobs_taken_over"):
        assert f"dayline_{name}_total{{" in text
    assert "dayline_deliveries_pending 0.0" in text
    assert 'dayline_http_requests_total{method="POST",route="/v1/all-day-sessions",status="202"}' in text
