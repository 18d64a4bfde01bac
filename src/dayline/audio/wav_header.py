"""Read the RIFF header of a WAV file without trusting it."""

from __future__ import annotations

from dayline.audio.ipc import RemoteFile
from dayline.audio.mp4.atoms import read

_MOST_CHUNKS = 64
_OPEN_ENDED = (0, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
"""Placeholder lengths of recorders; FFmpeg reads such files to their end."""
_LEAST_OPEN_ENDED = 0x7FF00000
"""Writers into a pipe put about 2 or 4 GiB there, rounded down to whole blocks."""


def wav_goes_on(file: RemoteFile) -> bool:
    """Return whether sound follows the end of the `data` chunk in the header.

    That happens when a recorder stopped before it could update its header, and over 4 GiB, where the length wraps.
    Chunks that follow the sound as they should (LIST, id3, bext) are not sound.
    """
    found = _data_chunk(file)
    if found is None or file.size_bytes is None:
        return False
    start, size = found
    return size not in _OPEN_ENDED and start + size < file.size_bytes and not _are_chunks(file, start + size, size)


def wav_missing_bytes(file: RemoteFile) -> int:
    """Return how many bytes of sound the header states beyond the end of the file; 0 for placeholder lengths."""
    found = _data_chunk(file)
    if found is None or file.size_bytes is None:
        return 0
    start, size = found
    return 0 if size >= _LEAST_OPEN_ENDED else max(0, start + size - file.size_bytes)


def _data_chunk(file: RemoteFile) -> tuple[int, int] | None:
    """Return where the sound of a RIFF file begins, and its stated length in bytes."""
    if read(file, 0, 4) != b"RIFF" or read(file, 8, 4) != b"WAVE":
        return None
    offset = 12
    for _ in range(_MOST_CHUNKS):
        head = read(file, offset, 8)
        if len(head) < 8:
            return None
        kind, size = head[:4], int.from_bytes(head[4:], "little")
        if kind == b"data":
            return offset + 8, size
        offset += 8 + size + (size & 1)
    return None


def _are_chunks(file: RemoteFile, end: int, data_bytes: int) -> bool:
    """Return whether well-formed chunks fill the file from `end` to its last byte."""
    offset = end + (data_bytes & 1)
    size_bytes = file.size_bytes or 0
    for _ in range(_MOST_CHUNKS):
        if offset >= size_bytes - 7:
            return True
        head = read(file, offset, 8)
        is_name = len(head) == 8 and all(32 <= byte < 127 for byte in head[:4])
        size = int.from_bytes(head[4:], "little")
        if not is_name or offset + 8 + size > size_bytes + 1:
            # Some recorders pad with zeros; a few bytes of anything are not worth a warning.
            return size_bytes - offset < 4096
        offset += 8 + size + (size & 1)
    return True
