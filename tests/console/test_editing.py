"""Correcting a day: by keys alone, by mouse alone, by touch without dragging; undo, drafts, two people at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.console.conftest import Console, until

Open = Callable[..., Page]


@pytest.fixture
def day(console: Console) -> str:
    """A finished made-up day of the test's own."""
    api = console.as_("sandbox")
    day_id = api.submit("three-conversations")
    api.finished(day_id)
    return day_id


def segments(console: Console, day: str) -> list[dict[str, Any]]:
    return console.as_("sandbox").finished(day)["segments"]


def clock(seconds: float) -> str:
    """An offset with tenths, as the page writes it."""
    tenths = round(seconds * 10)
    return f"{tenths // 36000}:{tenths % 36000 // 600:02d}:{tenths % 600 // 10:02d}.{tenths % 10}"


def edit(page: Page) -> None:
    expect(page.locator(".card")).to_have_count(3)
    expect(page.locator(".mark").first).to_be_attached()
    page.keyboard.press("e")
    expect(page.get_by_role("region", name="Correcting")).to_be_visible()


def saved(page: Page) -> None:
    expect(page.get_by_text("Saved", exact=True).first).to_be_visible()


def test_moving_a_border_by_keys_analyses_only_that_conversation(console: Console, open_page: Open, day: str) -> None:
    before = segments(console, day)
    page = open_page(f"/days/{day}")
    edit(page)
    page.keyboard.press("]")
    handle = page.get_by_role("slider", name="End of conversation 1")
    handle.press("PageUp")
    handle.press("ArrowLeft")
    expect(handle).to_have_attribute("aria-valuetext", clock(before[0]["end_seconds"] + 9.9))
    effect = page.get_by_test_id("effect")
    expect(effect).to_contain_text("1 conversation will be analysed again")
    expect(effect).to_contain_text("2 keep their analyses")
    # The server has answered what saving will do: what the page counted itself would say so.
    expect(effect).not_to_contain_text("as far as this page can tell")
    page.keyboard.press("Control+Enter")
    saved(page)
    after = segments(console, day)
    assert after[0]["end_seconds"] == pytest.approx(before[0]["end_seconds"] + 9.9, abs=0.01)
    assert after[0]["analysis_id"] != before[0]["analysis_id"]
    for old, new in zip(before[1:], after[1:], strict=True):
        assert (old["analysis_id"], old["confidence"]) == (new["analysis_id"], new["confidence"])


def test_undo_and_redo_before_saving(console: Console, open_page: Open, day: str) -> None:
    page = open_page(f"/days/{day}")
    edit(page)
    page.keyboard.press("]")
    page.keyboard.press("x")
    expect(page.locator(".card")).to_have_count(2)
    page.keyboard.press("]")
    page.keyboard.press("1")
    expect(page.locator(".card")).to_have_count(1)
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(page.locator(".card")).to_have_count(3)
    expect(page.get_by_text("0 changes")).to_be_visible()
    page.keyboard.press("Control+Shift+Z")
    expect(page.locator(".card")).to_have_count(2)
    page.keyboard.press("Control+z")
    page.keyboard.press("Escape")
    expect(page.get_by_text("0 changes")).to_have_count(0)
    assert len(segments(console, day)) == 3


def test_split_merge_label_and_add_by_keys(console: Console, open_page: Open, day: str) -> None:
    page = open_page(f"/days/{day}?t=1000")
    edit(page)
    page.keyboard.press("s")
    expect(page.locator(".card")).to_have_count(4)
    page.keyboard.press("m")
    expect(page.get_by_text("2 changes")).to_be_visible()
    expect(page.locator(".card")).to_have_count(3)
    page.keyboard.press("Control+z")
    # A new conversation from a selection made with I and O where nothing is chosen.
    page.locator("[data-goto]").fill("3000")
    page.locator("[data-goto]").press("Enter")
    page.locator("h1").click()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("i")
    page.locator("[data-goto]").fill("3060")
    page.locator("[data-goto]").press("Enter")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("o")
    expect(page.get_by_text(re.compile("^Selected 0:50:00 to 0:51:00"))).to_be_visible()
    page.keyboard.press("a")
    expect(page.locator(".card")).to_have_count(5)
    page.get_by_title("Ctrl+Enter").click()
    saved(page)
    after = segments(console, day)
    assert len(after) == 5
    assert [s["start_seconds"] for s in after][1] == pytest.approx(1000)
    assert any(s["start_seconds"] == pytest.approx(3000) for s in after)


def test_dragging_a_border_by_mouse(console: Console, open_page: Open, day: str) -> None:
    before = segments(console, day)
    page = open_page(f"/days/{day}")
    edit(page)
    page.locator(".card-title").nth(1).click()
    handle = page.get_by_role("slider", name="Start of conversation 2")
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    assert box is not None
    assert box["width"] >= 24
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 - 40, box["y"] + 40, steps=5)
    page.mouse.up()
    expect(page.get_by_test_id("effect")).to_contain_text("1 conversation will be analysed again")
    page.get_by_title("Ctrl+Enter").click()
    saved(page)
    after = segments(console, day)
    assert after[1]["start_seconds"] < before[1]["start_seconds"] - 60
    assert after[0]["analysis_id"] == before[0]["analysis_id"]


def test_trimming_by_touch_without_dragging(console: Console, open_page: Open, day: str) -> None:
    before = segments(console, day)
    page = open_page(f"/days/{day}", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    expect(page.locator(".card")).to_have_count(3)
    page.get_by_role("button", name="Correct this day").tap()
    page.locator(".card-title").first.tap()
    page.get_by_role("button", name="End: 10 s earlier").tap()
    page.get_by_role("button", name="Start: 1 s later").tap()
    expect(page.get_by_text("2 changes")).to_be_visible()
    for button in page.locator(".edit-panel button").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
    page.get_by_title("Ctrl+Enter").tap()
    saved(page)
    after = segments(console, day)
    assert after[0]["end_seconds"] == pytest.approx(before[0]["end_seconds"] - 10, abs=0.01)
    assert after[0]["start_seconds"] == pytest.approx(before[0]["start_seconds"] + 1, abs=0.01)


def test_undo_after_saving_brings_everything_back(console: Console, open_page: Open, day: str) -> None:
    before = segments(console, day)
    page = open_page(f"/days/{day}")
    edit(page)
    page.keyboard.press("]")
    page.get_by_role("slider", name="End of conversation 1").press("PageUp")
    page.get_by_title("Ctrl+Enter").click()
    saved(page)
    # A message stays while the pointer is on it, however long the new analysis takes.
    page.locator(".toast").hover()
    segments(console, day)
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator(".card").first).to_contain_text(re.compile(r"sure \d\d"))
    after = segments(console, day)
    for name in ("start_seconds", "end_seconds", "confidence", "reasons", "analysis_id", "id"):
        assert [s[name] for s in after] == [s[name] for s in before], name


def test_unsaved_corrections_survive_a_reload(console: Console, open_page: Open, day: str) -> None:
    page = open_page(f"/days/{day}")
    edit(page)
    page.keyboard.press("]")
    page.keyboard.press("x")
    expect(page.locator(".card")).to_have_count(2)
    stored = """async () => {
        const db = await new Promise(done => {
            const r = indexedDB.open('dayline'); r.onsuccess = () => done(r.result);
        });
        const all = await new Promise(done => {
            const r = db.transaction('drafts').objectStore('drafts').getAll(); r.onsuccess = () => done(r.result);
        });
        db.close();
        return all.length;
    }"""
    until(page, f"({stored})().then(count => count > 0)")
    page.reload()
    expect(page.get_by_text("Your unsaved corrections are back.")).to_be_visible()
    expect(page.locator(".card")).to_have_count(2)
    page.get_by_role("button", name="Discard").click()
    page.get_by_role("dialog").get_by_role("button", name="Discard").click()
    expect(page.locator(".card")).to_have_count(3)


def test_the_second_of_two_people_sees_both_versions_and_loses_nothing(
    console: Console, open_page: Open, day: str
) -> None:
    before = segments(console, day)
    first, second = open_page(f"/days/{day}"), open_page(f"/days/{day}")
    edit(first)
    edit(second)
    first.keyboard.press("]")
    first.get_by_role("slider", name="End of conversation 1").press("PageUp")
    second.locator(".card-title").nth(2).click()
    second.get_by_role("slider", name="End of conversation 3").press("PageUp")
    first.get_by_title("Ctrl+Enter").click()
    saved(first)
    second.get_by_title("Ctrl+Enter").click()
    dialog = second.get_by_role("dialog", name="Somebody else corrected this day meanwhile")
    expect(dialog).to_contain_text(clock(before[0]["end_seconds"] + 10))
    expect(dialog).to_contain_text(clock(before[2]["end_seconds"] + 10))
    dialog.get_by_role("button", name="Put mine on top").click()
    second.get_by_title("Ctrl+Enter").click()
    saved(second)
    after = segments(console, day)
    assert after[0]["end_seconds"] == pytest.approx(before[0]["end_seconds"] + 10)
    assert after[2]["end_seconds"] == pytest.approx(before[2]["end_seconds"] + 10)


def test_a_link_to_a_conversation_leads_to_its_successor_after_a_correction(
    console: Console, open_page: Open, day: str
) -> None:
    before = segments(console, day)
    console.as_("sandbox")(
        "PATCH",
        f"/v1/all-day-sessions/{day}/segments",
        {"revision": 0, "changes": [{"op": "merge", "segment_ids": [before[0]["id"], before[1]["id"]]}]},
    )
    page = open_page(f"/days/{day}?seg={before[1]['id']}")
    expect(page.get_by_text("That conversation was replaced by a correction")).to_be_visible()
    expect(page.locator(".card.selected")).to_have_attribute("aria-label", re.compile("conversation 1 of 2"))
