"""A day while it is worked on: progress and words as they come, through a connection that breaks."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import av
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.conftest import ROOT
from tests.console.conftest import Console
from tests.console.sounding_day import RATE, encoded

Open = Callable[..., Page]
# Dense talk of the sample day: the first piece that is transcribed needs half a minute of speech.
TALK_SECONDS = (280, 385)
HELD_SHARE = 0.75


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
    body = encoded(talk(), "opus")
    recordings.files["talk.opus"] = body
    recordings.hold("talk.opus", int(len(body) * HELD_SHARE))
    request = {"org_id": "acme", "rep_id": "live", "recording_url": f"{recordings.base_url}/held/talk.opus"}
    return console.as_("production")("POST", "/v1/all-day-sessions", request)["id"]


def test_words_come_while_the_day_runs_and_a_cut_connection_is_resumed(
    console: Console, open_page: Open, recordings: Any, held: str
) -> None:
    context = console.context("production")
    resumed: list[str] = []
    context.on(
        "request",
        lambda request: resumed.append(request.headers.get("last-event-id", "")) if "/events" in request.url else None,
    )
    page = open_page(f"/days/{held}", context=context)
    live = page.get_by_role("region", name="Being worked on")
    expect(live).to_be_visible()
    expect(live.get_by_role("list")).to_contain_text("Recognise the words")
    # Words of what has come so far, long before the recording has come whole.
    expect(page.locator("li.utterance").first).to_be_visible(timeout=120_000)
    expect(live).to_contain_text(re.compile(r"\d+ (s|min) transcribed"))
    expect(page.locator(".card")).to_have_count(0)
    streams = len(resumed)
    context.set_offline(True)
    recordings.release("talk.opus")
    console.as_("production").finished(held)
    context.set_offline(False)
    expect(live).to_have_count(0, timeout=60_000)
    expect(page.get_by_role("region", name="Timeline of the day")).to_be_visible()
    assert len(resumed) > streams
    assert page.evaluate("performance.getEntriesByType('navigation').length") == 1


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
