"""Take the screenshots of the documentation from a running service, in light colours.

    scripts/demo --keep
    .venv/bin/python scripts/make_screenshots.py http://127.0.0.1:PORT pk_live_...

signs in with the key, takes the newest finished day, writes docs/console/day.png and conversation.png. Needs Chromium.
"""

from __future__ import annotations

import argparse
import re
import shutil
from pathlib import Path

import httpx2
from playwright.sync_api import Page, sync_playwright

FOLDER = Path("docs/console")
WIDTH = 1280


def settle(page: Page) -> None:
    """Wait until nothing is loaded any more and the last frame is drawn."""
    page.wait_for_load_state("networkidle")
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


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
        page = browser.new_page(viewport={"width": WIDTH, "height": 940}, color_scheme="light", locale="en-US")
        page.goto(f"{given.url}/console/sign-in")
        page.get_by_label("API key").fill(given.key)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(re.compile("/console/days$"))
        page.goto(f"{given.url}/console/days/{day['id']}")
        page.locator(".card").first.wait_for()
        page.keyboard.press("]")
        page.locator(".why summary").first.click()
        settle(page)
        page.screenshot(path=FOLDER / "day.png")
        page.goto(f"{given.url}/console/days/{day['id']}/conversations/{day['segments'][0]['id']}")
        page.locator(".plain-row").first.wait_for()
        page.locator(".pillar details summary").first.click()
        settle(page)
        page.screenshot(path=FOLDER / "conversation.png")
        browser.close()


if __name__ == "__main__":
    main()
