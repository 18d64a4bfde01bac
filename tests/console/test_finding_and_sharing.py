"""Finding words that were said, a rep's page, and sharing one conversation by a link."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.console.conftest import Console, until

Open = Callable[..., Page]


@pytest.fixture
def sharing(console: Console) -> Iterator[None]:
    """The org allows share links while the test runs."""
    api = console.as_("sandbox")
    api("POST", "/v1/orgs", {"org_id": "acme-roofing", "settings": {"share_links": "on"}})
    yield
    api("POST", "/v1/orgs", {"org_id": "acme-roofing", "settings": {"share_links": "off"}})


def test_words_are_found_and_lead_to_their_place(console: Console, open_page: Open) -> None:
    page = open_page("/search")
    page.get_by_label("Words that were said").fill("springs confirmation")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"q=springs"))
    hit = page.locator("li.panel").first
    expect(hit.locator("mark").first).to_be_visible()
    expect(hit.get_by_role("button", name=re.compile("^Play 0:"))).not_to_have_count(0)
    line = hit.locator(".hit-text").first
    shown = hit.get_by_role("button", name=re.compile("^Play 0:")).first.inner_text().replace("▶", "").strip()
    line.click()
    expect(page).to_have_url(re.compile(r"/days/[0-9a-f-]{36}\?.*t="))
    expect(page.get_by_test_id("place")).to_contain_text(shown)


def test_nothing_found_is_said_with_what_to_try(open_page: Open) -> None:
    page = open_page("/search?q=xylophone")
    expect(page.get_by_role("heading", name="No conversation has “xylophone”")).to_be_visible()


def test_a_found_place_is_played_without_leaving_the_page(console: Console, open_page: Open) -> None:
    page = open_page("/search?q=springs")
    button = page.get_by_role("button", name=re.compile("^Play 0:")).first
    found = page.evaluate("() => fetch('/v1/search?q=springs').then(answer => answer.json())")["data"][0]
    spoken_at = next(place["at_seconds"] for place in found["places"] if place["where"] == "words")
    button.click()
    # A made-up day has no sound: the player opens at the place all the same.
    expect(page.get_by_role("region", name="Player")).to_be_visible()
    expect(page.get_by_test_id("place")).to_have_attribute("data-seconds", re.compile(f"^{int(spoken_at - 2)}"))
    expect(page).to_have_url(re.compile("/search"))


def test_a_reps_page_lists_days_with_their_conversations(console: Console, open_page: Open) -> None:
    page = open_page("/team?org=acme-roofing")
    page.get_by_role("list", name="Reps by name").get_by_role("link", name=re.compile("rep-17")).click()
    expect(page.get_by_role("heading", name="rep-17", level=1)).to_be_visible()
    row = page.get_by_role("row").filter(has_text="Mrs Okafor").first
    expect(row).to_contain_text(re.compile(r"\d min.*\d\d"))
    row.get_by_role("link").click()
    expect(page).to_have_url(re.compile("/conversations/"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Mrs Okafor")


@pytest.mark.usefixtures("sharing")
def test_a_conversation_is_shared_opened_by_a_stranger_and_revoked(console: Console, open_page: Open) -> None:
    day = console.days["three-conversations"]
    segment = console.as_("sandbox")("GET", f"/v1/all-day-sessions/{day}")["segments"][0]
    context = console.context(permissions=["clipboard-read", "clipboard-write"])
    page = open_page(f"/days/{day}/conversations/{segment['id']}", context=context)
    page.get_by_role("button", name="Share").click()
    dialog = page.get_by_role("dialog", name="Share this conversation")
    dialog.get_by_label("Whom it is for").fill("Legal")
    dialog.get_by_label("Works for").select_option(label="1 day")
    dialog.get_by_role("button", name="Make a link").click()
    dialog.get_by_role("button", name="Copy").click()
    link = dialog.get_by_label("The link").input_value()
    # Writing to the clipboard takes its time.
    until(page, f"navigator.clipboard.readText().then(text => text === {link!r})")
    assert "/s/" in link
    stranger = console.context(None).new_page()
    stranger.goto(link)
    expect(stranger.get_by_role("heading", level=1)).to_contain_text("Mrs Okafor")
    expect(stranger.get_by_text("Hmm, that is more than I thought.")).to_be_visible()
    for hidden in ("rep-17", "acme-roofing", segment["id"], day):
        assert hidden not in stranger.content()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Share").click()
    row = dialog.locator("li").filter(has_text="Legal").first
    expect(row).to_contain_text("opened 1 time")
    row.get_by_role("button", name="Revoke: Legal").click()
    expect(row).to_contain_text("revoked")
    stranger.goto(link)
    expect(stranger.get_by_text("Mrs Okafor")).to_have_count(0)
    expect(stranger.get_by_role("heading", level=1)).to_be_visible()


def test_an_org_that_allows_no_links_says_so(console: Console, open_page: Open) -> None:
    day = console.days["three-conversations"]
    segment = console.as_("sandbox")("GET", f"/v1/all-day-sessions/{day}")["segments"][1]
    page = open_page(f"/days/{day}/conversations/{segment['id']}")
    page.get_by_role("button", name="Share").click()
    page.get_by_role("button", name="Make a link").click()
    expect(page.get_by_role("alert")).to_contain_text("does not allow share links")
