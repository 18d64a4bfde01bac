"""Dependencies of the steps of a session, built once by the composition root."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

from dayline.asr.transcriber_pool import TranscriberPool
from dayline.audio.ports import ByteSource, IngestLimits
from dayline.db.blobs import Blobs
from dayline.db.database import Database, Transaction
from dayline.diarization import registry as voice_models
from dayline.domain.reading import Reader
from dayline.domain.transcript import Transcript
from dayline.llm.ports import Analyst
from dayline.processes.compute_pool import ComputePool
from dayline.workflows.heartbeat import new_executor_id
from dayline.workflows.job_queue import JobQueue
from dayline.workflows.retry import RetryPolicy
from dayline.workflows.shared_checks import SharedChecks
from dayline.workflows.shared_transcripts import SharedTranscripts

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Recording:
    """Location of one recording.

    partner_id: whose it is.
    recording_url: its address, None for an upload.
    file_key: its key in the object store, None for an address.
    """

    partner_id: str
    recording_url: str | None
    file_key: str | None

    @property
    def is_mock(self) -> bool:
        """True for the scripted recordings of the sandbox."""
        return (self.recording_url or "").startswith("mock://")


class OpenedSource(ByteSource, Protocol):
    """A byte source that is closed after use."""

    def close(self) -> None:
        """Close connections and files."""
        ...


OpenSource = Callable[[Recording, Path, Callable[[], bool]], OpenedSource]
"""Opens a recording. The folder is scratch for bytes that must be kept while decoding; the check says when to stop."""

Readers = Callable[[], Reader | None]
"""Makes the reader of one day, with a budget of its own."""

FetchTranscript = Callable[[str], Transcript]
"""Fetches a finished transcript from a partner's address. Raises InvalidRecording."""

View = Callable[[Transaction, str], Mapping[str, object]]
"""Writes a session or an analysis, given by id, as the API shows it."""


@dataclass(frozen=True, slots=True)
class WorkerContext:
    """Databases, engines and limits of one worker.

    database, blobs, jobs: where rows, objects and jobs are kept.
    open_source: opens a recording.
    fetch_transcript: fetches a finished transcript.
    recognisers, compute: child processes for speech recognition and for numeric work.
    analyst: scores conversations.
    reader: makes the reader of a day, None when no language model is configured.
    session_view, analysis_view: write rows as the API shows them.
    scratch_folder: this machine's folder for working copies.
    day_limits, call_limits: limits of recordings of a day and of a single call.
    chunk_speech_seconds: speech in one chunk, long enough to fill a batch of the recogniser.
    voice_model: name of the voice embedding model.
    retry: the retry policy of every step and job.
    stopping: set when this worker is about to end; running steps then end without an outcome.
    executor_id: id of this worker.
    one_suspect: held by a step that has ended workers before; see `step_starts`.
    transcripts: parsed transcripts of days whose conversations are being analysed.
    checks: whether what is worked on is over.
    """

    database: Database
    blobs: Blobs
    jobs: JobQueue
    open_source: OpenSource
    fetch_transcript: FetchTranscript
    recognisers: TranscriberPool
    compute: ComputePool
    analyst: Analyst
    reader: Readers | None
    session_view: View
    analysis_view: View
    scratch_folder: Path
    day_limits: IngestLimits
    call_limits: IngestLimits
    chunk_speech_seconds: float = 120.0
    voice_model: str = "ge2e"
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    stopping: threading.Event = field(default_factory=threading.Event)
    executor_id: str = field(default_factory=new_executor_id)
    one_suspect: threading.Lock = field(default_factory=threading.Lock)
    transcripts: SharedTranscripts = field(default_factory=SharedTranscripts)
    checks: SharedChecks = field(default_factory=SharedChecks)

    def scratch_of(self, session_id: str) -> Path:
        """Return this machine's scratch folder of a session."""
        return self.scratch_folder / session_id

    @property
    def print_key(self) -> str:
        """Key of voice prints of the embedding model."""
        return voice_models.print_key(self.voice_model)

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` in one write transaction, repeatedly until the database answers; see `Database.in_write`."""
        return self.retry.run(lambda: self.database.in_write(work), stopping=self.stopping)


def scratch_prefix(session_id: str) -> str:
    """Return the prefix of a session's scratch in the object store, shared by all workers."""
    return f"scratch/{session_id}"


def chunk_key(session_id: str, number: int) -> str:
    """Return the object key of one chunk's speech."""
    return f"{scratch_prefix(session_id)}/chunk-{number:05d}.pcm"
