"""A long recording over HTTPS, its index at the end: memory, requests, bytes, and the marker's place.

`python -m bench.audio.http --hours 12 --formats m4a`. A server on this machine has a certificate of its own; the
guarded client trusts that certificate and this address. `--without-range` serves the file as one stream.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from bench.audio.ingest import line
from bench.audio.material import FORMATS, add_directory, make_long, tone_start
from bench.audio.measure import measure
from bench.certificate import server_context
from bench.local_server import LocalHandler, LocalServer


class _Handler(LocalHandler):
    protocol_version = "HTTP/1.1"
    path_on_disk: Path
    knows_range: bool

    def do_GET(self) -> None:
        size = self.path_on_disk.stat().st_size
        first, last = 0, size - 1
        if self.knows_range:
            first, last = (int(part) for part in self.headers["Range"].removeprefix("bytes=").split("-"))
            last = min(last, size - 1)
        self.send_response(206 if self.knows_range else 200)
        if self.knows_range:
            self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
        self.send_header("Content-Length", str(last - first + 1))
        self.send_header("ETag", '"bench"')
        self.end_headers()
        with self.path_on_disk.open("rb") as file:
            file.seek(first)
            left = last - first + 1
            while left and (data := file.read(min(left, 1 << 20))):
                self.wfile.write(data)
                left -= len(data)


def marker_error(path: Path, marker_seconds: float) -> float:
    """Return how far from its true place the marker tone comes out, in seconds."""
    from bench.audio.material import RATE_HZ
    from dayline.audio.decode import Decoder
    from dayline.audio.ipc import RemoteFile
    from dayline.audio.ports import IngestLimits

    kept: list = []
    length = 0
    with path.open("rb") as file:
        decoder = Decoder(cast(RemoteFile, _Plain(file)), IngestLimits(), is_seekable=True)
        for block in decoder.blocks():
            kept = [*kept[-2:], block]
            length += len(block)
    import numpy as np

    end = np.concatenate(kept)
    found = tone_start(end)
    return float("inf") if found is None else (length - len(end)) / RATE_HZ + found - marker_seconds


class _Plain:
    name = "recording"

    def __init__(self, file) -> None:
        self._file, self.read, self.seek, self.tell = file, file.read, file.seek, file.tell

    def peek(self, offset: int, size: int) -> bytes:
        """Return bytes without moving."""
        at = self._file.tell()
        self._file.seek(offset)
        data = self._file.read(size)
        self._file.seek(at)
        return data

    def seekable(self) -> bool:
        """Say yes."""
        return True

    def readable(self) -> bool:
        """Say yes."""
        return True

    def writable(self) -> bool:
        """Say no."""
        return False


def run(arguments: Sequence[str]) -> int:
    """Make, serve, measure, print; the status is 1 when a marker is off by 0.1 s or more."""
    parser = argparse.ArgumentParser(prog="bench.audio.http", description=__doc__)
    parser.add_argument("--hours", type=float, nargs="+", default=[1.0])
    parser.add_argument("--formats", nargs="+", choices=list(FORMATS), default=["m4a"])
    parser.add_argument("--without-range", action="store_true")
    add_directory(parser)
    options = parser.parse_args(arguments)
    worst = 0.0
    options.directory.mkdir(parents=True, exist_ok=True)
    context, trusted = server_context(options.directory)
    for kind in options.formats:
        for hours in options.hours:
            material = make_long(options.directory, kind, hours)
            facts = {"path_on_disk": material.path, "knows_range": not options.without_range}
            server = LocalServer(type("Handler", (_Handler,), facts), tls=context)
            cost = measure("ingest-https", f"{server.base_url}/{material.path.name} {trusted}")
            print(line("ingest-https", kind, cost), flush=True)
            server.stop()
            error = marker_error(material.path, material.marker_seconds)
            worst = max(worst, abs(error))
            print(f"  file {material.path.stat().st_size / 1e6:.1f} MB, marker tone off by {error:+.3f} s", flush=True)
            material.path.unlink()
    trusted.unlink()
    return int(worst >= 0.1)


if __name__ == "__main__":
    import sys

    sys.exit(run(sys.argv[1:]))
