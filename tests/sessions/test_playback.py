"""Single ranges, and what a session says about its sound."""

from __future__ import annotations

import io
from typing import Any, cast

import av
import numpy as np
import pytest

from dayline.audio.mp3_rate import has_constant_rate
from dayline.domain.errors import InvalidRequest
from dayline.domain.stored_json import FileFacts, RecordingFacts
from dayline.sessions.playback import MAX_RANGE_BYTES, RangeNotSatisfiable, open_range_bytes, parse_range
from dayline.sessions.playback_state import playback_state

SIZE = 20_000_000


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (None, None),
        ("bytes=0-", (0, 1000)),
        ("bytes=0-18999999", (0, MAX_RANGE_BYTES)),
        ("bytes=0-0", (0, 1)),
        ("bytes=100-199", (100, 200)),
        ("BYTES = 100-199", (100, 200)),
        ("bytes=19999990-", (19_999_990, SIZE)),
        ("bytes=19999990-30000000", (19_999_990, SIZE)),
        ("bytes=-10", (SIZE - 10, SIZE)),
        ("bytes=-30000000", (0, MAX_RANGE_BYTES)),
    ],
)
def test_ranges(header, found):
    assert parse_range(header, SIZE, 1000) == found


@pytest.mark.parametrize(
    ("size_bytes", "duration_seconds", "found"),
    [
        (57_600_000, 14_400.0, 131_072),  # 32 kbit/s
        (57_600_000, 3_600.0, 480_000),  # 128 kbit/s
        (635_040_000, 3_600.0, 2_097_152),  # 16 bit at 44.1 kHz, two channels
        (57_600_000, None, 131_072),
    ],
)
def test_a_range_without_an_end_is_about_half_a_minute(size_bytes, duration_seconds, found):
    assert open_range_bytes(size_bytes, duration_seconds) == found


@pytest.mark.parametrize("header", ["bytes=20000000-", "bytes=20000000-20000001", "bytes=-0"])
def test_ranges_past_the_end(header):
    with pytest.raises(RangeNotSatisfiable):
        parse_range(header, SIZE)


@pytest.mark.parametrize(
    "header", ["", "bytes", "bytes=", "bytes=-", "bytes=5-2", "bytes=0-1,5-6", "items=0-1", "bytes=a-b", "bytes=1--2"]
)
def test_what_is_no_single_range(header):
    with pytest.raises(InvalidRequest):
        parse_range(header, SIZE)


def state(recording: RecordingFacts, url: str | None = "https://x.example.com/a", ingested: bool = True, **audio: Any):
    return playback_state(cast(FileFacts, audio), recording, recording_url=url, is_ingested=ingested)


def test_what_browsers_play_and_where_they_seek():
    m4a = state({"container": "mov", "codec": "aac"})
    assert (m4a["playable"], m4a["browser"], m4a["seek"], m4a["source"]) == (True, "native", "exact", "url")
    assert state({"container": "mov", "codec": "alac"})["browser"] == "clip_only"
    assert state({"container": "amr", "codec": "amr_nb"})["browser"] == "clip_only"
    assert state({"container": "mp3", "codec": "mp3"})["seek"] == "approximate"
    assert state({"container": "mp3", "codec": "mp3"}, is_constant_rate=True)["seek"] == "exact"
    assert state({"container": "mov", "codec": "aac"}, url=None)["source"] == "upload"


def test_why_there_is_no_sound():
    assert state({}, ingested=False)["reason"] == "not_read_yet"
    assert state({}, url="mock://single-call")["reason"] == "mock"
    gone = state({"container": "mp3"}, problem="recording_gone")
    assert (gone["playable"], gone["reason"]) == (False, "recording_gone")


def mp3(**options):
    out = io.BytesIO()
    noise = (np.random.default_rng(0).normal(0, 1, 16_000 * 20) * np.linspace(0, 8000, 320_000)).astype(np.int16)
    with av.open(out, "w", format="mp3", options={"write_xing": "0"}) as container:
        stream = container.add_stream("libmp3lame", rate=16_000, options=options)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(noise.reshape(1, -1), format="s16p", layout="mono")
        frame.sample_rate = 16_000
        fifo = av.AudioFifo()
        fifo.write(frame)
        while (part := fifo.read(stream.codec_context.frame_size or 576, partial=True)) is not None:
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return out.getvalue()


def test_constant_and_varying_mp3_are_told_apart_also_from_the_middle():
    constant, varying = mp3(b="32000"), mp3(abr="1", b="40000")
    for data, is_constant in ((constant, True), (varying, False)):
        middle = data[len(data) // 2 :][:32768]
        assert has_constant_rate(data[:32768], middle) is is_constant
    assert has_constant_rate(constant[:400]) is False
    assert has_constant_rate(b"\xff" * 5000) is False
    assert has_constant_rate(b"") is False
