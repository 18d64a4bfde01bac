"""Composition root: build the API, the worker and their dependencies from the settings."""

from __future__ import annotations

import contextlib
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
from fastapi import FastAPI

from dayline import __version__
from dayline.analyses.view import analysis_view
from dayline.asr.capacity import CapacityPlan, plan_capacity, this_machine
from dayline.asr.registry import SpeechConfig, describe_available
from dayline.asr.transcriber_pool import TranscriberPool
from dayline.audio.ports import IngestLimits, LocalFile
from dayline.audio.sources.blob import BlobSource
from dayline.audio.sources.http import HttpLimits, HttpSource
from dayline.db import installation_settings as stored_settings
from dayline.db.blobs import Blobs
from dayline.db.database import Database
from dayline.diarization import registry as voice_models
from dayline.domain.errors import DaylineError, InvalidRecording
from dayline.domain.reading import Reader
from dayline.http.app import create_api
from dayline.http.context import ApiContext
from dayline.http.rate_limit import RateLimiter
from dayline.llm.config import LanguageConfig
from dayline.llm.ports import Analyst
from dayline.llm.registry import load_analyst, load_reader
from dayline.orgs.enrolment import Enroller
from dayline.processes.compute_pool import ComputePool
from dayline.scoring.rubric import RubricAnalyst
from dayline.security.api_keys import make_signing_key
from dayline.security.ssrf import guarded_client, parse_networks
from dayline.sessions.playback import Playback
from dayline.sessions.view import session_view
from dayline.settings import InvalidSetting, Settings
from dayline.web.endpoints import console_router
from dayline.webhooks.delivery import Deliverer, DeliveryPolicy
from dayline.webhooks.dispatcher import Dispatcher
from dayline.workflows.engine import Worker
from dayline.workflows.job_queue import JobQueue
from dayline.workflows.maintenance import Maintenance
from dayline.workflows.registry import register_jobs
from dayline.workflows.step_starts import delete_counts_of
from dayline.workflows.sweep import Sweeper
from dayline.workflows.transcript_import import fetch_transcript
from dayline.workflows.warmup import warm_up
from dayline.workflows.worker_context import OpenedSource, OpenSource, Recording, WorkerContext


def build_api(settings: Settings, database: Database) -> FastAPI:
    """Return the HTTP application. It queues work and computes nothing itself."""
    context = build_api_context(settings, database)
    api = create_api(context)
    api.include_router(console_router(bucket_origin=_bucket_origin(context.blobs)))
    return api


def _bucket_origin(blobs: Blobs) -> str | None:
    """Return the origin that browsers upload to, None where this service takes uploads itself."""
    if blobs.is_local:
        return None
    url, _headers = blobs.sign_put("uploads/origin", seconds=60, content_type="application/octet-stream")
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def build_api_context(settings: Settings, database: Database) -> ApiContext:
    """Return what routes work with."""
    with database.write() as tx:
        link_key = stored_settings.get_or_make(tx, "link_key", make_signing_key)
        cursor_key = stored_settings.get_or_make(tx, "cursor_key", make_signing_key)
    blobs = Blobs(settings.effective_objects_url)
    opener = source_opener(blobs, _guarded_client(settings), settings.max_recording_bytes)
    return ApiContext(
        database=database,
        jobs=JobQueue(database),
        blobs=blobs,
        enroll=Enroller(opener, ComputePool(1), settings.folder / "enrolment", voice_model=voice_model(settings)),
        base_url=settings.effective_base_url,
        cursor_key=cursor_key,
        link_key=link_key,
        allow_networks=parse_networks(settings.allow_networks),
        allow_http=settings.allow_http,
        rate_limiter=RateLimiter(
            settings.requests_per_minute,
            settings.requests_burst,
            # The embedded database belongs to one machine and one API process: counting in memory is enough.
            database=None if database.is_sqlite else database,
        ),
        max_upload_bytes=settings.max_recording_bytes,
        upload_quota_bytes=settings.upload_quota_bytes,
        lease_seconds=settings.lease_seconds,
        version=__version__,
        playback=Playback(blobs, _guarded_client(settings, timeout_seconds=15.0)),
        transcriber=_transcriber_name(settings),
        analyst=settings.analyst if settings.analyst == "rubric" else settings.language_model,
        is_demo_quality=_transcriber_name(settings).partition(" ")[0] in ("pocketsphinx", "fake"),
    )


def _transcriber_name(settings: Settings) -> str:
    """Return the engine that the settings lead to, with its model. Nothing is loaded."""
    if settings.speech_engine != "auto":
        return f"{settings.speech_engine} {settings.speech_model}".strip()
    chosen = next(row for row in describe_available(speech_config(settings)) if row.is_chosen)
    return f"{chosen.engine} {chosen.name}"


@dataclass(frozen=True, slots=True)
class WorkerRuntime:
    """A worker with everything that has to be closed after it."""

    worker: Worker
    parts: WorkerContext
    dispatcher: Dispatcher
    maintenance: Maintenance
    sweeper: Sweeper
    guarded: httpx2.Client

    def start(self) -> None:
        """Begin to work."""
        threading.Thread(target=self._warm_up, daemon=True, name="warm-up").start()
        self.worker.start()
        self.dispatcher.start()
        self.maintenance.start()
        self.sweeper.start()

    def _warm_up(self) -> None:
        with contextlib.suppress(DaylineError, RuntimeError):  # a stop while it still loads
            self.parts.compute.run(warm_up)

    def stop(self, *, drain_seconds: int = 10) -> None:
        """End children and connections; unfinished jobs are taken over by the next worker."""
        self.sweeper.stop()
        self.maintenance.stop()
        self.dispatcher.stop(drain_seconds=2.0)
        self.worker.stop(drain_seconds=drain_seconds)
        delete_counts_of(self.parts, self.parts.executor_id)
        self.parts.recognisers.close()
        self.parts.compute.close()
        self.parts.jobs.close()
        self.guarded.close()


def build_worker(settings: Settings, database: Database, *, open_source: OpenSource | None = None) -> WorkerRuntime:
    """Return a worker that knows every job. `open_source` replaces where recordings come from."""
    capacity = _capacity(settings)
    recognisers = capacity.recognisers
    jobs = JobQueue(database)
    blobs = Blobs(settings.effective_objects_url)
    client = _guarded_client(settings)
    day_limits = IngestLimits(
        min_seconds=settings.min_recording_seconds, max_seconds=settings.max_recording_hours * 3600
    )
    call_limits = IngestLimits(min_seconds=settings.min_recording_seconds, max_seconds=settings.max_call_minutes * 60)
    parts = WorkerContext(
        database=database,
        blobs=blobs,
        jobs=jobs,
        open_source=open_source or source_opener(blobs, client, settings.max_recording_bytes),
        fetch_transcript=lambda url: fetch_transcript(url, client),
        recognisers=TranscriberPool(
            replace(speech_config(settings), threads=capacity.threads_per_recogniser), recognisers, capacity.cards
        ),
        compute=ComputePool(this_machine().cores),
        analyst=_analyst(settings),
        reader=_reader(settings),
        session_view=session_view,
        analysis_view=analysis_view,
        scratch_folder=settings.folder / "scratch",
        day_limits=day_limits,
        call_limits=call_limits,
        chunk_speech_seconds=capacity.chunk_speech_seconds,
        voice_model=voice_model(settings),
    )
    worker = Worker(
        database,
        jobs,
        executor_id=parts.executor_id,
        recognisers=recognisers,
        is_single_node=settings.is_single_node,
        lease_seconds=settings.lease_seconds,
        stopping=parts.stopping,
    )
    deliverer = Deliverer(
        database,
        allow_networks=parse_networks(settings.allow_networks),
        allow_http=settings.allow_http,
        verify=outgoing_tls(settings),
        policy=DeliveryPolicy(delays_seconds=tuple(settings.webhook_delays_seconds)),
    )
    register_jobs(worker, parts)
    return WorkerRuntime(
        worker, parts, Dispatcher(database, deliverer), Maintenance(parts), Sweeper(parts, worker), client
    )


def source_opener(blobs: Blobs, client: httpx2.Client, max_bytes: int) -> OpenSource:
    """Return what opens a partner's recording: an upload in the object store, or an address through the guard."""

    def open_recording(recording: Recording, folder: Path, should_stop: Callable[[], bool]) -> OpenedSource:
        if recording.file_key is not None:
            if blobs.size_bytes(recording.file_key) is None:
                raise InvalidRecording(
                    "Nothing has been uploaded under this file_key. PUT the file to the upload_url first, then submit.",
                    code="invalid_recording_url",
                )
            if blobs.folder is not None:
                return LocalFile(blobs.folder / recording.file_key)
            return BlobSource(blobs, recording.file_key)
        assert recording.recording_url is not None
        limits = HttpLimits(max_bytes=max_bytes)
        return HttpSource(recording.recording_url, client, limits, folder, should_stop=should_stop)

    return open_recording


def _guarded_client(settings: Settings, *, timeout_seconds: float = 60.0) -> httpx2.Client:
    return guarded_client(
        allow_networks=parse_networks(settings.allow_networks),
        allow_http=settings.allow_http,
        verify=outgoing_tls(settings),
        timeout_seconds=timeout_seconds,
    )


def outgoing_tls(settings: Settings) -> ssl.SSLContext | None:
    """Return the TLS context of outgoing calls, None for the default. Raises OSError."""
    if settings.ca_file is None:
        return None
    context = httpx2.create_ssl_context()
    context.load_verify_locations(cafile=str(settings.ca_file))
    return context


def speech_config(settings: Settings) -> SpeechConfig:
    """Return which speech engine is used and how."""
    return SpeechConfig(
        engine=settings.speech_engine,  # pyright: ignore[reportArgumentType] - the loader refuses unknown names in words
        model=settings.speech_model,
        device=settings.speech_device,
        compute_type=settings.speech_compute_type,
        api_key=settings.speech_api_key.get_secret_value(),
        base_url=settings.speech_base_url,
        models_dir=settings.effective_models_folder,
    )


def voice_model(settings: Settings) -> str:
    """Return the name of the voice encoder. Raises `InvalidSetting` for one that is not there."""
    if settings.voice_model in voice_models.names():
        return settings.voice_model
    path = Path(settings.voice_model).expanduser()
    if not path.is_file():
        raise InvalidSetting("voice_model", f"{settings.voice_model} is neither ge2e nor an ONNX file.")
    return voice_models.in_file(path, settings.voice_model_same)


def _capacity(settings: Settings) -> CapacityPlan:
    return plan_capacity(
        speech_config(settings),
        this_machine(),
        recognisers=settings.recognisers,
        threads=settings.speech_threads,
    )


def language_config(settings: Settings) -> LanguageConfig:
    """Return what is set for language models."""
    return LanguageConfig(
        name=settings.analyst,
        model=settings.language_model,
        base_url=settings.language_base_url,
        api_key=settings.language_api_key.get_secret_value(),
        output_mode=settings.language_output_mode,
        timeout_seconds=settings.language_timeout_seconds,
        deadline_seconds=settings.language_deadline_seconds,
        reader_page_seconds=settings.reader_page_seconds,
    )


def _analyst(settings: Settings) -> Analyst:
    return load_analyst(language_config(settings)) or RubricAnalyst()


def _reader(settings: Settings) -> Callable[[], Reader | None] | None:
    if not settings.reader or settings.analyst != "openai":
        return None
    config = language_config(settings)
    return lambda: load_reader(config)
