"""Routes for operators: is it alive, can it take work, what is it doing."""

from __future__ import annotations

from datetime import datetime

from fastapi import Request
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from dayline.clock import now, utc
from dayline.domain.errors import Unavailable
from dayline.domain.status import SessionStatus
from dayline.http.dependencies import services
from dayline.http.routing import public_router
from dayline.http.schemas import ResponseModel
from dayline.sessions import repository as sessions
from dayline.workflows import lease_repository as leases

router = public_router(tag="Service")


class Health(ResponseModel):
    """The state of a part."""

    status: str


@router.get("/healthz", response_model=Health, summary="Alive?")
def healthz() -> JSONResponse:
    """Answers as long as the process does."""
    return JSONResponse({"status": "ok"})


@router.get(
    "/readyz",
    response_model=Health,
    summary="Can it take work?",
    responses={503: {"$ref": "#/components/responses/Error503"}},
)
def readyz(request: Request) -> JSONResponse:
    """200 when the database takes a write and a worker lives; else 503 that says which of them does not."""
    parts = services(request)
    parts.database.check_writable()
    with parts.database.read() as tx:
        living = leases.count_fresh(tx, parts.lease_seconds)
    if living == 0:
        raise Unavailable("No worker is alive: submissions are kept and wait for one.", part="worker")
    return JSONResponse({"status": "ready"})


@router.get(
    "/metrics",
    response_class=PlainTextResponse,
    summary="Figures for Prometheus",
)
def metrics(request: Request) -> PlainTextResponse:
    """Sessions by status, age of the oldest one that waits, living workers, requests of this process."""
    parts = services(request)
    registry = CollectorRegistry()
    by_status = Gauge("dayline_sessions", "Sessions by status.", ["status"], registry=registry)
    waiting = Gauge("dayline_queue_age_seconds", "Age of the oldest session that waits.", registry=registry)
    workers = Gauge("dayline_workers", "Workers with a fresh lease.", registry=registry)
    with parts.database.read() as tx:
        counts = sessions.count_by_status(tx)
        oldest = sessions.oldest_waiting(tx)
        workers.set(leases.count_fresh(tx, parts.lease_seconds))
    for status in SessionStatus:
        by_status.labels(status.value).set(counts.get(status.value, 0))
    waiting.set(_age_seconds(oldest))
    text = generate_latest(registry) + generate_latest(request.app.state.meter.registry)
    return PlainTextResponse(text, media_type="text/plain; version=0.0.4; charset=utf-8")


def _age_seconds(moment: datetime | None) -> float:
    return 0.0 if moment is None else max(0.0, (now() - utc(moment)).total_seconds())
