"""Measure the budgets of the console in Chromium, with a stored day of 12 hours and 8,000 utterances.

    .venv/bin/python scripts/measure_console.py

starts a service with a temporary data folder, opens the day three times, prints seconds until it is usable,
frames of zooming from 12 hours to 10 seconds by keys, frames of scrolling, DOM nodes, heap, requests and bytes, and the
load of the machine meanwhile, without which the times say little.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.console.conftest import Api, sign_in
from tests.console.stored_day import UTTERANCES, VISITS, write_stored_day
from tests.running_service import RunningService

RUNS = 3
ZOOM_STEPS = 13
SCROLL_STEPS = 60
_FRAMES = """
window.frames_ = [];
let last = performance.now();
const look = now => { window.frames_.push(now - last); last = now; window.going && requestAnimationFrame(look); };
window.going = true;
requestAnimationFrame(now => { last = now; requestAnimationFrame(look); });
"""


def usable(context: BrowserContext, address: str) -> tuple[Page, float]:
    """Open the day; return the page and the seconds until transcript, timeline and all cards are there."""
    page = context.new_page()
    page.add_init_script(
        f"""const mark = () => {{
            const ready = document.querySelectorAll('.card').length === {VISITS}
                && document.querySelector('[data-utterance]') && document.querySelector('.mark');
            if (ready) window.usable = performance.now(); else requestAnimationFrame(mark);
        }};
        requestAnimationFrame(mark);"""
    )
    page.goto(address)
    expect(page.locator(".card")).to_have_count(VISITS)
    page.locator("[data-utterance]").first.wait_for()
    page.evaluate(
        "() => new Promise(done => { const w = () => window.usable ? done() : requestAnimationFrame(w); w(); })"
    )
    return page, float(page.evaluate("window.usable")) / 1000


def frames(page: Page, act: Any) -> list[float]:
    """Measure the milliseconds between frames during an action."""
    page.evaluate(_FRAMES)
    act()
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page.evaluate("() => { window.going = false; return window.frames_; }")


def zoom(page: Page) -> None:
    """Zoom from 12 hours to 10 seconds and back, by keys."""
    for key in "+" * ZOOM_STEPS + "-" * ZOOM_STEPS:
        page.keyboard.press(key)
        page.evaluate("() => new Promise(requestAnimationFrame)")


def scroll(page: Page) -> None:
    """Scroll the transcript by 300 pixels a frame."""
    page.evaluate(
        f"""() => new Promise(done => {{
            const box = document.querySelector('.rows-box');
            let left = {SCROLL_STEPS};
            const step = () => {{ box.scrollTop += 300; if (left--) requestAnimationFrame(step); else done(); }};
            step();
        }})"""
    )


def run(browser: Browser, service: RunningService, key: str, day: str) -> dict[str, Any]:
    """Open the day in a fresh profile and measure."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US")
    sign_in(context, service.base_url, key)
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page, seconds = usable(context, f"{service.base_url}/console/days/{day}")
    page.wait_for_load_state("networkidle")
    calls = [url for url in asked if "/v1/" in url]
    sizes = page.evaluate(
        "performance.getEntriesByType('resource').filter(e => e.name.includes('/v1/')).map(e => e.encodedBodySize)"
    )
    session = context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    nodes = page.evaluate("document.querySelectorAll('*').length")
    heap = session.send("Runtime.getHeapUsage")["usedSize"] / 1e6
    zoomed, scrolled = frames(page, lambda: zoom(page)), frames(page, lambda: scroll(page))
    context.close()
    return {
        "usable_seconds": seconds,
        "load": os.getloadavg()[0],
        "nodes": nodes,
        "heap_mb": heap,
        "calls": len(calls),
        "day_calls": len([url for url in calls if "/all-day-sessions/" in url or "/analyses" in url]),
        "data_kb": sum(sizes) / 1000,
        "zoom_worst_ms": max(zoomed),
        "zoom_mean_ms": statistics.mean(zoomed),
        "scroll_mean_ms": statistics.mean(scrolled),
        "scroll_worst_ms": max(scrolled),
    }


def main() -> None:
    """Measure and print the median of three runs."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        service = RunningService(Path(folder) / "data", {"DAYLINE_REQUESTS_PER_MINUTE": "60000"}).start()
        try:
            key = service.make_key("sandbox")
            api = Api(service, key)
            template = api.submit("three-conversations")
            api.finished(template)
            day = write_stored_day(service.folder / "dayline.db", template)
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            rows = [run(browser, service, key, day) for _ in range(RUNS)]
            browser.close()
        finally:
            service.stop()
    median = {name: round(statistics.median(row[name] for row in rows), 3) for name in rows[0]}
    print(json.dumps({"utterances": UTTERANCES, "runs": RUNS, **median}, indent=2))


if __name__ == "__main__":
    main()
