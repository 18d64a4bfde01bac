"""Listening: what is heard is what was asked for, lines follow the sound, quotes stop at their end."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.console.conftest import Console, until
from tests.console.ears import hearing, play_until_beep
from tests.console.sounding_day import (
    LINE_SECONDS,
    QUOTE,
    SECONDS,
    TYPES,
    beeping,
    encoded,
    line,
    write_words,
)

Open = Callable[..., Page]
NEAR_SECONDS = 0.05
# How far the sound may be from the place that was asked for: an AAC encoder delays it by a frame, 64 ms at 16 kHz.
HEARD_SECONDS = 0.1
# The browser's clock of an element runs on for a moment when the machine keeps its sound waiting.
CLOCK_SECONDS = 0.25
_SPOKEN = f"Math.floor((document.querySelector('[data-testid=place]').dataset.seconds - 0.2) / {LINE_SECONDS})"
MARKED_LINES = 3
MOST_FRAMES = 4
# For each of the next lines: how many frames after its beginning it is the marked one.
_FRAMES_UNTIL_MARKED = f"""() => new Promise(done => {{
    const counts = [];
    let known = null, waited = 0;
    const look = () => {{
        const at = Number(document.querySelector('[data-testid=place]').dataset.seconds) - 0.2;
        const number = Math.floor(at / {LINE_SECONDS});
        // Only while the line is spoken: between two lines none is.
        if (at - number * {LINE_SECONDS} < 1.6 && number !== known) {{
            const marked = document.querySelector('li.utterance.spoken p')?.textContent ?? '';
            if (marked.startsWith(`Line ${{number}} `)) {{
                if (known !== null) counts.push(waited);
                known = number;
                waited = 0;
            }} else waited += 1;
        }}
        if (counts.length < {MARKED_LINES} && waited < 1000) requestAnimationFrame(look); else done(counts);
    }};
    look();
}})"""
_TOP_AT_REST = """() => new Promise(done => {
    const box = document.querySelector('.rows-box');
    let top = -1, still = 0;
    const look = () => {
        still = box.scrollTop === top ? still + 1 : 0;
        top = box.scrollTop;
        if (still < 10) requestAnimationFrame(look); else done(top);
    };
    look();
})"""


def upload(console: Console, body: bytes, kind: str) -> str:
    """Upload a recording, submit it as a day, wait for its end."""
    api = console.as_("production")
    ask = {"file_name": f"day.{kind}", "content_type": TYPES[kind], "size_bytes": len(body)}
    signed = api("POST", "/v1/uploads/signed-url", ask)
    httpx2.put(signed["upload_url"], content=body, headers=signed["headers"], timeout=60).raise_for_status()
    day = api("POST", "/v1/all-day-sessions", {"org_id": "acme", "rep_id": "r", "file_key": signed["file_key"]})["id"]
    api.finished(day)
    return day


@pytest.fixture(scope="module")
def sounding(running: Console) -> tuple[str, str]:
    """A day with sound, words and one conversation: their ids."""
    day = upload(running, encoded(beeping(), "wav"), "wav")
    segment = write_words(running.service.folder / "dayline.db", day, running.days["three-conversations"])
    return day, segment


def listen(open_page: Open, console: Console, address: str) -> Page:
    context = hearing(console)
    page = open_page(address, context=context)
    expect(page.get_by_test_id("place")).to_have_attribute("data-seconds", re.compile(r"\d"))
    return page


def place(page: Page) -> float:
    """Seconds of the recording at which the listener is."""
    return float(page.get_by_test_id("place").get_attribute("data-seconds") or "nan")


def spoken_line(page: Page) -> int:
    """The number of the line that is spoken at the listener's place."""
    return int(page.evaluate(_SPOKEN))


def playing(page: Page) -> None:
    until(page, "window.audios.length > 0 && !window.audios[0].paused && window.audios[0].currentTime > 0")


@pytest.mark.parametrize("kind", TYPES)
def test_what_is_heard_is_what_the_clock_says(console: Console, open_page: Open, kind: str) -> None:
    day = upload(console, encoded(beeping(), kind), kind)
    page = listen(open_page, console, f"/days/{day}")
    # Before the timeline knows its width, no click leads anywhere.
    canvas = "document.querySelector('.timeline-box canvas')"
    until(page, f"{canvas}.width === Math.round({canvas}.getBoundingClientRect().width * devicePixelRatio)")
    box = page.locator(".timeline-box").bounding_box()
    assert box is not None
    for beep in (100, 50, 80):
        asked = beep - 1.0
        page.mouse.click(box["x"] + box["width"] * asked / SECONDS, box["y"] + 60)
        # A pixel of the timeline is more than a tenth of a second: the rest of the way goes by its own field.
        assert place(page) == pytest.approx(asked, abs=SECONDS / box["width"])
        page.locator("[data-goto]").fill(str(asked))
        page.locator("[data-goto]").press("Enter")
        assert place(page) == pytest.approx(asked, abs=NEAR_SECONDS)
        page.locator("h1").click()
        began = place(page)
        until_beep, played = play_until_beep(page)
        assert began + until_beep == pytest.approx(beep, abs=HEARD_SECONDS)
        assert place(page) == pytest.approx(began + played, abs=CLOCK_SECONDS)


@pytest.mark.parametrize("kind", ["m4a", "opus", "wav"])
def test_a_file_is_played_once_it_is_at_its_place(console: Console, open_page: Open, kind: str) -> None:
    """Chromium opens a file at its beginning: told to play before it has sought, it can sound that for a moment."""
    day = upload(console, encoded(beeping(), kind), kind)
    page = listen(open_page, console, f"/days/{day}?t=99")
    page.keyboard.press("k")
    playing(page)
    assert page.evaluate("window.plays") == [
        {"opened": True, "seeking": False, "seconds": pytest.approx(99, abs=NEAR_SECONDS)}
    ]


def test_a_click_on_a_word_leads_to_that_word(console: Console, open_page: Open, sounding: tuple[str, str]) -> None:
    page = listen(open_page, console, f"/days/{sounding[0]}?t=40")
    row = page.locator("li.utterance", has_text="Line 20 has")
    paragraph = row.locator("p")
    expect(paragraph).to_be_visible()
    spot = paragraph.evaluate(
        """element => {
            const range = document.createRange();
            const at = element.textContent.indexOf("four") + 2;
            range.setStart(element.firstChild, at);
            range.setEnd(element.firstChild, at + 1);
            const box = range.getBoundingClientRect();
            return {x: box.x + box.width / 2, y: box.y + box.height / 2};
        }"""
    )
    page.mouse.click(spot["x"], spot["y"])
    start, end, _text = line(20)
    word = start + (end - start) * 3 / 5
    until(page, f"Math.abs(Number(document.querySelector('[data-testid=place]').dataset.seconds) - {word}) < 0.05")


def test_a_quote_plays_from_two_seconds_before_to_its_end(
    console: Console, open_page: Open, sounding: tuple[str, str]
) -> None:
    day, segment = sounding
    page = listen(open_page, console, f"/days/{day}/conversations/{segment}")
    page.evaluate(
        """() => {
            window.seen = [];
            const place = document.querySelector('[data-testid=place]');
            new MutationObserver(() => window.seen.push(Number(place.dataset.seconds)))
                .observe(place, {attributes: true});
        }"""
    )
    page.get_by_role("button", name=re.compile("Line 15 has four words")).first.click()
    playing(page)
    until(page, f"window.audios[0].paused && window.seen.at(-1) >= {QUOTE[1]} - 0.05")
    seen = page.evaluate("window.seen")
    assert seen[0] == pytest.approx(QUOTE[0] - 2, abs=NEAR_SECONDS)
    assert seen[-1] == pytest.approx(QUOTE[1], abs=NEAR_SECONDS)


def test_the_spoken_line_is_marked_and_in_view_until_the_reader_scrolls_away(
    console: Console, open_page: Open, sounding: tuple[str, str]
) -> None:
    page = listen(open_page, console, f"/days/{sounding[0]}?t=30")
    spoken = page.locator("li.utterance.spoken")
    page.keyboard.press("k")
    playing(page)
    # Whenever a line begins, it is marked within a few frames, however long this machine takes for one.
    frames = page.evaluate(_FRAMES_UNTIL_MARKED)
    assert len(frames) == MARKED_LINES
    assert max(frames) <= MOST_FRAMES
    expect(spoken).to_be_in_viewport()
    box = page.locator(".rows-box")
    box.hover()
    page.mouse.wheel(0, 1500)
    back = page.get_by_role("button", name="Back to what is spoken")
    expect(back).to_be_visible()
    # The browser may still be rolling to where the wheel sent it.
    top = page.evaluate(_TOP_AT_REST)
    said = spoken_line(page)
    until(page, f"({_SPOKEN}) !== {said}")
    assert box.evaluate("element => element.scrollTop") == top
    page.keyboard.press("f")
    expect(back).to_have_count(0)
    expect(spoken).to_be_in_viewport()
    page.keyboard.press("k")


def test_requests_of_a_day_are_few(console: Console, open_page: Open, sounding: tuple[str, str]) -> None:
    asked: list[Any] = []
    context = console.context("production")
    context.on("request", lambda request: asked.append(request.url))
    page = open_page(f"/days/{sounding[0]}", context=context)
    expect(page.locator(".card")).to_have_count(1)
    page.wait_for_load_state("networkidle")
    data = [url for url in asked if "/v1/all-day-sessions/" in url or "/v1/analyses" in url]
    assert len(data) <= 6, data
