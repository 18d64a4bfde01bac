"""What the console costs: time until a day of 12 hours is usable, drawing, zooming, scrolling, nodes, bytes.

    PYTHONPATH=. .venv/bin/python -m bench.console.measure [--out FILE]

Runs a service of its own with one stored day (8,000 utterances, 24 visits, 241 intervals) and Debian Chromium.
Figures depend on the machine and on what else it does; the load average stands with them.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import shutil
import statistics
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from dayline.web.assets import STATIC_FOLDER
from tests.console.conftest import Api, sign_in, until
from tests.console.stored_day import write_stored_day
from tests.running_service import RunningService

RUNS = 5
_FRAMES = """async () => {
    const work = WORK;
    const times = [];
    let last = performance.now(), going = true;
    const tick = now => { times.push(now - last); last = now; if (going) requestAnimationFrame(tick); };
    requestAnimationFrame(tick);
    await work();
    going = false;
    return times.slice(1);
}"""
_SCROLL = """async () => {
    const box = document.querySelector('.rows-box');
    box.scrollTop = 0;
    for (let i = 0; i < 120; i++) {
        box.scrollTop += 300;
        await new Promise(requestAnimationFrame);
    }
}"""
_ZOOM = """async () => {
    const press = key => document.body.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));
    for (const key of [...'+++++++++++++', ...'-------------']) {
        press(key);
        await new Promise(requestAnimationFrame);
    }
}"""


def usable_ms(page: Page, address: str) -> float:
    """Milliseconds from navigation until conversations and transcript are there."""
    page.goto(address)
    until(page, "Boolean(document.querySelector('.card') && document.querySelector('[data-utterance]'))")
    return float(page.evaluate("performance.now()"))


def sizes() -> dict[str, int]:
    """Bytes of gzipped JavaScript: what every view needs, and what the day adds."""
    found: dict[str, int] = {}
    for path in STATIC_FOLDER.glob("assets/*.js"):
        found[path.name.rsplit("-", 1)[0]] = found.get(path.name.rsplit("-", 1)[0], 0) + len(
            gzip.compress(path.read_bytes(), 9)
        )
    return found


def measure(folder: Path) -> dict[str, Any]:
    """Return the figures."""
    service = RunningService(folder, {"DAYLINE_REQUESTS_PER_MINUTE": "60000", "DAYLINE_REQUESTS_BURST": "5000"}).start()
    try:
        key = service.make_key("sandbox")
        api = Api(service, key)
        template = api.submit("three-conversations")
        api.finished(template)
        day = write_stored_day(folder / "dayline.db", template)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--enable-precise-memory-info"]
            )
            context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US")
            sign_in(context, service.base_url, key)
            page = context.new_page()
            address = f"{service.base_url}/console/days/{day}"
            usable = [usable_ms(page, address) for _ in range(RUNS)]
            page.wait_for_load_state("networkidle")
            entries = page.evaluate(
                "performance.getEntriesByType('resource').filter(e => e.name.includes('/v1/')).map(e => e.transferSize)"
            )
            zoom = [max(page.evaluate(_FRAMES.replace("WORK", _ZOOM))) for _ in range(3)]
            scroll = page.evaluate(_FRAMES.replace("WORK", _SCROLL))
            nodes = page.evaluate("document.querySelectorAll('*').length")
            session = context.new_cdp_session(page)
            session.send("HeapProfiler.collectGarbage")
            heap = session.send("Runtime.getHeapUsage")["usedSize"]
            browser.close()
    finally:
        service.stop()
    return {
        "load_average": round(os.getloadavg()[0], 1),
        "usable_ms": {"median": round(statistics.median(usable)), "all": [round(value) for value in usable]},
        "zoom_longest_frame_ms": {"median": round(statistics.median(zoom), 1), "all": [round(v, 1) for v in zoom]},
        "scroll_mean_frame_ms": round(statistics.mean(scroll), 1),
        "nodes": nodes,
        "heap_mb": round(heap / 1e6, 1),
        "requests": len(entries),
        "bytes": sum(entries),
        "javascript_gzip_bytes": sizes(),
    }


def main() -> None:
    """Command line entry."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, help="file for the figures, as JSON")
    out: Path | None = parser.parse_args().out
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder) / "data")
    text = json.dumps(figures, indent=2)
    print(text)
    if out is not None:
        out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
