"""Refusals name the exact field, for every kind of rule and at every depth."""

from __future__ import annotations

import re

import pytest

from dayline.orgs.schemas import CHOICES

DAY = {"org_id": "acme", "rep_id": "rep-1", "recording_url": "https://recordings.example.com/x.mp3"}
ORG = {"org_id": "acme"}
HOOK = {"url": "https://hooks.example.com/x"}


@pytest.mark.parametrize(
    ("path", "body", "field", "code"),
    [
        ("/v1/orgs", {**ORG, "settings": {"share_links": "yes"}}, "settings.share_links", "invalid_enum"),
        ("/v1/orgs", {**ORG, "settings": {"language_model": True}}, "settings.language_model", "invalid_enum"),
        (
            "/v1/orgs",
            {**ORG, "pii_policy": {"redact_fields": ["ssn", "dob"]}},
            "pii_policy.redact_fields[1]",
            "invalid_enum",
        ),
        ("/v1/orgs", {**ORG, "pii_policy": {"retain_days": 3}}, "pii_policy.retain_days", "invalid_request"),
        ("/v1/orgs", {**ORG, "timezone": "Mars/X"}, "timezone", "invalid_request"),
        ("/v1/webhooks", {**HOOK, "enabled_events": ["*", "analysis.done"]}, "enabled_events[1]", "invalid_enum"),
        ("/v1/webhooks", {"enabled_events": ["*"]}, "url", "missing_field"),
        (
            "/v1/all-day-sessions",
            {**DAY, "options": {"min_confidence": 2}},
            "options.min_confidence",
            "invalid_request",
        ),
        ("/v1/all-day-sessions", {**DAY, "options": {"colour": 2}}, "options.colour", "invalid_request"),
        (
            "/v1/all-day-sessions",
            {**DAY, "options": {"prompt_overrides": [{"title": "a", "content": "b"}, {"title": "a"}]}},
            "options.prompt_overrides[1].content",
            "missing_field",
        ),
        (
            "/v1/all-day-sessions",
            {**DAY, "options": {"appointments": [{"start_seconds": 3}]}},
            "options.appointments[0]",
            "invalid_request",
        ),
        (
            "/v1/all-day-sessions",
            {**DAY, "options": {"callback_url": "http://hooks.example.com"}},
            "options.callback_url",
            "invalid_url",
        ),
        (
            "/v1/orgs/acme/prompts",
            {"title": "t", "prompt_content": "c", "prompt_type": "x"},
            "prompt_type",
            "invalid_enum",
        ),
    ],
)
def test_a_refused_body_names_its_field(sqlite_app, path, body, field, code):
    caller = sqlite_app.caller()
    caller.post("/v1/orgs", ORG)
    answer = caller.post(path, body)
    error = answer.json["error"]
    assert (answer.status, error["code"], error["details"]["field"]) == (400, code, field), answer.body
    assert f"`{field}`" in error["message"]


@pytest.mark.parametrize("email", ["a@b", "\N{SNOWMAN}@1", "jo.doe+x@example.com"])
def test_addresses_of_people_are_taken(sqlite_app, email):
    rep = {"rep_id": "rep-1", "email": email}
    caller = sqlite_app.caller()
    caller.post("/v1/orgs", ORG)
    assert caller.post("/v1/orgs/acme/reps", rep).json["email"] == email


@pytest.mark.parametrize("space", ["\t", " ", "\x85", "\xa0", "\u2028", "\u3000", "\x7f", "@"])
def test_addresses_of_people_hold_no_space(sqlite_app, space):
    caller = sqlite_app.caller()
    caller.post("/v1/orgs", ORG)
    answer = caller.post("/v1/orgs/acme/reps", {"rep_id": "rep-1", "email": f"a{space}b@example.com"})
    assert answer.json["error"]["details"]["field"] == "email"
    pattern = sqlite_app.stranger().get("/openapi.json").json["components"]["schemas"]["PartnerRequest"]
    assert not re.search(pattern["properties"]["contact_email"]["pattern"], f"a{space}b@example.com")


@pytest.mark.parametrize("name", sorted(CHOICES))
def test_a_refused_setting_lists_its_values(sqlite_app, name):
    answer = sqlite_app.caller().post("/v1/orgs", {**ORG, "settings": {"own": 1, name: "none of them"}})
    assert answer.json["error"]["details"]["allowed"] == list(CHOICES[name])
    assert answer.json["error"]["message"] == f"`settings.{name}` must be one of: {', '.join(CHOICES[name])}."


@pytest.mark.parametrize(
    ("query", "field"),
    [("status=done", "status"), ("limit=0", "limit"), ("created_after=now", "created_after"), ("colour=red", "colour")],
)
def test_a_refused_query_names_its_parameter(sqlite_app, query, field):
    error = sqlite_app.caller().get(f"/v1/all-day-sessions?{query}").json["error"]
    assert error["details"]["field"] == field
    assert f"`{field}`" in error["message"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"options": {"min_confidence": 2}}, "`options.min_confidence`: must be 1.0 or less."),
        ({"options": {"min_confidence": -1}}, "`options.min_confidence`: must be 0.0 or more."),
        ({"rep_id": ""}, "`rep_id`: must not be empty."),
        ({"rep_id": "r" * 257}, "`rep_id`: must have 256 characters or less."),
        ({"rep_id": "a b"}, "`rep_id`: must match the pattern ^[A-Za-z0-9._:-]+$."),
        (
            {"options": {"prompt_overrides": [{"title": "t", "content": "c"}] * 21}},
            "`options.prompt_overrides`: must have 20 items or less.",
        ),
        ({"options": 3}, "`options`: must be a JSON object."),
    ],
)
def test_a_broken_bound_is_told(sqlite_app, body, message):
    assert sqlite_app.caller().post("/v1/all-day-sessions", {**DAY, **body}).json["error"]["message"] == message


def test_an_admin_key_is_told_the_scope_of_the_route(sqlite_app):
    admin = sqlite_app.caller("admin")
    for answer, scope in (
        (admin.get("/v1/all-day-sessions"), "partner:read"),
        (admin.post("/v1/all-day-sessions", DAY), "partner:write"),
    ):
        assert (answer.code, answer.json["error"]["details"]["required_scope"]) == ("scope_required", scope)
