"""Webhooks section of the OpenAPI document: the events that partners receive."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import FastAPI, Header
from pydantic import Field

from dayline.analyses.schemas import AnalysisShown
from dayline.domain.json_types import JsonObject
from dayline.domain.status import EventType
from dayline.http.schemas import ResponseModel
from dayline.sessions.schemas import SessionShown

EventId = Annotated[str, Field(pattern="^evt_", description="The same over all retries: use it to discard duplicates.")]


class SessionEvent(ResponseModel):
    """An event of a session. `data` is the session as GET returns it."""

    id: EventId
    type: Literal[
        "all_day_session.processing_started",
        "all_day_session.detected",
        "all_day_session.completed",
        "all_day_session.failed",
        "all_day_session.corrected",
    ]
    created_at: datetime
    data: SessionShown


class AnalysisEvent(ResponseModel):
    """An event of an analysis. `data` is the full row as GET returns it."""

    id: EventId
    type: Literal["analysis.completed", "analysis.failed"]
    created_at: datetime
    data: AnalysisShown


class TestEvent(ResponseModel):
    """A test event, sent on request to check the receiver."""

    id: EventId
    type: Literal["webhook.test"]
    created_at: datetime
    data: JsonObject


_WHEN = {
    EventType.SESSION_STARTED: "A worker has picked the session up.",
    EventType.SESSION_DETECTED: "The segments are visible, before their analyses run.",
    EventType.ANALYSIS_COMPLETED: "One conversation is analysed; once per segment, and for analyses of their own.",
    EventType.ANALYSIS_FAILED: "One conversation could not be analysed; the session goes on.",
    EventType.SESSION_COMPLETED: "Every child has ended and the rollup is there.",
    EventType.SESSION_FAILED: "The session ended early; `data.error` says why.",
    EventType.SESSION_CORRECTED: "A person has corrected the segments.",
    EventType.WEBHOOK_TEST: "Sent on request only.",
}


def add_webhooks(app: FastAPI) -> None:
    """Describe every event. These routes are never served."""
    for event in EventType:
        body = _body(event)

        def receive(
            body: ResponseModel,  # replaced below: the type differs per event
            webhook_id: Annotated[str, Header()],
            webhook_timestamp: Annotated[int, Header(description="Unix seconds.")],
            webhook_signature: Annotated[str, Header(description="Standard Webhooks: `v1,<base64>` per secret.")],
            x_parlay_event: Annotated[str, Header()],
            x_parlay_delivery: Annotated[str, Header(description="New for every attempt.")],
            x_parlay_signature: Annotated[
                str, Header(description='t=<unix>,v1=<hex HMAC-SHA256 of "t.body">; one v1 per secret.')
            ],
        ) -> None:
            del body, webhook_id, webhook_timestamp, webhook_signature
            del x_parlay_event, x_parlay_delivery, x_parlay_signature

        receive.__annotations__["body"] = body
        receive.__name__ = event.value.replace(".", "_")
        app.webhooks.post(event.value, summary=event.value, description=_WHEN[event], tags=["Webhooks"])(receive)


def _body(event: EventType) -> type[ResponseModel]:
    if event is EventType.WEBHOOK_TEST:
        return TestEvent
    return AnalysisEvent if event.value.startswith("analysis.") else SessionEvent
