"""Cache of a model's answers, so that the same question is not paid for twice.

Kept in memory only: transcripts are personal data, and a store on disk would outlive their deletion.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from threading import Lock
from typing import Any

MOST_ANSWERS = 256


class AnswerCache:
    """The latest answers of a process. May be used by many threads."""

    def __init__(self, most: int = MOST_ANSWERS) -> None:
        self._most = most
        self._answers: OrderedDict[str, Any] = OrderedDict()
        self._lock = Lock()

    @staticmethod
    def key(*parts: str) -> str:
        """Return the key of a question: model, address, mode, instructions and prompt."""
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def get(self, key: str) -> Any | None:
        """Return the answer to a question, None when it is not in the cache."""
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
            return self._answers.get(key)

    def put(self, key: str, answer: Any) -> None:
        """Store an answer; the oldest is dropped beyond the limit."""
        with self._lock:
            self._answers[key] = answer
            self._answers.move_to_end(key)
            while len(self._answers) > self._most:
                self._answers.popitem(last=False)
