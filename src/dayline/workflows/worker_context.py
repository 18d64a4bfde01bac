"""All that the steps of a day work with, put together once by the joiner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from dayline.asr.transcriber_pool import TranscriberPool
from dayline.audio.ports import ByteSource, IngestLimits
from dayline.db.blobs import Blobs
from dayline.db.database import Database, Transaction
from dayline.domain.opinion import SecondOpinion
from dayline.domain.timeline import DayContext
from dayline.domain.transcript import Transcript
from dayline.llm.ports import Analyst
from dayline.processes.compute_pool import ComputePool
from dayline.workflows.job_queue import JobQueue


@dataclass(frozen=True, slots=True)
class Recording:
    """Where the bytes of one recording are."""

    partner_id: str
    recording_url: str | None
    file_key: str | None

    @property
    def is_mock(self) -> bool:
        """True for the made-up days of the sandbox."""
        return (self.recording_url or "").startswith("mock://")


class OpenedSource(ByteSource, Protocol):
    """A source that is closed after use."""

    def close(self) -> None:
        """Let go of connections and files."""
        ...


OpenSource = Callable[[Recording, Path, Callable[[], bool]], OpenedSource]
"""Opens a recording. The folder is scratch for bytes that must be kept while decoding; the check says when to stop."""

SecondOpinions = Callable[[DayContext | None], SecondOpinion | None]
"""Says who is asked about the doubtful pieces of one day."""

FetchTranscript = Callable[[str], Transcript]
"""Fetches a finished transcript from a partner's address. Raises InvalidRecording."""

View = Callable[[Transaction, str], dict[str, Any]]
"""Writes a session or an analysis, given by id, as the API shows it."""


@dataclass(frozen=True, slots=True)
class WorkerContext:
    """Databases, engines and limits of one worker."""

    database: Database
    blobs: Blobs
    jobs: JobQueue
    open_source: OpenSource
    fetch_transcript: FetchTranscript
    recognisers: TranscriberPool
    compute: ComputePool
    analyst: Analyst
    second_opinion: SecondOpinions | None
    session_view: View
    analysis_view: View
    scratch_folder: Path
    day_limits: IngestLimits
    call_limits: IngestLimits
    voice_model: str = "ge2e"

    def scratch_of(self, session_id: str) -> Path:
        """Return this machine's scratch folder of a session."""
        return self.scratch_folder / session_id


def scratch_prefix(session_id: str) -> str:
    """Return where a session's scratch lies in the object store, shared by all workers."""
    return f"scratch/{session_id}"


def span_key(session_id: str, number: int) -> str:
    """Return the object key of one span's speech."""
    return f"{scratch_prefix(session_id)}/span-{number:05d}.pcm"
