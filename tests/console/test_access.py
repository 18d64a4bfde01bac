"""Every view for everybody: axe in both themes and at two widths, no sideways scrolling, words longer by 40 percent."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.console.conftest import Console

Open = Callable[..., Page]

VIEWS = {
    "days": "/days",
    "day": "/days/{three-conversations}",
    "long day": "/days/{long}",
    "failed day": "/days/{failing-recording}",
    "day without visits": "/days/{no-conversation}",
    "team": "/team",
    "rep": "/reps/acme-roofing/rep-17",
    "playbooks": "/playbooks?org=acme-roofing&id=new",
    "search": "/search",
    "operator": "/operator",
    "account": "/account",
    "upload": "/upload",
    "nothing": "/nowhere",
}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def findings(page: Page, axe: str) -> list[str]:
    page.evaluate(axe)
    found = page.evaluate("rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES)
    return [
        f"{rule['id']} ({rule['impact']}): {node['html'][:200]} {node['failureSummary'][:300]}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def check(page: Page, axe: str, what: str) -> None:
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 800})
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
            assert findings(page, axe) == [], f"{what}, {theme}, {width} px"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{what} scrolls sideways at {width} px"


@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing(console: Console, open_page: Open, axe: str, view: str) -> None:
    path = VIEWS[view]
    for name, day_id in console.days.items():
        path = path.replace(f"{{{name}}}", day_id)
    page = open_page(path)
    page.wait_for_load_state("networkidle")
    check(page, axe, view)


def test_axe_finds_nothing_in_a_conversation(console: Console, open_page: Open, axe: str) -> None:
    day = console.days["three-conversations"]
    segment = console.as_("sandbox")("GET", f"/v1/all-day-sessions/{day}")["segments"][0]
    page = open_page(f"/days/{day}/conversations/{segment['id']}")
    expect(page.locator(".plain-row")).not_to_have_count(0)
    page.locator("details summary").first.click()
    check(page, axe, "conversation")


def test_axe_finds_nothing_while_correcting(console: Console, open_page: Open, axe: str) -> None:
    page = open_page(f"/days/{console.days['back-to-back']}")
    expect(page.locator(".card")).to_have_count(2)
    expect(page.locator(".mark").first).to_be_attached()
    page.keyboard.press("e")
    page.locator(".card-title").first.click()
    expect(page.get_by_role("slider", name="Start of conversation 1")).to_be_visible()
    check(page, axe, "correcting")


def test_axe_finds_nothing_in_dialogs(console: Console, open_page: Open, axe: str) -> None:
    page = open_page(f"/days/{console.days['back-to-back']}")
    expect(page.locator(".card")).to_have_count(2)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard keys")).to_be_visible()
    check(page, axe, "keys")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="No sound").click()
    check(page, axe, "no sound")


def test_axe_finds_nothing_at_the_sign_in(console: Console, axe: str) -> None:
    page = console.context(None).new_page()
    page.goto(f"{console.url}/sign-in")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    check(page, axe, "sign-in")


@pytest.mark.parametrize("view", ["days", "day", "upload", "account"])
def test_longer_words_still_fit(console: Console, open_page: Open, view: str) -> None:
    path = VIEWS[view].replace("{three-conversations}", console.days["three-conversations"])
    page = open_page(f"{path}?locale=pseudo", viewport={"width": 320, "height": 800})
    page.wait_for_load_state("networkidle")
    assert "~" in page.locator("h1, nav").first.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_screen_reader_tree_of_a_day_tells_the_day(console: Console, open_page: Open) -> None:
    page = open_page(f"/days/{console.days['three-conversations']}")
    expect(page.locator(".card")).to_have_count(3)
    tree = page.locator("main").aria_snapshot()
    for part in (
        "heading",
        "Timeline of the day",
        "Customer conversation 1 of 3",
        "Transcript",
        "Conversations",
        "Why",
    ):
        assert part in tree
