"""Pool of the recogniser processes of one worker."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dayline.asr.answer_checks import ChunkTranscript
from dayline.asr.registry import SpeechConfig
from dayline.asr.transcriber_process import TranscriberProcess
from dayline.domain.clip import Clip
from dayline.processes.lending import ChildPool


class TranscriberPool:
    """Lends one child process per call; a cancelled call ends its child at once."""

    def __init__(self, config: SpeechConfig, count: int) -> None:
        self._children = ChildPool(lambda: TranscriberProcess(config), count)

    @property
    def count(self) -> int:
        """Number of chunks that are transcribed at once."""
        return self._children.count

    def transcribe(
        self, clips: Sequence[Clip], language: str | None, *, should_stop: Callable[[], bool]
    ) -> ChunkTranscript:
        """Recognise one chunk. Raises Cancelled when `should_stop` returns True, Unavailable when a retry may help."""
        with self._children.lend(should_stop) as process:
            return process.transcribe_chunk(clips, language)

    def close(self) -> None:
        """End every child, also those in the middle of a chunk."""
        self._children.close()
