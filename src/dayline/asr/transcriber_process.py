"""Run a recogniser in a child process. A crash there is an error here; the next chunk gets a new process."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dayline.asr import ipc as wire
from dayline.asr.answer_checks import ChunkTranscript
from dayline.asr.ports import Limits
from dayline.asr.registry import SpeechConfig
from dayline.domain.clip import SAMPLE_RATE_HZ, Clip
from dayline.domain.errors import Unavailable
from dayline.processes.child import Child, ChildEnded, ChildTimeout, start_child


class TranscriberProcess:
    """One engine in one child process, started at the first use.

    A chunk may take timeout_base_seconds + timeout_per_audio_second x seconds of speech, loading the model
    load_timeout_seconds. card: the CUDA card that the child may use, as `CUDA_VISIBLE_DEVICES` names it; None for all
    that this process may use. After `recycle_after_chunks` chunks the child is replaced, against slow leaks. Calls from
    several threads wait for each other; `close()` does not wait: a running call raises `Unavailable`.
    """

    def __init__(
        self,
        config: SpeechConfig,
        *,
        recycle_after_chunks: int | None = 200,
        timeout_base_seconds: float = 120.0,
        timeout_per_audio_second: float = 12.0,
        load_timeout_seconds: float = 600.0,
        card: str | None = None,
    ) -> None:
        self.card = card
        self._config = config
        self._recycle_after_chunks = recycle_after_chunks
        self._timeout_base_seconds = timeout_base_seconds
        self._timeout_per_audio_second = timeout_per_audio_second
        self._load_timeout_seconds = load_timeout_seconds
        self._turn = threading.Lock()
        self._child: Child | None = None
        self._engine: _Engine | None = None
        self._closed = False

    def __enter__(self) -> TranscriberProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The child's process id, None while there is none."""
        child = self._child
        return child.pid if child is not None else None

    @property
    def is_closed(self) -> bool:
        """Whether `close()` was called."""
        return self._closed

    @property
    def name(self) -> str:
        """`engine:model`; starts the child if needed."""
        with self._turn:
            return self._ready().name

    @property
    def limits(self) -> Limits:
        """Limits of the engine; starts the child if needed."""
        with self._turn:
            return self._ready().limits

    def transcribe_chunk(self, clips: Sequence[Clip], language: str | None = None) -> ChunkTranscript:
        """Recognise the clips of one chunk in the child, checked by `answer_checks.transcribe_checked`.

        Raises `Unavailable` when the child crashed, was killed or took too long (the next call starts another),
        and what the engine raises.
        """
        rows, body = wire.pack_clips(clips)
        audio_seconds = len(body) / 2 / SAMPLE_RATE_HZ
        allowed = self._timeout_base_seconds + self._timeout_per_audio_second * audio_seconds
        with self._turn:
            engine = self._ready()
            request: wire.Request = {"clips": rows, "language": language}
            reply: wire.Transcribed | wire.Failed = self._exchange(engine.child, request, body, allowed)
            engine.chunks += 1
            if self._recycle_after_chunks is not None and engine.chunks >= self._recycle_after_chunks:
                self._drop()
        if "error" in reply:
            raise wire.error_from_json(reply["error"])
        return wire.chunk_from_json(reply["chunk"])

    def close(self) -> None:
        """End the child, also in the middle of a chunk. Afterwards every call raises `Unavailable`."""
        self._closed = True
        self._drop()

    def _ready(self) -> _Engine:
        if self._closed:
            raise Unavailable("The speech engine has been shut down.")
        if self._child is not None and self._child.has_ended:
            self._drop()
        if self._engine is None:
            self._engine = self._load()
        return self._engine

    def _environment(self) -> dict[str, str]:
        return {} if self.card is None else {"CUDA_VISIBLE_DEVICES": self.card}

    def _load(self) -> _Engine:
        child = self._child = start_child("dayline.asr.transcriber_main", self._environment())
        greeting: wire.Loaded | wire.Failed = self._exchange(
            child, self._config.to_json(), b"", self._load_timeout_seconds
        )
        if "error" in greeting:
            self._drop()
            raise wire.error_from_json(greeting["error"])
        if self._closed:  # close() may have come while the model was loading
            self._drop()
            raise Unavailable("The speech engine has been shut down.")
        return _Engine(child, greeting["name"], wire.limits_from_json(greeting["limits"]))

    def _exchange(self, child: Child, header: Mapping[str, object], body: bytes, allowed_seconds: float) -> Any:
        try:
            return child.exchange(header, body, allowed_seconds=allowed_seconds)[0]
        except ChildTimeout:
            self._drop()
            raise Unavailable(
                f"The speech engine did not finish within {allowed_seconds:.0f} s and was stopped. "
                "A new one starts with the next chunk.",
                code="engine_timeout",
            ) from None
        except ChildEnded as ended:
            self._drop()
            if self._closed:
                raise Unavailable("The speech engine has been shut down.") from None
            raise Unavailable(
                f"The speech engine's process ended unexpectedly ({ended}). A new one starts with the next chunk.",
                code="engine_crashed",
                was_killed=ended.was_killed,
            ) from None

    def _drop(self) -> None:
        child, self._child, self._engine = self._child, None, None
        if child is not None:
            child.end()


@dataclass(slots=True)
class _Engine:
    """A child whose engine is loaded.

    child: the process.
    name: `engine:model`.
    limits: what the engine can take.
    chunks: how many chunks it has transcribed.
    """

    child: Child
    name: str
    limits: Limits
    chunks: int = 0
