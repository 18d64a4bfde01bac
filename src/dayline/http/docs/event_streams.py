"""Event streams in the OpenAPI document: the events and their data.

OpenAPI 3.1 describes the whole body of a response and has no items of a stream. The schema therefore describes one
event, with `event`, `id` and `data`, in the form that OpenAPI 3.2 has for it: `data` is a string that holds JSON.
"""

from __future__ import annotations

from typing import Any

from dayline.domain.json_types import JsonObject
from dayline.domain.status import EventType, SessionStatus

_MEDIA_TYPE = "text/event-stream"
_SESSION_EVENTS = [event.value for event in EventType if event.value.startswith("all_day_session.")]
_ANALYSIS_EVENTS = [event.value for event in EventType if event.value.startswith("analysis.")]
_ENDED = [status.value for status in SessionStatus if status.is_terminal]
_ID: JsonObject = {"type": "string", "pattern": "^[0-9]+$", "description": "Send it back as `Last-Event-ID`."}
_UUID_OR_NULL: JsonObject = {"anyOf": [{"type": "string", "format": "uuid"}, {"type": "null"}]}
_STATUS: JsonObject = {"type": "string", "enum": [status.value for status in SessionStatus]}


def describe_streams(document: dict[str, Any]) -> None:
    """Add the events of both streams to their responses."""
    for path, (text, events, example) in _streams().items():
        response = document["paths"][path]["get"]["responses"]["200"]
        response["description"] = text
        schema: JsonObject = {"title": "One event of the stream", "oneOf": events}
        response["content"] = {_MEDIA_TYPE: {"schema": schema, "example": example}}


def _streams() -> dict[str, tuple[str, list[JsonObject], str]]:
    comment = "A comment line keeps the connection open when nothing happens."
    return {
        "/v1/all-day-sessions/{session_id}/events": (
            f"Events of one session until it has ended. {comment}",
            [
                _event("Event of the session", _SESSION_EVENTS, _ref("SessionEvent"), has_id=True),
                _event("Event of an analysis", _ANALYSIS_EVENTS, _ref("AnalysisEvent"), has_id=True),
                _event("Progress", ["progress"], _progress()),
                _event("End", ["end"], _end([*_ENDED, "deleted", "key_revoked"])),
            ],
            'event: progress\ndata: {"status": "transcribing", "stage": "transcribe", "percent": 40.0, '
            '"transcribed_seconds": 3600.0, "spans_done": 12, "spans_total": null, "eta_seconds": null}\n\n'
            'event: end\ndata: {"status": "completed"}\n\n',
        ),
        "/v1/events": (
            f"Events of the whole partner, until the client leaves. {comment}",
            [
                _event("Ready", ["ready"], {"type": "object", "maxProperties": 0}, has_id=True),
                _event("Event", [*_SESSION_EVENTS, *_ANALYSIS_EVENTS], _partner_event(), has_id=True),
                _event("Progress", ["progress"], _progress(session_id={"type": "string", "format": "uuid"})),
                _event("End", ["end"], _end(["key_revoked"])),
            ],
            "event: ready\nid: 1204\ndata: {}\n\n"
            'event: progress\ndata: {"session_id": "0198c2f0-6f7e-7a51-9a53-0f5b1f0a5a11", "status": "detecting", '
            '"stage": "detect", "percent": 90.0, "transcribed_seconds": 28800.0, "spans_done": 96, "spans_total": 96, '
            '"eta_seconds": null}\n\n',
        ),
    }


def _event(title: str, names: list[str], data: JsonObject, *, has_id: bool = False) -> JsonObject:
    properties: dict[str, object] = {"event": {"type": "string", "enum": names}}
    if has_id:
        properties["id"] = _ID
    properties["data"] = {"type": "string", "contentMediaType": "application/json", "contentSchema": data}
    return {"title": title, "type": "object", "required": list(properties), "properties": properties}


def _progress(**more: JsonObject) -> JsonObject:
    """Return the schema of `progress`: the session's status and the members of its `progress`."""
    members: JsonObject = {**more, "status": _STATUS}
    own: JsonObject = {"type": "object", "required": list(members), "properties": members}
    return {"allOf": [own, _ref("Progress")]}


def _end(statuses: list[str]) -> JsonObject:
    status: JsonObject = {"type": "string", "enum": statuses}
    return {"type": "object", "required": ["status"], "properties": {"status": status}}


def _partner_event() -> JsonObject:
    """Return the schema of an event of the partner's stream: no `data` with `include_data=false` and for people."""
    members: JsonObject = {
        "id": {"type": "string", "pattern": "^evt_"},
        "type": {"type": "string", "enum": [*_SESSION_EVENTS, *_ANALYSIS_EVENTS]},
        "created_at": {"type": "string", "format": "date-time"},
        "session_id": _UUID_OR_NULL,
        "analysis_id": _UUID_OR_NULL,
        "data": {
            "anyOf": [_ref("SessionShown"), _ref("AnalysisShown")],
            "description": "The session or analysis as GET returns it; absent with `include_data=false` and for people "
            "who are signed in.",
        },
    }
    required = [name for name in members if name != "data"]
    return {"type": "object", "required": required, "properties": members}


def _ref(name: str) -> JsonObject:
    return {"$ref": f"#/components/schemas/{name}"}
