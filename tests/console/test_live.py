"""A day while it is worked on: its progress in the list, and how it is cancelled."""

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
