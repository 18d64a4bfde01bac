"""A day while it is worked on: its words as they come, its progress in the list, a cut stream, how it is cancelled."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import av
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.conftest import ROOT
from tests.console.conftest import Console, beeps, sign_in
from tests.console.sounding_day import RATE, encoded

Open = Callable[..., Page]
# Dense talk of the sample day: the first piece that is transcribed needs half a minute of speech.
TALK_SECONDS = (280, 385)
HELD_SHARE = 0.75
# The recogniser of the tests works at about the speed of speech when the machine is busy.
SPEECH_MS = 480_000


def talk() -> np.ndarray:
    """A part of the sample day, mono at 16 kHz."""
    parts = []
    with av.open(str(ROOT / "examples/sample-day/day.opus")) as container:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        container.seek(int(TALK_SECONDS[0] * 1_000_000))
        for frame in container.decode(audio=0):
            if frame.time is not None and frame.time >= TALK_SECONDS[1]:
                break
            parts += [part.to_ndarray()[0] for part in resampler.resample(frame)]
    return np.concatenate(parts).astype(np.float64) / 32768


@pytest.fixture
def held(console: Console, recordings: Any) -> str:
    """A day whose recording stops coming after three quarters, until `recordings` lets go of it."""
    return submit_held(console, recordings, "talk.opus", encoded(talk(), "opus"))


def submit_held(console: Console, recordings: Any, name: str, body: bytes) -> str:
    recordings.files[name] = body
    recordings.hold(name, int(len(body) * HELD_SHARE))
    request = {"org_id": "acme", "rep_id": "live", "recording_url": f"{recordings.base_url}/held/{name}"}
    return console.as_("production")("POST", "/v1/all-day-sessions", request)["id"]


def test_a_running_day_is_in_the_list_with_its_progress_and_can_be_cancelled(
    console: Console, open_page: Open, recordings: Any, held: str
) -> None:
    page = open_page("/days", key="production")
    row = page.locator(".day-item", has_text="live").first
    expect(row.get_by_role("img", name=re.compile(r"\d+ % done"))).to_be_visible()
    row.get_by_role("link").click()
    page.get_by_role("button", name="Cancel this day").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel this day").click()
    recordings.release("talk.opus")
    expect(page.get_by_text("This day was cancelled")).to_be_visible(timeout=60_000)


def test_words_are_shown_as_they_come_and_the_day_ends_without_a_reload(
    console: Console, open_page: Open, recordings: Any
) -> None:
    recordings.files["talks.opus"] = encoded(np.tile(talk(), 2), "opus")
    request = {"org_id": "acme", "rep_id": "live", "recording_url": f"{recordings.base_url}/range/talks.opus"}
    day = console.as_("production")("POST", "/v1/all-day-sessions", request)["id"]
    page = open_page(f"/days/{day}", key="production")
    page.evaluate("window.wasHere = true")
    working = page.get_by_role("region", name="Being worked on")
    expect(page.get_by_text("They appear here when the words of the day are known.")).to_be_visible()
    # Most of the recording is still to be transcribed, and what was said at its start can be read.
    line = page.locator("li.utterance").first
    expect(line).to_be_visible(timeout=SPEECH_MS)
    assert working.is_visible()
    assert line.locator("p").inner_text().strip() != ""
    # Once the recording is read to its end, its length and its waveform are shown while the words are still coming.
    expect(page.locator(".facts")).to_contain_text("4 min recorded", timeout=SPEECH_MS)
    expect(page.locator(".no-wave")).to_have_count(0)
    assert working.is_visible()
    expect(working).to_have_count(0, timeout=SPEECH_MS)
    expect(page.get_by_role("button", name="Correct this day")).to_be_visible()
    expect(line).to_be_visible()
    assert page.evaluate("window.wasHere")


class Relay:
    """Passes connections on to the service, and cuts them when asked."""

    def __init__(self, port: int) -> None:
        self._target = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.is_down = False
        # Set once the stream of a day has carried an event with a number, which a browser names when it connects again.
        self.has_sent_event = threading.Event()
        self._day_streams: set[socket.socket] = set()
        self.base_url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                if self.is_down:
                    near.close()
                    continue
                far = socket.create_connection(self._target)
                self._open += [near, far]
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=self._pass_on, args=(source, sink), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        end = b""
        with contextlib.suppress(OSError):
            while piece := source.recv(65_536):
                if re.match(rb"GET /v1/all-day-sessions/[^/ ]+/events ", piece):
                    self._day_streams.add(source)
                sink.sendall(piece)
                if sink in self._day_streams and b"\nid: " in end + piece:
                    self.has_sent_event.set()
                end = piece[-len(b"\nid: ") :]
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        """End every connection, and refuse new ones until `is_down` is false again."""
        self.is_down = True
        while self._open:
            with contextlib.suppress(OSError):
                self._open.pop().shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.cut()
        self._listener.close()


@pytest.fixture
def relay(console: Console) -> Iterator[Relay]:
    made = Relay(int(console.service.base_url.rpartition(":")[2]))
    yield made
    made.close()


def test_a_stream_that_is_cut_goes_on_from_the_last_event(console: Console, recordings: Any, relay: Relay) -> None:
    context = console.context(None)
    sign_in(context, relay.base_url, console.keys["production"])
    page = context.new_page()
    # A recording without words is done as soon as it has come. Nothing is held longer than the page needs.
    day = submit_held(console, recordings, "beeps.wav", beeps(60))
    page.goto(f"{relay.base_url}/console/days/{day}")
    working = page.get_by_role("region", name="Being worked on")
    expect(working).to_contain_text("Reading the recording")
    # The stage above comes with the day itself, often before the first event of the stream.
    assert relay.has_sent_event.wait(SPEECH_MS / 1000)
    with page.expect_request(lambda request: request.url.endswith(f"{day}/events"), timeout=SPEECH_MS) as again:
        relay.cut()
        relay.is_down = False
    assert int(again.value.all_headers()["last-event-id"]) > 0
    recordings.release("beeps.wav")
    expect(working).to_have_count(0, timeout=SPEECH_MS)
    expect(page.get_by_role("button", name="Correct this day")).to_be_visible()
