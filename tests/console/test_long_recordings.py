"""Recordings of two hours: a jump far into one is exact; in an mp3 it costs no download of what lies before.

In other formats the browser looks for the second itself and reads ahead as it likes: how much depends on its speed.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import av
import httpx2
import numpy as np
import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.console.conftest import Console
from tests.console.ears import hearing, play_until_beep
from tests.console.sounding_day import FORMATS, RATE, TYPES, encoded
from tests.console.test_listening import HEARD_SECONDS, NEAR_SECONDS
from tests.running_service import RunningService

LAP_SECONDS = 120
LAPS = 60
# Reading two hours takes seconds on a quiet machine, and minutes on a busy one.
LONGEST_SECONDS = 400.0
# Four pieces of 128 KiB: a jump in an mp3 of varying rate needs two.
MOST_OF_AN_MP3 = 4 * 131_072


def lap(noise: float) -> np.ndarray:
    """Two minutes with a beep at their start, mono at 16 kHz, between -1 and 1."""
    at = np.arange(LAP_SECONDS * RATE) / RATE
    return np.random.default_rng(7).normal(0, noise, at.size) + np.sin(2 * np.pi * 880 * at) * (at < 0.3) * 0.6


def two_hours(kind: str) -> tuple[bytes, float]:
    """Return a file of an hour of quiet laps and an hour of loud ones, and the seconds that a lap takes in it.

    Loud ones take more bytes where the bit rate varies, so that no second lies where its share of the file would be.
    """
    container, _codec, _options = FORMATS[kind]
    laps = [encoded(lap(noise), kind) for noise in (0.001, 0.03)]
    buffer = io.BytesIO()
    with av.open(io.BytesIO(laps[0]), "r") as first, av.open(io.BytesIO(laps[1]), "r") as second:
        packets = [[packet for packet in source.demux(audio=0) if packet.size] for source in (first, second)]
        with av.open(buffer, "w", format=container) as output:
            stream = output.add_stream_from_template(first.streams.audio[0])
            length = sum(packet.duration or 0 for packet in packets[0])
            for number in range(LAPS):
                part = packets[0] if number < LAPS // 2 else packets[1]
                for packet in part:
                    copy = av.Packet(bytes(packet))
                    copy.pts = copy.dts = (packet.pts or 0) - (part[0].pts or 0) + number * length
                    copy.duration, copy.time_base, copy.stream = packet.duration or 0, packet.time_base, stream
                    output.mux(copy)
        base = packets[0][0].time_base
        assert base is not None
        return buffer.getvalue(), float(length * base)


@pytest.fixture(scope="module")
def roomy(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """A service that takes large recordings."""
    service = RunningService(
        tmp_path_factory.mktemp("long") / "data",
        {"DAYLINE_REQUESTS_PER_MINUTE": "60000", "DAYLINE_REQUESTS_BURST": "5000"},
    ).start()
    console = Console(service, chromium, {}, {"production": service.make_key("production")})
    yield console
    console.close_contexts()
    service.stop()


def upload(console: Console, body: bytes, kind: str) -> str:
    api = console.as_("production")
    ask = {"file_name": f"day.{kind}", "content_type": TYPES[kind], "size_bytes": len(body)}
    signed = api("POST", "/v1/uploads/signed-url", ask)
    httpx2.put(signed["upload_url"], content=body, headers=signed["headers"], timeout=60).raise_for_status()
    day = api("POST", "/v1/all-day-sessions", {"org_id": "acme", "rep_id": "r", "file_key": signed["file_key"]})["id"]
    api.finished(day, within_seconds=LONGEST_SECONDS)
    return day


class Received:
    """Counts the bytes of sound that reach the browser, those of answers that it broke off too."""

    def __init__(self, session: CDPSession) -> None:
        self.bytes = 0
        self._sound: set[str] = set()
        session.on("Network.requestWillBeSent", self._asked)
        session.on("Network.dataReceived", self._came)
        session.send("Network.enable")

    def _asked(self, event: dict[str, Any]) -> None:
        if event["request"]["url"].split("?")[0].endswith(("/audio", "/clip")):
            self._sound.add(event["requestId"])

    def _came(self, event: dict[str, Any]) -> None:
        if event["requestId"] in self._sound:
            self.bytes += event["dataLength"]


def jump(page: Page, seconds: float) -> None:
    page.locator("[data-goto]").fill(f"{seconds:.2f}")
    page.locator("[data-goto]").press("Enter")
    page.locator("h1").click()


@pytest.mark.parametrize("kind", TYPES)
def test_a_jump_far_into_two_hours_is_exact_and_in_an_mp3_reads_little(roomy: Console, kind: str) -> None:
    body, lap_seconds = two_hours(kind)
    day = upload(roomy, body, kind)
    context = hearing(roomy)
    page = context.new_page()
    received = Received(context.new_cdp_session(page))
    page.goto(f"{roomy.url}/days/{day}")
    expect(page.get_by_test_id("place")).to_have_attribute("data-seconds", re.compile(r"\d"))
    for number in (55, 10):
        beep = number * lap_seconds
        before = received.bytes
        jump(page, beep - 1)
        place = float(page.get_by_test_id("place").get_attribute("data-seconds") or "nan")
        assert place == pytest.approx(beep - 1, abs=NEAR_SECONDS)
        until_beep, _played = play_until_beep(page)
        assert place + until_beep == pytest.approx(beep, abs=HEARD_SECONDS), number
        if kind == "mp3":
            assert received.bytes - before < MOST_OF_AN_MP3, f"lap {number}"
