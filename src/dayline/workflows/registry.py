"""Bind the steps to a worker's context and register every job with the workflow engine."""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable
from typing import Any

from dayline.domain.errors import DaylineError
from dayline.workflows import calls
from dayline.workflows.engine import Worker
from dayline.workflows.job_queue import ANALYSES
from dayline.workflows.retry import InARow
from dayline.workflows.session_workflow import Attempt, Step, Steps, run_session
from dayline.workflows.step_runner import patient_step, session_step
from dayline.workflows.steps import analyze, begin, detect, finish, ingest, speakers, transcribe, wait
from dayline.workflows.warmup import warm_up_analyses
from dayline.workflows.worker_context import WorkerContext


def register_jobs(worker: Worker, context: WorkerContext) -> None:
    """Register the session, chunk, analysis and call jobs."""

    def step(name: str, body: Callable[..., None]) -> Step:
        return worker.step(name, session_step(body, context))

    @functools.wraps(detect.detect)
    def detect_conversations(context: WorkerContext, session_id: str, run: int) -> None:
        worker.expect_analyses()
        detect.detect(context, session_id, run)

    def patient(name: str, body: Callable[..., Any]) -> Callable[..., Any]:
        return worker.step(name, patient_step(body, context))

    steps = Steps(
        begin=step("begin", begin.begin),
        ingest=step("ingest", ingest.ingest),
        chunks_left=patient("chunks_left", wait.chunks_left),
        name_the_speakers=step("name_the_speakers", speakers.name_the_speakers),
        detect=step("detect", detect_conversations),
        start_analyses=step("start_analyses", analyze.start_analyses),
        analyses_left=patient("analyses_left", wait.analyses_left),
        complete=step("complete", finish.complete),
        postpone=patient("postpone", finish.postpone),
        fail=patient("fail", finish.fail),
        clean=step("clean", finish.clean),
    )
    chunk = patient("transcribe_chunk", transcribe.transcribe_chunk)
    analysis = patient("analyze", analyze.analyze)
    adopt_call = patient("call", calls.adopt_call)

    def day_job(session_id: str, run: int, number: int = 1, failed_step: str = "", failures: int = 0) -> None:
        attempt = Attempt(number, InARow(failed_step, failures))
        run_session(
            session_id, run, attempt, steps, lambda seconds: worker.wait_for("news", seconds=seconds), context.retry
        )

    def chunk_job(
        session_id: str, run: int, number: int, attempt: int, failed_step: str = "", failures: int = 0
    ) -> None:
        chunk(session_id, run, number, attempt, InARow(failed_step, failures))
        left = wait.last_chunks_left(context, session_id)
        if left is not None:
            worker.expect_analyses()
        if left == 1:
            _load_models(context)

    def analysis_job(analysis_id: str, attempt: int, failed_step: str = "", failures: int = 0) -> None:
        analysis(analysis_id, attempt, InARow(failed_step, failures))

    def call_job(analysis_id: str) -> None:
        adopt_call(analysis_id)

    worker.add_job("day", day_job)
    worker.add_job("chunk", chunk_job)
    worker.add_job("analysis", analysis_job)
    worker.add_job("call", call_job)


_MOST_ANALYSES = ANALYSES.per_partition or 1


def _load_models(context: WorkerContext) -> None:
    """Load the models of detector and rubric while the last chunk of a day is transcribed.

    Not earlier: they take 70 MB in each computing process, as much as the recogniser without work then needs less. Not
    in more processes than the analyses of one day use at once.
    """

    def load() -> None:
        with contextlib.suppress(DaylineError, RuntimeError):  # a stop while they still load
            context.compute.run(warm_up_analyses)

    for _ in range(min(context.compute.processes, _MOST_ANALYSES)):
        threading.Thread(target=load, daemon=True, name="warm-up").start()
