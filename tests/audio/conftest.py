"""Material for the audio tests: talk made by a formant synthesiser, encoders, and a server with moods."""

from __future__ import annotations

import http.server
import io
import re
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
import pytest

RATE = 16_000
_VOWELS = ((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480), (570, 840, 2410))


def _resonate(samples, hertz, bandwidth):
    turn = np.fft.rfftfreq(len(samples)) * 2 * np.pi
    radius, angle = np.exp(-np.pi * bandwidth / RATE), 2 * np.pi * hertz / RATE
    delay = np.exp(-1j * turn)
    gain = 1 - 2 * radius * np.cos(angle) + radius**2
    response = gain / (1 - 2 * radius * np.cos(angle) * delay + radius**2 * delay**2)
    return np.fft.irfft(np.fft.rfft(samples) * response, len(samples))


def _syllable(rng, pitch, seconds):
    time_s = np.arange(int(seconds * RATE)) / RATE
    bent = pitch * (1 + 0.12 * np.sin(2 * np.pi * (time_s / seconds * 0.5 + rng.random())))
    pulses = np.diff(np.floor(np.cumsum(bent) / RATE), prepend=0)
    source = pulses - pulses.mean() + 0.005 * rng.standard_normal(len(time_s))
    source = np.convolve(source, np.exp(-np.arange(60) / 12.0), "same")
    sides = []
    for formants in (_VOWELS[rng.integers(5)], _VOWELS[rng.integers(5)]):
        voice = source
        for hertz, bandwidth in zip(formants, (60, 90, 150), strict=True):
            voice = _resonate(voice, hertz, bandwidth)
        sides.append(voice / np.abs(voice).max())
    mix = np.linspace(0, 1, len(time_s))
    shape = np.minimum(1, np.minimum(time_s / 0.03, (seconds - time_s) / 0.05))
    voiced = (sides[0] * (1 - mix) + sides[1] * mix) * shape
    if rng.random() < 0.6:
        hiss = np.diff(rng.standard_normal(1100), prepend=0) * 0.12 * np.hanning(1100)
        voiced = np.concatenate((hiss, voiced))
    return voiced


def make_talk(seconds: float, seed: int = 0, pitch: float = 125.0) -> np.ndarray:
    """Babble of vowels and hisses that speech finding takes for a voice; int16 at 16 kHz."""
    rng = np.random.default_rng(seed)
    parts, length = [], 0
    while length < seconds * RATE:
        for _ in range(int(rng.integers(6, 14))):
            part = _syllable(rng, pitch * rng.uniform(0.85, 1.2), rng.uniform(0.1, 0.24))
            parts += [part, np.zeros(int(rng.uniform(0, 0.05) * RATE))]
        parts.append(np.zeros(int(rng.uniform(0.15, 0.3) * RATE)))
        length = sum(map(len, parts))
    return (np.concatenate(parts)[: int(seconds * RATE)] * 9000).astype(np.int16)


def silence(seconds: float) -> np.ndarray:
    """Digital silence."""
    return np.zeros(int(seconds * RATE), np.int16)


def tone(seconds: float, hertz: float = 1000.0) -> np.ndarray:
    """A steady tone."""
    return (12000 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE)).astype(np.int16)


FORMATS = {
    "mp3": ("libmp3lame", "mp3", 44_100, "stereo", {}),
    "m4a": ("aac", "mp4", 44_100, "mono", {}),
    "front.m4a": ("aac", "mp4", 44_100, "mono", {"movflags": "faststart"}),
    "aac": ("aac", "adts", 32_000, "mono", {}),
    "opus": ("libopus", "ogg", 48_000, "mono", {}),
    "webm": ("libopus", "webm", 48_000, "stereo", {}),
    "flac": ("flac", "flac", 96_000, "mono", {}),
    "wav": ("pcm_s16le", "wav", 8_000, "mono", {}),
    "surround.wav": ("pcm_s16le", "wav", 48_000, "7.1", {}),
    "w64": ("pcm_s16le", "w64", 22_050, "mono", {}),
    "aiff": ("pcm_s16be", "aiff", 48_000, "mono", {}),
    "caf": ("pcm_s16le", "caf", 48_000, "mono", {}),
    "wma": ("wmav2", "asf", 44_100, "mono", {}),
    "amr": ("libopencore_amrnb", "amr", 8_000, "mono", {}),
    "3gp": ("libopencore_amrnb", "3gp", 8_000, "mono", {}),
    "mka": ("flac", "matroska", 44_100, "mono", {}),
}


def encode_audio(samples: np.ndarray, path: Path, kind: str) -> Path:
    """Write int16 16 kHz mono as one of FORMATS."""
    codec, container, rate, layout, options = FORMATS[kind]
    with av.open(str(path), "w", format=container, options=options) as out:
        stream = out.add_stream(codec, rate=rate, layout=layout)
        if codec == "libopencore_amrnb":
            stream.bit_rate = 12_200
        elif codec == "wmav2":
            stream.bit_rate = 64_000
        resampler = av.AudioResampler(
            stream.codec_context.format.name, layout, rate, frame_size=stream.codec_context.frame_size or 1024
        )
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE, 0
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            if piece is not None:
                out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    return path


class MemoryFile:
    """Bytes in the shape in which the decoder sees a recording."""

    name = "recording"

    def __init__(self, data: bytes) -> None:
        self._file, self._data = io.BytesIO(data), data
        self.read, self.seek, self.tell = self._file.read, self._file.seek, self._file.tell
        self.size_bytes = len(data)

    def peek(self, offset, size):
        return self._data[offset : offset + size]

    def seekable(self):
        return True

    def readable(self):
        return True

    def writable(self):
        return False


@dataclass
class ServerBehaviour:
    """How the server behaves."""

    body: bytes = b""
    knows_range: bool = True
    cut_after: list[int] = field(default_factory=list)
    chunk: int = 1 << 16
    pause_s: float = 0.0
    status: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    etag: str | None = '"one"'
    claims: int | None = None
    hides_length: bool = False
    endless: bool = False
    change_after: int | None = None
    requests: list[str] = field(default_factory=list)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    behaviour: ServerBehaviour

    def do_GET(self):
        behaviour = self.behaviour
        wanted = self.headers.get("Range")
        behaviour.requests.append(wanted or "")
        if behaviour.status:
            self._plain(behaviour.status.pop(0))
            return
        body, start = behaviour.body, 0
        if behaviour.change_after is not None and len(behaviour.requests) > behaviour.change_after:
            body, behaviour.etag = bytes(reversed(body)), '"two"'
        fresh = self.headers.get("If-Range") in (None, behaviour.etag)
        if wanted and behaviour.knows_range and fresh:
            asked = re.fullmatch(r"bytes=(\d+)-(\d*)", wanted)
            assert asked is not None
            first, last = asked.groups()
            start, end = int(first), min(int(last or len(body)), len(body) - 1)
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{end}/{len(body)}")
            body = body[start : end + 1]
        else:
            self.send_response(200)
        if behaviour.etag:
            self.send_header("ETag", behaviour.etag)
        for name, value in behaviour.headers.items():
            self.send_header(name, value)
        if behaviour.hides_length:
            self.send_header("Connection", "close")
        else:
            self.send_header("Content-Length", str(behaviour.claims or len(body)))
        self.end_headers()
        self._send(body)

    def _send(self, body):
        behaviour = self.behaviour
        limit = behaviour.cut_after.pop(0) if behaviour.cut_after else None
        at = 0
        while at < len(body) or behaviour.endless:
            part = body[at : at + behaviour.chunk] or bytes(behaviour.chunk)
            if limit is not None and at + len(part) > limit:
                self.wfile.write(part[: limit - at])
                self.wfile.flush()
                self.close_connection = True
                return
            self.wfile.write(part)
            at += len(part)
            if behaviour.pause_s:
                time.sleep(behaviour.pause_s)
        if behaviour.hides_length or behaviour.claims:
            self.close_connection = True

    def _plain(self, status):
        self.send_response(status)
        for name, value in self.behaviour.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def handle(self):
        try:
            super().handle()
        except (ConnectionError, ssl.SSLError):
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        pass


class _Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request, client_address):
        pass


@pytest.fixture
def serve() -> Iterator[Callable[..., tuple[str, ServerBehaviour]]]:
    """Start a server with a behaviour and return its address and the behaviour."""
    running = []

    def start(context: ssl.SSLContext | None = None, **behaviour) -> tuple[str, ServerBehaviour]:
        state = ServerBehaviour(**behaviour)
        server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"behaviour": state}))
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        running.append(server)
        return f"{'https' if context else 'http'}://localhost:{server.server_port}/day.mp3?signature=hush", state

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="session")
def talk() -> Callable[..., np.ndarray]:
    """The formant synthesiser."""
    return make_talk


@pytest.fixture(scope="session")
def short_day() -> np.ndarray:
    """Forty seconds: quiet, talk, quiet with a marker tone at 22.0, talk of another voice, quiet."""
    return np.concatenate(
        (silence(3), make_talk(12, 1), silence(7), tone(0.5), silence(2.5), make_talk(12, 2, 200.0), silence(3))
    )


@pytest.fixture(scope="session")
def encoded(tmp_path_factory, short_day) -> Callable[[str], Path]:
    """Return the short day as one of FORMATS, encoded once."""
    directory, made = tmp_path_factory.mktemp("encoded"), {}

    def get(kind: str) -> Path:
        if kind not in made:
            made[kind] = encode_audio(short_day, directory / f"day.{kind}", kind)
        return made[kind]

    return get


@pytest.fixture(scope="session")
def encode() -> Callable[[np.ndarray, Path, str], Path]:
    """The encoder itself."""
    return encode_audio


@pytest.fixture(scope="session")
def formats() -> list[str]:
    """Names of everything that can be encoded here."""
    return list(FORMATS)


@pytest.fixture(scope="session")
def memory_file() -> type[MemoryFile]:
    """Bytes as the decoder sees them."""
    return MemoryFile
