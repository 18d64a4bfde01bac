"""Routes for operators: liveness, readiness, metrics."""

from __future__ import annotations

from datetime import datetime

from fastapi import Request
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from typing_extensions import TypedDict

from dayline.clock import now, utc
from dayline.domain.errors import Unavailable
from dayline.domain.status import SessionStatus
from dayline.http.dependencies import api_context
from dayline.http.routing import public_router
from dayline.sessions import repository as sessions
from dayline.webhooks import deliveries_repository as deliveries
from dayline.workflows import counters
from dayline.workflows import lease_repository as leases
from dayline.workflows import queue_repository as queues
from dayline.workflows.job_queue import QUEUES

_COUNTERS = {
    counters.RETRIES: "Attempts of steps that were repeated, by kind of failure.",
    counters.SWEPT: "Jobs that were lost and queued again.",
    counters.TAKEN_OVER: "Jobs that were taken over from workers whose lease had expired.",
}

router = public_router(tag="Service")


class Health(TypedDict):
    """Whether the service is alive or ready."""

    status: str


@router.get("/healthz", response_model=Health, summary="Liveness")
async def healthz() -> JSONResponse:
    """200 while the process runs; nothing else is checked."""
    return JSONResponse({"status": "ok"})


@router.get(
    "/readyz",
    response_model=Health,
    summary="Readiness",
    responses={503: {"$ref": "#/components/responses/Error503"}},
)
def readyz(request: Request) -> JSONResponse:
    """200 when the database can be written and at least one worker is alive, else 503 that names what is missing."""
    context = api_context(request)
    context.database.check_writable()
    with context.database.read() as tx:
        living = leases.count_fresh(tx, context.lease_seconds)
    if living == 0:
        raise Unavailable("No worker is alive: submissions are kept and wait for one.", part="worker")
    return JSONResponse({"status": "ready"})


@router.get(
    "/metrics",
    response_class=PlainTextResponse,
    summary="Figures for Prometheus",
)
def metrics(request: Request) -> PlainTextResponse:
    """Sessions by status, ages of queues, living workers, what workers retried, requests of this process."""
    context = api_context(request)
    registry = CollectorRegistry()
    by_status = Gauge("dayline_sessions", "Sessions by status.", ["status"], registry=registry)
    waiting = Gauge("dayline_queue_age_seconds", "Age of the oldest session that waits.", registry=registry)
    queue_age = Gauge(
        "dayline_job_queue_age_seconds", "Age of the oldest job that waits, by queue.", ["queue"], registry=registry
    )
    pending = Gauge("dayline_deliveries_pending", "Webhook deliveries that have not ended.", registry=registry)
    workers = Gauge("dayline_workers", "Workers with a fresh lease.", registry=registry)
    with context.database.read() as tx:
        counts = sessions.count_by_status(tx)
        oldest = sessions.oldest_waiting(tx)
        workers.set(leases.count_fresh(tx, context.lease_seconds))
        oldest_jobs = queues.oldest_queued_ms(tx)
        oldest_delivery = deliveries.oldest_due(tx, at=now())
        pending.set(deliveries.count_pending(tx))
        counted = counters.totals(tx)
    for queue in QUEUES:
        since_ms = oldest_jobs.get(queue.name)
        age = 0.0 if since_ms is None else max(0.0, now().timestamp() - since_ms / 1000)
        queue_age.labels(queue.name).set(age)
    queue_age.labels("deliveries").set(_age_seconds(oldest_delivery))
    for name, help_text in _COUNTERS.items():
        series = Counter(f"dayline_{name}", help_text, ["kind"], registry=registry)
        of_name = {label: number for (counter, label), number in counted.items() if counter == name}
        for label, number in (of_name or {"": 0}).items():
            series.labels(label).inc(number)
    for status in SessionStatus:
        by_status.labels(status.value).set(counts.get(status.value, 0))
    waiting.set(_age_seconds(oldest))
    text = generate_latest(registry) + generate_latest(request.app.state.meter.registry)
    return PlainTextResponse(text, media_type="text/plain; version=0.0.4; charset=utf-8")


def _age_seconds(moment: datetime | None) -> float:
    return 0.0 if moment is None else max(0.0, (now() - utc(moment)).total_seconds())
