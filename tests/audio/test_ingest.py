"""The whole ingest through its decoder process: results, malicious files, stopping, killed processes."""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

import httpx2
import numpy as np
import psutil
import pytest

from dayline.audio import ipc
from dayline.audio.chunks import read_chunk
from dayline.audio.ingest import ingest
from dayline.audio.ports import IngestLimits, LocalFile
from dayline.audio.sources.http import HttpLimits, HttpSource
from dayline.domain.errors import Cancelled, DaylineError, InvalidRecording, Unavailable
from dayline.workflows.retry import FailureKind, kind_of

RATE = 16_000


def decoders():
    """Decoder processes that this test run started and that still live."""
    own = psutil.Process().children(recursive=True)
    return [p for p in own if p.is_running() and "dayline.audio.decoder_main" in " ".join(p.cmdline())]


@pytest.fixture(autouse=True)
def nothing_stays():
    yield
    assert not decoders()


def run(path, scratch, **options):
    chunks = []
    with LocalFile(path) as source:
        report = ingest(source, scratch, on_chunk=chunks.append, **options)
    return report, chunks


@pytest.fixture(scope="module")
def long_talk(encode, talk, tmp_path_factory):
    """Two minutes of talk with pauses, as opus."""
    voices = [talk(11, seed, 110 + 40 * seed) for seed in range(3)]
    parts = [part for turn in range(10) for part in (voices[turn % 3], np.zeros(2 * RATE, np.int16))]
    return encode(np.concatenate(parts), tmp_path_factory.mktemp("long") / "long.opus", "opus")


def test_a_day_from_bytes_to_chunks(encoded, tmp_path, short_day):
    seen = []
    report, chunks = run(encoded("m4a"), tmp_path / "scratch", on_progress=seen.append)
    assert abs(report.duration_seconds - 40) < 0.1
    assert (report.container, report.codec, report.sample_rate_hz, report.channels) == ("mov", "aac", 44_100, 1)
    assert (report.bad_packets, report.warnings, report.chunk_count) == (0, [], len(chunks))
    clips = [clip for chunk in chunks for clip in read_chunk(chunk.path).clips]
    assert abs(sum(len(c.samples) for c in clips) / RATE - report.speech_seconds) < 1e-6
    assert 18 < report.speech_seconds < 26
    for clip in clips:
        assert 2.5 < clip.start_seconds < 15.5 or 24.5 < clip.start_seconds < 37.5
        assert len(clip.samples) <= 20 * RATE
        at = round(clip.start_seconds * RATE)
        original = short_day[at : at + len(clip.samples)].astype(float)
        assert np.corrcoef(original, clip.samples[: len(original)].astype(float))[0, 1] > 0.8
    assert report.profile.seconds in (40, 41)
    assert report.profile.speech[5:14].mean() > 0.6
    assert report.profile.speech[16:24].max() < 0.5
    assert np.isnan(report.profile.near[18])
    assert abs(len(report.peaks.values) * report.peaks.point_seconds - 40) < 0.2


def test_the_same_bytes_give_the_same_chunks(long_talk, tmp_path):
    first, before = run(long_talk, tmp_path / "a")
    _, after = run(long_talk, tmp_path / "b")
    assert len(before) >= 2
    assert [(s.index, s.clips) for s in before] == [(s.index, s.clips) for s in after]
    assert [s.path.read_bytes() for s in before] == [s.path.read_bytes() for s in after]
    assert first.chunk_count == len(before)


@pytest.mark.parametrize("behaviour", [{"cut_after": [60_000, 50_000]}, {"knows_range": False, "cut_after": [300_000]}])
def test_the_same_day_over_http(serve, long_talk, tmp_path, behaviour):
    _, expected = run(long_talk, tmp_path / "local")
    url, _ = serve(body=long_talk.read_bytes(), **behaviour)
    limits = HttpLimits(block_bytes=100_000, backoff_seconds=0.01)
    chunks = []
    with httpx2.Client(timeout=5) as client, HttpSource(url, client, limits, tmp_path / "spool") as source:
        ingest(source, tmp_path / "remote", on_chunk=chunks.append)
    assert [(s.index, s.clips) for s in chunks] == [(s.index, s.clips) for s in expected]
    assert not list((tmp_path / "spool").glob("*"))


def test_chunks_come_before_the_download_ends(serve, long_talk, tmp_path):
    body = long_talk.read_bytes()
    url, _ = serve(body=body, knows_range=False, chunk=len(body) // 16, pause_s=0.2)
    first_at = []
    with httpx2.Client(timeout=5) as client, HttpSource(url, client, None, tmp_path / "spool") as source:
        ingest(source, tmp_path / "s", on_chunk=lambda _: first_at.append(source.received_bytes))
    assert first_at[0] < len(body)


@pytest.mark.parametrize("kind", ["m4a", "mp3"])
def test_index_at_the_end_without_range_is_spooled(serve, encoded, tmp_path, kind):
    url, _ = serve(body=encoded(kind).read_bytes(), knows_range=False)
    with httpx2.Client(timeout=5) as client, HttpSource(url, client, None, tmp_path / "spool") as source:
        report = ingest(source, tmp_path / "s", on_chunk=lambda _: None)
    assert abs(report.duration_seconds - 40) < 0.1


BAD = {
    "text": (b"Dear all, please find the recording attached.\n" * 100, "unsupported_codec"),
    "empty": (b"", "unsupported_codec"),
    "page": (b"<!doctype html><html></html>", "unsupported_codec"),
    "playlist": (b"#EXTM3U\n#EXTINF:10,\nfile:///etc/hostname\n", "unsupported_codec"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_recording_is_refused(tmp_path, name):
    data, code = BAD[name]
    (tmp_path / "day.mp3").write_bytes(data)
    with pytest.raises(InvalidRecording) as caught:
        run(tmp_path / "day.mp3", tmp_path / "scratch")
    assert caught.value.code == code
    assert not list((tmp_path / "scratch").iterdir())


def test_too_short_and_too_long(encode, talk, encoded, tmp_path):
    short = encode(talk(5), tmp_path / "short.wav", "wav")
    with pytest.raises(InvalidRecording, match=r"5\.0 seconds") as caught:
        run(short, tmp_path / "scratch")
    assert caught.value.code == "recording_too_short"
    with pytest.raises(InvalidRecording, match="longer than") as caught:
        run(encoded("mp3"), tmp_path / "scratch", limits=IngestLimits(max_seconds=36))
    assert caught.value.code == "recording_too_long"


def test_silence_gives_a_day_without_chunks(encode, tmp_path):
    report, chunks = run(encode(np.zeros(30 * RATE, np.int16), tmp_path / "quiet.flac", "flac"), tmp_path / "scratch")
    assert chunks == []
    assert report.speech_seconds == 0
    assert report.profile.level_dbfs.max() <= -90


def test_memory_and_time_are_limited(encoded, tmp_path):
    with pytest.raises(DaylineError) as caught:
        run(encoded("mp3"), tmp_path / "scratch", limits=IngestLimits(memory_bytes=150_000_000))
    assert caught.value.code in ("unsupported_codec", "unavailable", "internal_error")
    with pytest.raises(InvalidRecording, match="too long to decode"):
        run(encoded("mp3"), tmp_path / "scratch", limits=IngestLimits(wall_seconds=0.0))


class StallingSource:
    """A source that hands out the start and then waits."""

    is_seekable = True

    def __init__(self, path):
        self._data = path.read_bytes() * 40
        self.size_bytes = len(self._data)
        self.is_waiting, self.let_go = threading.Event(), threading.Event()

    def read_at(self, offset, size):
        if offset > 600_000:
            self.is_waiting.set()
            self.let_go.wait(20)
        return self._data[offset : offset + size]


@pytest.fixture
def held(encoded):
    source = StallingSource(encoded("wav"))
    yield source
    source.let_go.set()


def test_stopping_is_prompt_even_while_bytes_are_awaited(held, tmp_path):
    with pytest.raises(Cancelled):
        ingest(held, tmp_path, on_chunk=lambda _: None, should_stop=held.is_waiting.is_set)


def test_a_killed_decoder_is_tried_again_later(held, tmp_path):
    def kill():
        held.is_waiting.wait(20)
        decoders()[0].send_signal(signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(Unavailable):
        ingest(held, tmp_path, on_chunk=lambda _: None)
    killer.join()


class _FillsTheDisk(LocalFile):
    """Puts a link to /dev/full, which answers every write as a full disk does, where the first chunk is written."""

    link: pathlib.Path

    def read_at(self, offset: int, size: int) -> bytes:
        if not self.link.is_symlink():
            self.link.symlink_to("/dev/full")
        return super().read_at(offset, size)


def test_a_full_disk_under_the_decoder_is_no_fault_of_the_recording(encoded, tmp_path):
    source = _FillsTheDisk(encoded("m4a"))
    source.link = tmp_path / "chunk-00000.part"
    with source, pytest.raises(Unavailable, match="No space left") as caught:
        ingest(source, tmp_path, on_chunk=lambda _: None)
    assert kind_of(caught.value) == FailureKind.OBJECT_STORE


def test_a_crashing_decoder_blames_the_recording(held, tmp_path):
    def crash():
        held.is_waiting.wait(20)
        decoders()[0].send_signal(signal.SIGSEGV)

    crasher = threading.Thread(target=crash)
    crasher.start()
    with pytest.raises(InvalidRecording, match="damaged"):
        ingest(held, tmp_path, on_chunk=lambda _: None)
    crasher.join()


def test_a_decoder_that_goes_quiet_is_ended(held, tmp_path):
    def freeze():
        held.is_waiting.wait(20)
        decoders()[0].send_signal(signal.SIGSTOP)
        held.let_go.set()

    freezer = threading.Thread(target=freeze)
    freezer.start()
    with pytest.raises(InvalidRecording, match="too long to decode"):
        ingest(held, tmp_path, on_chunk=lambda _: None, limits=IngestLimits(stall_seconds=4.0))
    freezer.join()


def test_a_service_that_was_suspended_does_not_call_the_recording_too_slow(held, tmp_path, monkeypatch):
    """As after `docker pause`, a stopped terminal or a paused virtual machine: the decoder was suspended as well."""
    clock = {"ahead_seconds": 0.0}
    monotonic, receive = time.monotonic, ipc.MessageReader.receive
    monkeypatch.setattr("dayline.audio.ingest.time.monotonic", lambda: monotonic() + clock["ahead_seconds"])

    def receive_late(inbox, seconds):
        message = receive(inbox, seconds)
        if message is None and clock["ahead_seconds"] == 0.0 and held.is_waiting.is_set():
            clock["ahead_seconds"] = 10 * 3600.0
            held.let_go.set()
        return message

    monkeypatch.setattr(ipc.MessageReader, "receive", receive_late)
    report = ingest(held, tmp_path, on_chunk=lambda _: None, limits=IngestLimits(stall_seconds=60.0))
    assert clock["ahead_seconds"] > 0
    assert report.duration_seconds > 0


def test_errors_of_the_source_and_the_caller_come_through(encoded, tmp_path):
    class Broken:
        size_bytes, is_seekable = 10_000_000, True

        def read_at(self, offset, size):
            raise InvalidRecording("The address breaks off.", code="invalid_recording_url")

    with pytest.raises(InvalidRecording, match="breaks off"):
        ingest(Broken(), tmp_path, on_chunk=lambda _: None)
    with pytest.raises(ZeroDivisionError):
        run(encoded("mp3"), tmp_path, on_progress=None, should_stop=lambda: 1 // 0)


PARENT = """
import sys
from pathlib import Path
from dayline.audio.ingest import ingest
class SilentSource:
    size_bytes, is_seekable = 1 << 30, True
    def read_at(self, offset, size):
        print("asked", flush=True)
        import time; time.sleep(60)
        return b""
ingest(SilentSource(), Path(sys.argv[1]), on_chunk=print)
"""


def test_the_decoder_dies_with_its_parent(tmp_path):
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"asked\n"
    (child,) = psutil.Process(parent.pid).children()
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 10
    while child.is_running() and child.status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_the_decoder_knows_none_of_our_secrets(held, tmp_path, monkeypatch):
    monkeypatch.setenv("DAYLINE_SECRET", "hush")
    seen = {}

    def look():
        held.is_waiting.wait(20)
        child = decoders()[0]
        seen.update(child.environ())
        seen["limits"] = child.rlimit(psutil.RLIMIT_AS), child.rlimit(psutil.RLIMIT_CORE)
        held.let_go.set()

    looker = threading.Thread(target=look)
    looker.start()
    ingest(held, tmp_path, on_chunk=lambda _: None)
    looker.join()
    assert "DAYLINE_SECRET" not in seen
    assert seen["limits"] == ((1_500_000_000, 1_500_000_000), (0, 0))
