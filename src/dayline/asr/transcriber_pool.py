"""The recognisers of one worker: as many child processes as spans it transcribes at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from dayline.asr.answer_checks import SpanTranscript
from dayline.asr.registry import SpeechConfig
from dayline.asr.transcriber_process import TranscriberProcess
from dayline.domain.clip import Clip
from dayline.domain.errors import Cancelled, Unavailable

_CANCEL_CHECK_SECONDS = 0.5


class TranscriberPool:
    """Lends one child process per call; a cancelled call ends its child at once."""

    def __init__(self, config: SpeechConfig, count: int) -> None:
        self.count = count
        self._config = config
        self._free: list[TranscriberProcess] = []
        self._lent: set[TranscriberProcess] = set()
        self._places = threading.Semaphore(count)
        self._lock = threading.Lock()
        self._closed = False

    def transcribe(
        self, clips: Sequence[Clip], language: str | None, *, should_stop: Callable[[], bool]
    ) -> SpanTranscript:
        """Recognise one span. Raises Cancelled when `should_stop` says so, Unavailable when trying again may help."""
        with self._places:
            process = self._take()
            stopped, over = threading.Event(), threading.Event()

            def watch() -> None:
                while not over.wait(_CANCEL_CHECK_SECONDS):
                    if should_stop():
                        stopped.set()
                        process.close()
                        return

            watcher = threading.Thread(target=watch, daemon=True, name="cancel-watch")
            watcher.start()
            try:
                return process.transcribe_span(clips, language)
            except Unavailable as error:
                if stopped.is_set():
                    raise Cancelled("The session was cancelled while it was being transcribed.") from error
                raise
            finally:
                over.set()
                watcher.join()
                self._give_back(process, usable=not stopped.is_set())

    def close(self) -> None:
        """End every child, also those in the middle of a span."""
        with self._lock:
            self._closed = True
            processes = [*self._free, *self._lent]
        for process in processes:
            process.close()

    def _take(self) -> TranscriberProcess:
        with self._lock:
            if self._closed:
                raise Unavailable("This worker is stopping.")
            process = self._free.pop() if self._free else TranscriberProcess(self._config)
            self._lent.add(process)
            return process

    def _give_back(self, process: TranscriberProcess, *, usable: bool) -> None:
        with self._lock:
            self._lent.discard(process)
            if usable and not self._closed:
                self._free.append(process)
                return
        process.close()
