"""Every view for everybody: axe in both themes and at two widths, screen readers, keys alone, longer words."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.console.conftest import Console, beeps
from tests.console.test_live import submit_held

Open = Callable[..., Page]

VIEWS = {
    "days": "/days",
    "day": "/days/{three-conversations}",
    "long day": "/days/{long}",
    "failed day": "/days/{failing-recording}",
    "day without visits": "/days/{no-conversation}",
    "reading": "/days/{three-conversations}?view=reading",
    "team": "/team",
    "rep": "/reps/acme-roofing/rep-17",
    "playbooks": "/playbooks?org=acme-roofing&id=new",
    "search": "/search",
    "search hits": "/search?q=springs",
    "search without hits": "/search?q=xylophone",
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
    expect(page.get_by_role("dialog", name="No sound")).to_be_visible()
    check(page, axe, "no sound")


def test_axe_finds_nothing_at_the_sign_in(console: Console, axe: str) -> None:
    page = console.context(None).new_page()
    page.goto(f"{console.url}/sign-in")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    check(page, axe, "sign-in")


def test_axe_finds_nothing_when_something_is_missing(console: Console, open_page: Open, axe: str) -> None:
    context = console.context()
    page = open_page(f"/days/{console.days['back-to-back']}", context=context)
    expect(page.locator(".card")).to_have_count(2)
    context.set_offline(True)
    expect(page.get_by_text("This device is offline.")).to_be_visible()
    check(page, axe, "offline")
    # A page of its own: one that has just come online again asks by itself, and would show the dialog before the click.
    ended = console.context()
    page = open_page(f"/days/{console.days['back-to-back']}", context=ended)
    expect(page.locator(".card")).to_have_count(2)
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="More").click()
    ended.clear_cookies()
    page.get_by_role("menuitem", name="History").click()
    expect(page.get_by_role("dialog", name="Sign in")).to_be_visible()
    check(page, axe, "a sign-in that has ended")
    other = open_page("/days", context=console.context())
    other.goto(f"{console.url}/days/00000000-0000-4000-8000-000000000000")
    expect(other.get_by_role("alert")).to_be_visible()
    check(other, axe, "a day that is not there")


def test_axe_finds_nothing_on_a_day_that_is_worked_on(
    console: Console, open_page: Open, recordings: Any, axe: str
) -> None:
    day = submit_held(console, recordings, "axe.wav", beeps(60))
    page = open_page(f"/days/{day}", key="production")
    expect(page.get_by_role("region", name="Being worked on")).to_be_visible()
    check(page, axe, "live")
    recordings.release("axe.wav")


@pytest.mark.parametrize("part", ["webhooks", "queue", "workers", "keys", "partners", "signins"])
def test_axe_finds_nothing_where_operators_look(console: Console, open_page: Open, axe: str, part: str) -> None:
    page = open_page(f"/operator?part={part}", context=console.context("admin"))
    page.wait_for_load_state("networkidle")
    check(page, axe, part)


def test_axe_finds_nothing_while_sharing_and_on_what_is_shared(console: Console, open_page: Open, axe: str) -> None:
    api = console.as_("sandbox")
    api("POST", "/v1/orgs", {"org_id": "acme-roofing", "settings": {"share_links": "on"}})
    day = console.days["three-conversations"]
    segment = api("GET", f"/v1/all-day-sessions/{day}")["segments"][0]
    page = open_page(f"/days/{day}/conversations/{segment['id']}")
    page.get_by_role("button", name="Share").click()
    dialog = page.get_by_role("dialog", name="Share this conversation")
    expect(dialog).to_be_visible()
    check(page, axe, "share")
    page.set_viewport_size({"width": 1280, "height": 900})
    dialog.get_by_role("button", name="Make a link").click()
    expect(dialog.get_by_label("The link")).to_have_value(re.compile("/s/"))
    link = dialog.get_by_label("The link").input_value()
    check(page, axe, "share, with a link")
    stranger = console.context(None).new_page()
    stranger.goto(link)
    expect(stranger.get_by_role("heading", level=1)).to_contain_text("Mrs Okafor")
    check(stranger, axe, "what is shared")
    api("POST", "/v1/orgs", {"org_id": "acme-roofing", "settings": {"share_links": "off"}})


def test_menus_open_inside_the_page_and_arrows_reach_every_item(console: Console, open_page: Open) -> None:
    page = open_page(f"/days/{console.days['three-conversations']}", viewport={"width": 390, "height": 844})
    for width, first in ((390, "Copy link"), (1280, "Transcript as vtt")):
        page.set_viewport_size({"width": width, "height": 844})
        page.get_by_role("button", name=re.compile("^More")).click()
        menu = page.get_by_role("menu")
        expect(menu.get_by_role("menuitem", name=first)).to_be_focused()
        box = menu.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        page.keyboard.press("ArrowUp")
        expect(menu.get_by_role("menuitem", name="Delete this day")).to_be_focused()
        page.keyboard.press("Escape")


@pytest.mark.parametrize("view", ["reading", "failed day", "day"])
def test_the_head_of_a_day_has_room_on_a_phone(console: Console, open_page: Open, view: str) -> None:
    path = VIEWS[view]
    for name, day_id in console.days.items():
        path = path.replace(f"{{{name}}}", day_id)
    page = open_page(path, viewport={"width": 390, "height": 844})
    heading = page.get_by_role("heading", level=1)
    box = heading.bounding_box()
    assert box is not None
    assert box["width"] > 300
    assert box["height"] < 100


def test_nothing_moves_for_those_who_asked_for_less_motion(console: Console, open_page: Open) -> None:
    page = open_page(f"/days/{console.days['three-conversations']}", reduced_motion="reduce")
    expect(page.locator(".card")).to_have_count(3)
    moving = page.evaluate(
        """() => [...document.querySelectorAll('*')].filter(element => {
            const style = getComputedStyle(element);
            return style.animationName !== 'none' || style.transitionDuration !== '0s'
                || style.scrollBehavior === 'smooth';
        }).length"""
    )
    assert moving == 0
    assert page.evaluate("document.getAnimations().length") == 0


@pytest.mark.parametrize("view", ["days", "day", "upload", "account"])
def test_longer_words_still_fit(console: Console, open_page: Open, view: str) -> None:
    path = VIEWS[view].replace("{three-conversations}", console.days["three-conversations"])
    page = open_page(f"{path}?locale=pseudo", viewport={"width": 320, "height": 800})
    page.wait_for_load_state("networkidle")
    assert "~" in page.locator("h1, nav").first.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_screen_reader_tree_of_a_day(console: Console, open_page: Open) -> None:
    page = open_page(f"/days/{console.days['three-conversations']}")
    expect(page.locator(".card")).to_have_count(3)
    expect(page.get_by_role("main")).to_match_aria_snapshot(
        """
        - main:
          - paragraph:
            - link "All days"
          - heading /rep-17/ [level=1]
          - button "Reading view"
          - button "Correct this day"
          - button "Copy link"
          - button /More/
          - region "Timeline of the day":
            - list "Timeline of the day":
              - listitem:
                - button /Radio or television/
              - listitem:
                - button /^Customer conversation 1 of 3, .* sure \\d+.%, Score \\d+/
          - region "Transcript":
            - heading "Transcript" [level=2]
            - list "Transcript"
          - region "Conversations":
            - heading "Conversations" [level=2]
            - list:
              - listitem:
                - article /Customer conversation 1 of 3/:
                  - heading /Mrs Okafor/ [level=3]
                  - button /Play .*Mrs Okafor/
                  - link /Scores and quotes.*Mrs Okafor/
          - region "Notes"
        """
    )


def test_the_screen_reader_tree_of_a_conversation(console: Console, open_page: Open) -> None:
    day = console.days["three-conversations"]
    segment = console.as_("sandbox")("GET", f"/v1/all-day-sessions/{day}")["segments"][0]
    page = open_page(f"/days/{day}/conversations/{segment['id']}")
    expect(page.locator(".plain-row")).not_to_have_count(0)
    expect(page.get_by_role("main")).to_match_aria_snapshot(
        """
        - main:
          - article:
            - paragraph:
              - link "Back to the day"
            - button "Previous conversation" [disabled]
            - button "Next conversation"
            - heading /Mrs Okafor/ [level=1]
            - heading "Summary" [level=2]
            - heading "Objections" [level=2]
            - list:
              - listitem:
                - button /Play .* Hmm, that is more than I thought/
            - heading "Next steps" [level=2]
            - region "Scores":
              - heading "Scores" [level=2]
              - heading "Clarity" [level=3]
              - img /Clarity. \\d+ of 100/
            - heading "Talk" [level=2]
            - heading "Transcript" [level=2]
            - list
        """
    )


def test_a_session_by_keyboard_alone(console: Console, open_page: Open) -> None:
    page = open_page("/days")
    rows = page.get_by_role("list", name="Recorded days, newest first").get_by_role("link")
    expect(rows.first).to_be_visible()
    # From the list to the day with three conversations, by arrows.
    wanted = page.locator(f"a.day-link[href*='{console.days['three-conversations']}']")
    for _ in range(60):
        page.keyboard.press("ArrowDown")
        if wanted.evaluate("link => link === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.locator(".card")).to_have_count(3)
    # To the second conversation, its reasons, its scores.
    page.keyboard.press("]")
    page.keyboard.press("]")
    expect(page.locator(".card.selected")).to_have_attribute("aria-label", re.compile("conversation 2 of 3"))
    tab_to(page, "summary", "Why", inside=".card.selected")
    page.keyboard.press("Enter")
    expect(page.locator(".card.selected").get_by_text("Why a customer")).to_be_visible()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Mr Brandt")
    expect(page.get_by_text("What Clarity is made of")).to_be_visible()
    tab_to(page, "summary", "What Clarity is made of")
    page.keyboard.press("Enter")
    expect(page.locator(".pillar details[open] .quote").first).to_be_visible()
    # To the next conversation, back to the day, a note, the reading view, and all keys on one sheet.
    page.keyboard.press("]")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Walter")
    page.keyboard.press("Escape")
    expect(page.locator(".card.selected")).to_have_attribute("aria-label", re.compile("conversation 3 of 3"))
    page.keyboard.press("n")
    expect(page.locator("[data-note]")).to_be_focused()
    page.keyboard.type("Asked twice.")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".notes li").filter(has_text="Asked twice.").first).to_be_visible()
    page.locator("body").evaluate("() => document.activeElement.blur()")
    page.keyboard.press("v")
    expect(page.get_by_role("navigation", name="Conversations of the day")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("d")
    expect(page.get_by_role("heading", name="Days", exact=True)).to_be_visible()


def tab_to(page: Page, tag: str, text: str, *, inside: str = "main") -> None:
    """Press Tab until the element with that text inside of `inside` has the focus."""
    mine = """([tag, text, inside]) => {
        const now = document.activeElement;
        return now.matches(tag) && now.textContent.trim() === text && now.closest(inside) !== null;
    }"""
    for _ in range(120):
        if page.evaluate(mine, [tag, text, inside]):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {text}")
