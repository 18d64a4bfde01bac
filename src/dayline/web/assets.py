"""The files of the built console, read once, with what is needed to answer for each."""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

STATIC_FOLDER = Path(__file__).parent / "static"
_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))


@dataclass(frozen=True, slots=True)
class Asset:
    """One file. `encoded` holds what the build compressed, by content coding, the smallest first."""

    media_type: str
    body: bytes
    encoded: dict[str, bytes]
    etag: str

    def for_client(self, accept_encoding: str) -> tuple[bytes, str | None]:
        """Return the bytes to send and their content coding, None for the plain file."""
        accepted = _accepted(accept_encoding)
        for coding, body in self.encoded.items():
            if coding in accepted:
                return body, coding
        return self.body, None


def load_assets(folder: Path = STATIC_FOLDER) -> dict[str, Asset]:
    """Return every file below `folder` by its relative path; empty where the console is not built."""
    if not (folder / "index.html").is_file():
        return {}
    files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    found: dict[str, Asset] = {}
    for name, path in files.items():
        if path.suffix in (".br", ".gz") or path.name.startswith("."):
            continue
        body = path.read_bytes()
        media_type = _TYPES.get(path.suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
        found[name] = Asset(
            media_type=media_type,
            body=body,
            encoded={coding: files[name + end].read_bytes() for coding, end in _ENCODINGS if name + end in files},
            etag=f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        )
    return found


def _accepted(header: str) -> set[str]:
    """Return the content codings that a client takes. A coding with q=0 is refused."""
    found: set[str] = set()
    for part in header.lower().split(","):
        coding, _, parameters = part.strip().partition(";")
        weight = parameters.strip().removeprefix("q=")
        if coding and not (weight and weight.rstrip("0").rstrip(".") in ("", "0")):
            found.add(coding.strip())
    return found
