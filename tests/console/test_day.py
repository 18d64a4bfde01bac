"""One day: its places by keys and by links, the transcript of a long day, what the page costs the browser."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.console.conftest import Console, until
from tests.console.stored_day import UTTERANCES, VISITS, visit_times

MAX_NODES = 1_500
MAX_HEAP_BYTES = 60_000_000


def place(page: Page) -> str:
    """The offset that the player shows. The player is there a moment before its first offset."""
    shown = page.get_by_test_id("place")
    expect(shown).to_contain_text(" / ")
    return shown.inner_text().split(" / ")[0]


def settled(page: Page) -> None:
    """Two frames, in which the page has drawn what it was told."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def clock(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"


def test_a_long_day_costs_the_browser_little(console: Console, open_page: Callable[..., Page]) -> None:
    page = open_page(f"/days/{console.days['long']}")
    expect(page.locator("[data-utterance='0']")).to_be_visible()
    expect(page.locator(".card")).to_have_count(VISITS)
    settled(page)
    assert page.evaluate("document.querySelectorAll('*').length") <= MAX_NODES
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    assert session.send("Runtime.getHeapUsage")["usedSize"] <= MAX_HEAP_BYTES


def test_jumps_put_the_row_in_the_middle_and_nothing_moves_after(
    console: Console, open_page: Callable[..., Page]
) -> None:
    page = open_page(f"/days/{console.days['long']}")
    box = page.locator(".rows-box")
    box.wait_for()
    for number in (4_000, 7_900, 100):
        seconds = number * 5.4 + 0.5
        page.locator("[data-goto]").fill(f"{seconds:.1f}")
        page.locator("[data-goto]").press("Enter")
        row = page.locator(f"[data-utterance='{number}']")
        expect(row).to_be_visible()
        settled(page)
        frame, spot = box.bounding_box(), row.bounding_box()
        assert frame is not None
        assert spot is not None
        middle = frame["y"] + frame["height"] / 2
        assert abs(spot["y"] + spot["height"] / 2 - middle) < 60, number
        for _ in range(30):
            settled(page)
        later = row.bounding_box()
        assert later is not None
        assert abs(later["y"] - spot["y"]) <= 1, number


def test_scrolling_up_moves_no_row_by_itself(console: Console, open_page: Callable[..., Page]) -> None:
    page = open_page(f"/days/{console.days['long']}?t=7:00:00")
    box = page.locator(".rows-box")
    box.hover()
    settled(page)
    for _ in range(20):
        moved = page.evaluate(
            """() => new Promise(done => {
                const box = document.querySelector('.rows-box');
                const row = [...box.querySelectorAll('[data-utterance]')].find(
                    e => e.getBoundingClientRect().top > box.getBoundingClientRect().top + 40);
                const before = row.getBoundingClientRect().top, top = box.scrollTop;
                box.scrollTop = top - 100;
                requestAnimationFrame(() => requestAnimationFrame(() =>
                    done(row.isConnected ? row.getBoundingClientRect().top - before - 100 : 0)));
            })"""
        )
        assert abs(moved) <= 3


def test_every_row_says_which_of_how_many_it_is(console: Console, open_page: Callable[..., Page]) -> None:
    page = open_page(f"/days/{console.days['long']}?t=11:50:00")
    row = page.locator("li.utterance").last
    expect(row).to_have_attribute("aria-setsize", re.compile(r"\d{4}"))
    assert int(row.get_attribute("aria-setsize") or 0) >= UTTERANCES
    assert int(row.get_attribute("aria-posinset") or 0) > UTTERANCES * 0.9


def test_keys_go_from_conversation_to_conversation_and_zoom(console: Console, open_page: Callable[..., Page]) -> None:
    page = open_page(f"/days/{console.days['long']}")
    expect(page.locator(".card")).to_have_count(VISITS)
    for start, _end in visit_times()[:3]:
        page.keyboard.press("]")
        assert place(page) == clock(start)
    page.keyboard.press("[")
    assert place(page) == clock(visit_times()[1][0])
    page.keyboard.press("z")
    expect(page).to_have_url(re.compile(r"z=[0-9.]+-[0-9.]+"))
    shown = re.search(r"z=([0-9.]+)-([0-9.]+)", page.url)
    assert shown is not None
    start, end = visit_times()[1]
    assert float(shown[1]) < start
    assert float(shown[2]) > end
    page.keyboard.press("0")
    expect(page).not_to_have_url(re.compile(r"z="))
    for _ in range(13):
        page.keyboard.press("+")
    # The address follows when the keys have been still for a moment; before, it may hold a step on the way.
    shown = r"(location.search.match(/z=([0-9.]+)-([0-9.]+)/) ?? [0, 0, 0])"
    until(page, f"(([, start, end]) => Math.abs(end - start - 10) < 0.2)({shown})")


def test_small_steps_by_keys(console: Console, open_page: Callable[..., Page]) -> None:
    page = open_page(f"/days/{console.days['three-conversations']}?t=1000")
    expect(page.get_by_test_id("place")).to_contain_text(clock(1000))
    for key, seconds in (("l", 1010), ("j", 1000), ("ArrowRight", 1005), ("Shift+ArrowLeft", 1004), ("Home", 0)):
        page.keyboard.press(key)
        assert place(page) == clock(seconds), key


def test_keys_are_dead_in_text_fields_and_can_be_switched_off(console: Console, open_page: Callable[..., Page]) -> None:
    page = open_page(f"/days/{console.days['three-conversations']}?t=1000")
    expect(page.get_by_test_id("place")).to_contain_text(clock(1000))
    page.locator("[data-goto]").press("l")
    assert place(page) == clock(1000)
    page.goto(f"{console.url}/account")
    page.get_by_label("Single-key shortcuts").uncheck()
    page.goto(f"{console.url}/days/{console.days['three-conversations']}?t=1000")
    expect(page.get_by_test_id("place")).to_contain_text(clock(1000))
    page.locator("h1").click()
    page.keyboard.press("l")
    assert place(page) == clock(1000)


def test_a_link_leads_to_the_same_place(console: Console, open_page: Callable[..., Page]) -> None:
    context = console.context(permissions=["clipboard-read", "clipboard-write"])
    page = open_page(f"/days/{console.days['three-conversations']}", context=context)
    expect(page.locator(".card")).to_have_count(3)
    page.keyboard.press("]")
    page.keyboard.press("]")
    page.keyboard.press("z")
    expect(page).to_have_url(re.compile(r"z=.*seg=|seg=.*z="))
    page.keyboard.press("y")
    expect(page.get_by_text("Link copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "rep-17" in copied
    other = open_page(copied.splitlines()[1].split("/console", 1)[1], context=context)
    expect(other.locator(".card.selected")).to_have_attribute("aria-label", re.compile("conversation 2 of 3"))
    expect(other.get_by_test_id("place")).to_contain_text(place(page))
    assert re.findall(r"z=[^&]+", other.url) == re.findall(r"z=[^&]+", page.url)


def test_the_timeline_is_there_for_screen_readers(console: Console, open_page: Callable[..., Page]) -> None:
    page = open_page(f"/days/{console.days['three-conversations']}")
    marks = page.get_by_role("list", name="Timeline of the day").get_by_role("button")
    first = page.get_by_role("button", name=re.compile(r"^Customer conversation 1 of 3, .*4 minutes .*sure \d\d"))
    expect(first).to_have_count(1)
    focusable = marks.evaluate_all("all => all.filter(one => one.tabIndex === 0).length")
    assert focusable == 1
    first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".mark:focus")).not_to_have_attribute("aria-label", re.compile("^Customer conversation 1 "))
    first.focus()
    page.keyboard.press("Enter")
    assert place(page) == clock(870)
    expect(page.get_by_role("slider", name="Position")).to_have_attribute(
        "aria-valuetext", re.compile(r"^14 minutes 30 seconds, .*Okafor")
    )


def test_why_stands_in_groups_with_seconds(console: Console, open_page: Callable[..., Page]) -> None:
    page = open_page(f"/days/{console.days['three-conversations']}")
    card = page.locator(".card").first
    card.get_by_text("Why", exact=True).click()
    for group in ("Why a customer", "Why it starts here", "Why it ends here"):
        expect(card.get_by_text(group)).to_be_visible()
    expect(card.get_by_text("s of silence").first).to_be_visible()
