"""Sound: from the recording itself, to the second asked for; what stands there when it is gone; local copies."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.console.conftest import Console, beeps, until

Open = Callable[..., Page]
SECONDS = 40
_KEEP_AUDIO = """
const Made = window.Audio;
window.audios = [];
window.Audio = function (...given) { const made = new Made(...given); window.audios.push(made); return made; };
"""


def upload(console: Console, body: bytes) -> str:
    """Upload a recording, submit it as a day, and wait for its end."""
    api = console.as_("production")
    partner = api("GET", "/v1/me")["partner"]["id"]
    signed = api(
        "POST",
        f"/v1/admin/partners/{partner}/uploads/signed-url",
        {"file_name": "day.wav", "content_type": "audio/wav", "size_bytes": len(body)},
    )
    httpx2.put(signed["upload_url"], content=body, headers=signed["headers"], timeout=60).raise_for_status()
    day = api("POST", "/v1/all-day-sessions", {"org_id": "acme", "rep_id": "r", "file_key": signed["file_key"]})["id"]
    api.finished(day)
    return day


@pytest.fixture(scope="module")
def day(running: Console) -> str:
    return upload(running, beeps(SECONDS))


def place(page: Page) -> float:
    return float(page.evaluate("window.audios.length ? window.audios[0].currentTime : -1"))


def listen(open_page: Open, console: Console, address: str) -> Page:
    context = console.context("production")
    context.add_init_script(_KEEP_AUDIO)
    return open_page(address, context=context)


def test_keys_and_clicks_play_from_the_second_that_was_asked_for(console: Console, open_page: Open, day: str) -> None:
    page = listen(open_page, console, f"/days/{day}?t=20")
    expect(page.get_by_test_id("place")).to_contain_text("0:00:20")
    page.keyboard.press("k")
    until(page, "window.audios.length && !window.audios[0].paused && window.audios[0].currentTime > 20")
    assert place(page) < 40
    page.keyboard.press("k")
    until(page, "window.audios[0].paused")
    for seconds in (5, 31.5, 12.3):
        page.locator("[data-goto]").fill(str(seconds))
        page.locator("[data-goto]").press("Enter")
        until(page, "!window.audios[0].seeking")
        assert place(page) == pytest.approx(seconds, abs=0.05)
    box = page.locator(".timeline-box").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 4, box["y"] + 60)
    until(page, "!window.audios[0].seeking")
    assert place(page) == pytest.approx(SECONDS / 4, abs=0.1)


def test_a_selection_stops_at_its_end(console: Console, open_page: Open, day: str) -> None:
    page = listen(open_page, console, f"/days/{day}")
    box = page.locator(".timeline-box").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.53, box["y"] + 60, steps=4)
    page.mouse.up()
    page.get_by_role("button", name="Play selection").click()
    until(page, "window.audios.length && window.audios[0].paused && window.audios[0].currentTime > 20.5")
    shown = page.get_by_test_id("place").get_attribute("data-seconds")
    assert float(shown or "nan") == pytest.approx(SECONDS * 0.53, abs=0.1)


def test_a_made_up_day_says_that_it_has_no_sound(console: Console, open_page: Open) -> None:
    page = open_page(f"/days/{console.days['three-conversations']}")
    page.get_by_role("button", name="No sound").click()
    expect(page.get_by_role("dialog", name="No sound")).to_contain_text("A made-up day has no recording.")


def test_an_address_that_ended_offers_a_local_copy_which_is_compared_and_sent_nowhere(
    console: Console, open_page: Open, recordings: Any, tmp_path: Path
) -> None:
    recordings.files["ends.wav"] = beeps(SECONDS)
    api = console.as_("production")
    url = f"{recordings.base_url}/range/ends.wav?signature=secret"
    day = api("POST", "/v1/all-day-sessions", {"org_id": "acme", "rep_id": "r", "recording_url": url})["id"]
    api.finished(day)
    del recordings.files["ends.wav"]
    page = listen(open_page, console, f"/days/{day}")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method) if request.method != "GET" else None)
    page.get_by_role("region", name="Player").get_by_role("button", name="Play", exact=True).click()
    page.get_by_role("button", name="No sound").click()
    dialog = page.get_by_role("dialog", name="No sound")
    expect(dialog).to_contain_text("does not answer any more")
    expect(dialog.get_by_label("Address of the recording")).to_be_visible()
    assert "secret" not in page.content()
    other, right = tmp_path / "other.wav", tmp_path / "right.wav"
    other.write_bytes(beeps(SECONDS + 5))
    right.write_bytes(beeps(SECONDS))
    dialog.get_by_label("Listen to a local copy").set_input_files(other)
    expect(dialog.get_by_role("alert")).to_contain_text(re.compile("lasts 0:00:45; this day lasts 0:00:40"))
    dialog.get_by_label("Listen to a local copy").set_input_files(right)
    expect(dialog).to_have_count(0)
    page.keyboard.press("k")
    until(page, "window.audios.some(one => !one.paused && one.currentTime > 0.2)")
    assert sent == []


def test_a_changed_recording_is_not_played(console: Console, open_page: Open, recordings: Any) -> None:
    recordings.files["changes.wav"] = beeps(SECONDS)
    api = console.as_("production")
    url = f"{recordings.base_url}/range/changes.wav"
    day = api("POST", "/v1/all-day-sessions", {"org_id": "acme", "rep_id": "r", "recording_url": url})["id"]
    api.finished(day)
    recordings.files["changes.wav"] = beeps(SECONDS + 10)
    page = listen(open_page, console, f"/days/{day}")
    page.get_by_role("region", name="Player").get_by_role("button", name="Play", exact=True).click()
    page.get_by_role("button", name="No sound").click()
    expect(page.get_by_role("dialog", name="No sound")).to_contain_text("is not the one that was analysed")
