"""Take the screenshots of the documentation from a running service, in light colours.

    scripts/demo --keep
    .venv/bin/python scripts/make_screenshots.py http://127.0.0.1:PORT pk_live_...

signs in with the key, takes the newest finished day, writes docs/console/*.png. Needs Chromium, and a real speech model
in the service: pictures of wrong words would show what nobody gets.
"""

from __future__ import annotations

import argparse
import re
import shutil
from pathlib import Path
from typing import Any

import httpx2
from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path("docs/console")
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


def settle(page: Page) -> None:
    """Wait until loading has finished and the last frame is drawn."""
    page.wait_for_load_state("networkidle")
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def take(page: Page, name: str) -> None:
    """Write a screenshot of the page."""
    settle(page)
    page.screenshot(path=FOLDER / f"{name}.png")


def sign_in(browser: Browser, base_url: str, key: str, viewport: dict[str, int]) -> Page:
    """Return a page that is signed in with a key."""
    # Playwright asks for a typed dictionary; this one has its two keys.
    page = browser.new_page(viewport=viewport, color_scheme="light", locale="en-US")
    page.goto(f"{base_url}/console/sign-in")
    page.get_by_label("API key").fill(key)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile("/console/days$"))
    return page


def open_day(page: Page, address: str) -> None:
    """Open a day and wait for its conversations."""
    page.goto(address)
    page.locator(".card").first.wait_for()
    page.locator(".mark").first.wait_for(state="attached")
    settle(page)


def desktop(page: Page, base_url: str, day: dict[str, Any]) -> None:
    """Take the screenshots at desktop size."""
    address = f"{base_url}/console/days/{day['id']}"
    page.locator(".day-item").first.wait_for()
    take(page, "days")
    open_day(page, address)
    page.keyboard.press("]")
    page.locator(".card.selected .why summary").click()
    take(page, "day")
    page.locator(".card.selected .why summary").click()
    page.keyboard.press("e")
    page.get_by_role("slider", name="End of conversation 1").press("PageUp")
    # The server has returned its preview of saving; before that, the page shows its own count.
    page.locator("[data-testid=effect]", has_not_text="as far as this page").filter(has_text="again").wait_for()
    page.mouse.move(0, 0)
    take(page, "correcting")
    page.get_by_role("button", name="Discard").click()
    page.get_by_role("dialog").get_by_role("button", name="Discard").click()
    page.goto(f"{address}?view=reading&t={day['segments'][1]['start_seconds']:.0f}")
    page.locator("li.utterance").first.wait_for()
    take(page, "reading")
    page.goto(f"{address}/conversations/{day['segments'][0]['id']}")
    page.locator(".plain-row").first.wait_for()
    page.locator(".pillar details summary").first.click()
    take(page, "conversation")
    page.get_by_role("button", name="Share").click()
    page.get_by_role("button", name="Make a link").wait_for()
    take(page, "sharing")
    page.goto(f"{base_url}/console/search?q=expensive")
    page.locator(".hit").first.wait_for()
    take(page, "search")


def phone(page: Page, base_url: str, day: dict[str, Any]) -> None:
    """Take the screenshot at phone size."""
    open_day(page, f"{base_url}/console/days/{day['id']}")
    take(page, "phone")


def main() -> None:
    """Command line entry."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", help="where the service listens")
    parser.add_argument("key", help="a live key")
    given = parser.parse_args()
    with httpx2.Client(base_url=given.url, headers={"Authorization": f"Bearer {given.key}"}) as web:
        days = web.get("/v1/all-day-sessions", params={"status": "completed", "limit": 1}).raise_for_status().json()
    day = days["data"][0]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        desktop(sign_in(browser, given.url, given.key, DESKTOP), given.url, day)
        phone(sign_in(browser, given.url, given.key, PHONE), given.url, day)
        browser.close()


if __name__ == "__main__":
    main()
