"""Write an upload into the embedded store: to a part file, then renamed in one step."""

from __future__ import annotations

import errno
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from dayline.clock import now
from dayline.domain.errors import InvalidRequest, RequestTooLarge, Unavailable
from dayline.ids import new_id

_PARTS = "incoming"
_FORGOTTEN_SECONDS = 24 * 3600


class IncomingFile:
    """One incoming file. `write` pieces, then `finish`; `abandon` at any point removes it.

    expected_bytes: the size that was announced, if one was. max_bytes: the size at which it ends.
    """

    def __init__(self, folder: Path, file_key: str, *, expected_bytes: int | None, max_bytes: int) -> None:
        self._target = folder / file_key
        self._expected_bytes, self._limit_bytes = expected_bytes, min(expected_bytes or max_bytes, max_bytes)
        parts = folder / _PARTS
        with _disk_errors():
            parts.mkdir(parents=True, exist_ok=True)
            _remove_forgotten(parts)
            self._part = parts / f"{new_id()}.part"
            self._file = self._part.open("xb")
        self.size_bytes = 0

    def write(self, piece: bytes) -> None:
        """Add a piece. Raises RequestTooLarge, or Unavailable when the disk is full."""
        self.size_bytes += len(piece)
        if self.size_bytes > self._limit_bytes:
            raise RequestTooLarge(f"The file is larger than {self._limit_bytes} bytes.", limit_bytes=self._limit_bytes)
        with _disk_errors():
            self._file.write(piece)

    def finish(self) -> int:
        """Rename the complete file to its place. Returns its size. Raises InvalidRequest, Unavailable."""
        if self.size_bytes == 0:
            raise InvalidRequest("The file is empty. Send the recording as the body of the PUT.")
        if self._expected_bytes is not None and self.size_bytes != self._expected_bytes:
            raise InvalidRequest(
                f"{self._expected_bytes} bytes were announced and {self.size_bytes} came. Send the whole file again.",
                expected_bytes=self._expected_bytes,
                received_bytes=self.size_bytes,
            )
        with _disk_errors():
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._target.parent.mkdir(parents=True, exist_ok=True)
            self._part.replace(self._target)
        return self.size_bytes

    def abandon(self) -> None:
        """Remove the part file; after `finish` this does nothing."""
        self._file.close()
        self._part.unlink(missing_ok=True)


@contextmanager
def _disk_errors() -> Generator[None]:
    """Raise Unavailable in place of an OSError."""
    try:
        yield
    except OSError as error:
        is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        message = "There is no space for the file now." if is_full else "The file could not be stored."
        raise Unavailable(message) from error


def _remove_forgotten(parts: Path) -> None:
    """Delete parts of uploads whose process died."""
    before = now().timestamp() - _FORGOTTEN_SECONDS
    for part in parts.glob("*.part"):
        try:
            if part.stat().st_mtime < before:
                part.unlink()
        except FileNotFoundError:
            continue
