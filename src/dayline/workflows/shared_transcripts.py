"""Parsed transcripts of days whose conversations are being analysed.

To parse the transcript of a day of hours takes a tenth of a second and 20 MB, and each conversation of it needs a part.
So it is parsed once for all analyses that run at the same time, and forgotten with the last of them.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import cast

from dayline.domain.serialization import PackedTranscript
from dayline.sessions import documents_repository as documents


@dataclass(slots=True)
class _Held:
    """One transcript. lock: held while it is parsed. holders: how many use it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    packed: PackedTranscript | None = None
    holders: int = 0

    def read(self, document: bytes) -> PackedTranscript:
        """Parse the document, unless it is parsed."""
        with self.lock:
            packed = self.packed
            if packed is None:
                packed = self.packed = cast(PackedTranscript, documents.unpack_json(document))
            return packed


class SharedTranscripts:
    """Transcripts by the content of their stored document, so that a corrected one is another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[bytes, _Held] = {}

    def __len__(self) -> int:
        """How many are held."""
        return len(self._held)

    @contextmanager
    def parsed(self, document: bytes) -> Generator[PackedTranscript]:
        """Parse a stored transcript, unless another thread holds it, and keep it while the block runs.

        All holders get the same object: it must not be changed.
        """
        key = hashlib.sha256(document).digest()
        with self._lock:
            held = self._held.setdefault(key, _Held())
            held.holders += 1
        try:
            yield held.read(document)
        finally:
            with self._lock:
                held.holders -= 1
                if held.holders == 0:
                    del self._held[key]
