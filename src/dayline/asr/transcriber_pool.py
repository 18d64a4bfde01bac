"""Pool of the recogniser processes of one worker."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from dayline.asr.answer_checks import ChunkTranscript
from dayline.asr.registry import SpeechConfig
from dayline.asr.transcriber_process import TranscriberProcess
from dayline.domain.clip import Clip
from dayline.processes.lending import ChildPool


class TranscriberPool:
    """Lends one child process per call; a cancelled call ends its child at once.

    count: chunks at once. cards: CUDA cards that the children share out between them; none for a CPU.
    """

    def __init__(self, config: SpeechConfig, count: int, cards: Sequence[str] = ()) -> None:
        self._config = config
        self._cards = tuple(cards)
        self._made: list[TranscriberProcess] = []
        self._children = ChildPool(self._make, count)

    @property
    def count(self) -> int:
        """Number of chunks that are transcribed at once."""
        return self._children.count

    def transcribe(
        self, clips: Sequence[Clip], language: str | None, *, should_stop: Callable[[], bool]
    ) -> ChunkTranscript:
        """Recognise one chunk. Raises Cancelled when `should_stop` returns True, Unavailable when a retry may help."""
        with self.lend(should_stop) as process:
            return process.transcribe_chunk(clips, language)

    def lend(self, should_stop: Callable[[], bool] | None = None) -> AbstractContextManager[TranscriberProcess]:
        """Lend one recogniser, ended when `should_stop` returns True."""
        return self._children.lend(should_stop)

    def _make(self) -> TranscriberProcess:
        """Return a new child on the card with the fewest. The pool makes one at a time."""
        self._made = [process for process in self._made if not process.is_closed]
        load = Counter(process.card for process in self._made)
        card = min(self._cards, key=lambda name: load[name], default=None)
        self._made.append(TranscriberProcess(self._config, card=card))
        return self._made[-1]

    def close(self) -> None:
        """End every child, also those in the middle of a chunk."""
        self._children.close()
