"""Binds the steps to a worker's parts and registers every job with the workflow engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dayline.workflows.engine import Worker
from dayline.workflows.session_workflow import Steps, run_session
from dayline.workflows.step_failure import returns_failure
from dayline.workflows.steps import analyze, begin, call, detect, finish, ingest, speakers, transcribe, wait
from dayline.workflows.worker_context import WorkerContext

Deliver = Callable[[str, int], None]


def register_jobs(worker: Worker, parts: WorkerContext, deliver: Deliver) -> None:
    """Register day, span, analysis, call and delivery. `deliver` makes one attempt at one delivery."""

    def step(name: str, body: Callable[..., None]) -> Callable[..., Any]:
        return worker.step(name, returns_failure(_bound(body, parts)))

    def look(name: str, body: Callable[..., int]) -> Callable[..., int]:
        return worker.step(name, _bound(body, parts))

    steps = Steps(
        begin=step("begin", begin.begin),
        ingest=step("ingest", ingest.ingest),
        spans_left=look("spans_left", wait.spans_left),
        name_the_speakers=step("name_the_speakers", speakers.name_the_speakers),
        detect=step("detect", detect.detect),
        start_analyses=step("start_analyses", analyze.start_analyses),
        analyses_left=look("analyses_left", wait.analyses_left),
        complete=step("complete", finish.complete),
        fail=step("fail", finish.fail),
        clean=step("clean", finish.clean),
    )
    span = step("transcribe_span", transcribe.transcribe_span)
    analysis = step("analyze", analyze.analyze)
    one_call = step("call", call.call)
    delivery = worker.step("deliver", _plain(deliver))

    def day_job(session_id: str, run: int) -> None:
        run_session(session_id, run, steps, lambda seconds: worker.wait_for("news", seconds=seconds))

    def span_job(session_id: str, run: int, number: int, attempt: int) -> None:
        span(session_id, run, number, attempt)

    def analysis_job(analysis_id: str, attempt: int) -> None:
        analysis(analysis_id, attempt)

    def call_job(analysis_id: str) -> None:
        one_call(analysis_id)

    def delivery_job(delivery_id: str, number: int) -> None:
        delivery(delivery_id, number)

    worker.add_job("day", day_job)
    worker.add_job("span", span_job)
    worker.add_job("analysis", analysis_job)
    worker.add_job("call", call_job)
    worker.add_job("delivery", delivery_job)


def _plain(deliver: Deliver) -> Deliver:
    """Return a function of its own: the engine marks functions, and cannot mark the method of an object."""

    def one_attempt(delivery_id: str, number: int) -> None:
        deliver(delivery_id, number)

    return one_attempt


def _bound(body: Callable[..., Any], parts: WorkerContext) -> Callable[..., Any]:
    def bound(*arguments: Any) -> Any:
        return body(parts, *arguments)

    bound.__name__ = body.__name__
    return bound
