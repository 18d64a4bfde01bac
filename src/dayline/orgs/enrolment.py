"""Compute a voice print from a recording of one rep. The work runs in child processes, a few at a time."""

from __future__ import annotations

import shutil
import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dayline.audio.chunks import Chunk, read_chunk
from dayline.audio.ingest import ingest
from dayline.audio.ports import IngestLimits
from dayline.clock import monotonic_seconds
from dayline.diarization import enrolment as enrollment
from dayline.diarization import registry as loader
from dayline.domain.errors import Unavailable
from dayline.ids import new_id
from dayline.processes.compute_pool import ComputePool
from dayline.workflows.worker_context import OpenSource, Recording

LIMITS = IngestLimits(min_seconds=5.0, max_seconds=30 * 60.0, wall_seconds=120.0, stall_seconds=30.0)
_AT_ONCE = 2
_WAIT_SECONDS = 20.0
_WORK_SECONDS = 120.0
MOST_SECONDS = _WAIT_SECONDS + 2 * _WORK_SECONDS + 10.0
"""Time limit of an enrolment: waiting, reading, computing."""


@dataclass(frozen=True, slots=True, repr=False)
class Enrolled:
    """A voice as it is stored: float32 bytes, meaningful to `embedder` only."""

    embedder: str
    vector: bytes
    speech_seconds: float


class Enroller:
    """Enrols voices. `voice_model` names the encoder, the same as for sessions."""

    def __init__(
        self,
        open_source: OpenSource,
        compute: ComputePool,
        scratch_folder: Path,
        *,
        voice_model: str = loader.DEFAULT,
        limits: IngestLimits = LIMITS,
    ) -> None:
        self._open_source, self._compute = open_source, compute
        self._scratch_folder, self._voice_model, self._limits = scratch_folder, voice_model, limits
        self._places = threading.Semaphore(_AT_ONCE)

    def __call__(self, partner_id: str, file_key: str) -> Enrolled:
        """Return the voice in an uploaded recording.

        Raises InvalidRecording when it holds too little speech or several voices, or cannot be read; Unavailable
        when too many run at once.
        """
        if not self._places.acquire(timeout=_WAIT_SECONDS):
            raise Unavailable("Other voices are being enrolled. Try again in a moment.")
        folder = self._scratch_folder / f"voice-{new_id()}"
        try:
            folder.mkdir(parents=True)
            return self._enroll_from(Recording(partner_id, None, file_key), folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            self._places.release()

    def _enroll_from(self, recording: Recording, folder: Path) -> Enrolled:
        ends_at_seconds = monotonic_seconds() + _WORK_SECONDS

        def should_stop() -> bool:
            return monotonic_seconds() > ends_at_seconds

        found: list[Chunk] = []
        source = self._open_source(recording, folder, should_stop)
        try:
            ingest(source, folder, limits=self._limits, on_chunk=found.append, should_stop=should_stop)
        finally:
            source.close()
        vector, speech_seconds = self._compute.run(
            print_of, [str(chunk.path) for chunk in found], self._voice_model, timeout_seconds=_WORK_SECONDS
        )
        return Enrolled(loader.print_key(self._voice_model), vector, speech_seconds)


def print_of(chunk_paths: list[str], voice_model: str) -> tuple[bytes, float]:
    """Return (float32 bytes, seconds of speech) of the one voice in these chunks. Runs in a computing process."""
    clips = [clip for path in chunk_paths for clip in read_chunk(Path(path)).clips]
    made = enrollment.enroll(loader.load(voice_model), clips)
    return made.vector.astype(np.float32).tobytes(), made.speech_seconds
