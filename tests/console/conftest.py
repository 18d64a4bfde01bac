"""The console in Debian's Chromium, against a real `dayline serve` with made-up days and one stored day of 12 hours."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import time
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from dayline.web.assets import STATIC_FOLDER
from tests.conftest import ROOT
from tests.console.stored_day import write_stored_day
from tests.running_service import RunningService

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
MOCKS = ("three-conversations", "no-conversation", "back-to-back", "failing-recording")
WAIT_SECONDS = 120
# Two loaded cores may take their time; nothing here measures speed.
expect.set_options(timeout=20_000)
MAX_UPLOAD_BYTES = 2_000_000


@dataclass
class Console:
    """A running service with days in it, and a browser to look at them."""

    service: RunningService
    browser: Browser
    days: dict[str, str]
    keys: dict[str, str]
    contexts: list[BrowserContext] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.service.base_url}/console"

    def as_(self, key: str) -> Api:
        return Api(self.service, self.keys[key])

    def context(self, key: str | None = "sandbox", **options: Any) -> BrowserContext:
        """A fresh browser profile, signed in with a key."""
        context = self.browser.new_context(
            viewport=options.pop("viewport", {"width": 1280, "height": 900}), locale="en-US", **options
        )
        context.set_default_timeout(20_000)
        self.contexts.append(context)
        if key is not None:
            sign_in(context, self.service.base_url, self.keys[key])
        return context

    def link(self, *arguments: str) -> str:
        """A sign-in link as `dayline console` prints it."""
        command = [sys.executable, "-m", "dayline", "console", "--base-url", self.service.base_url, *arguments]
        done = subprocess.run(command, env=self.service.environment, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def by_link(self, *arguments: str, **options: Any) -> BrowserContext:
        """A fresh browser profile, signed in by a link."""
        context = self.context(None, **options)
        page = context.new_page()
        page.goto(self.link(*arguments))
        expect(page.get_by_role("heading", name="Days", exact=True)).to_be_visible()
        page.close()
        return context

    def close_contexts(self) -> None:
        while self.contexts:
            self.contexts.pop().close()


class Api:
    """The same service by its HTTP API."""

    def __init__(self, service: RunningService, key: str) -> None:
        self._service, self.key = service, key

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        with self._service.web as web:
            answer = web.request(method, path, json=body, headers={"Authorization": f"Bearer {self.key}"})
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def finished(self, session_id: str, *, within_seconds: float = WAIT_SECONDS) -> dict[str, Any]:
        """Wait until a session has ended and nothing of it is being analysed."""
        give_up = time.monotonic() + within_seconds
        while True:
            session = self("GET", f"/v1/all-day-sessions/{session_id}")
            running = [s for s in session["segments"] if s["status"] in ("analyzing", "detected")]
            if session["status"] in ("completed", "failed") and not running:
                return session
            assert time.monotonic() < give_up, session
            time.sleep(0.2)

    def submit(self, mock: str) -> str:
        body = {"org_id": "acme-roofing", "rep_id": "rep-17", "recording_url": f"mock://{mock}"}
        return self("POST", "/v1/all-day-sessions", body)["id"]


def sign_in(context: BrowserContext, base_url: str, key: str) -> None:
    """Exchange a key for a cookie, as the page's own form does."""
    page = context.new_page()
    page.goto(f"{base_url}/console/sign-in")
    page.get_by_label("API key").fill(key)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Days", exact=True)).to_be_visible()
    page.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = next((found for found in map(shutil.which, BROWSERS) if found), None)
    if path is None:
        pytest.skip("no Chromium: apt-get install chromium")
    if not (STATIC_FOLDER / "index.html").is_file():
        pytest.skip("the console is not built: scripts/console")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--mute-audio"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def running(chromium: Browser, recordings: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    service = RunningService(
        tmp_path_factory.mktemp("console") / "data",
        {
            "DAYLINE_ALLOW_NETWORKS": "127.0.0.1",
            "DAYLINE_CA_FILE": str(recordings.ca_file),
            "DAYLINE_ALLOW_HTTP": "true",
            "DAYLINE_MAX_RECORDING_BYTES": str(MAX_UPLOAD_BYTES),
            "DAYLINE_REQUESTS_PER_MINUTE": "60000",
            "DAYLINE_REQUESTS_BURST": "5000",
            # One more attempt, a second later: what fails twice has failed.
            "DAYLINE_WEBHOOK_DELAYS_SECONDS": "1",
        },
    ).start()
    keys = {kind: service.make_key(kind) for kind in ("sandbox", "production", "admin")}
    console = Console(service, chromium, {}, keys)
    api = console.as_("sandbox")
    console.days = {mock: api.submit(mock) for mock in MOCKS}
    for day_id in console.days.values():
        api.finished(day_id)
    console.days["long"] = write_stored_day(service.folder / "dayline.db", console.days["three-conversations"])
    yield console
    service.stop()


@pytest.fixture
def console(running: Console) -> Iterator[Console]:
    yield running
    running.close_contexts()


class Watched:
    """What a page complained about: errors, broken rules of the security policy, requests to strangers."""

    def __init__(self, page: Page, origin: str) -> None:
        self.errors: list[str] = []
        self.strangers: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._said)
        page.on("request", lambda request: self._asked(request.url, origin))

    def _said(self, message: Any) -> None:
        # The browser itself logs every answer of 4xx; what matters is what the page makes of it.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.errors.append(message.text)

    def _asked(self, url: str, origin: str) -> None:
        if not url.startswith((origin, "blob:", "data:")):
            self.strangers.append(url)


@pytest.fixture
def open_page(console: Console) -> Iterator[Callable[..., Page]]:
    """Open an address of the console in a signed-in page; after the test, the page must not have complained."""
    watched: list[Watched] = []

    def open_(path: str, *, key: str = "sandbox", context: BrowserContext | None = None, **options: Any) -> Page:
        page = (context or console.context(key, **options)).new_page()
        watched.append(Watched(page, console.service.base_url))
        page.goto(f"{console.url}{path}")
        page.locator("main h1, main h2").first.wait_for()
        return page

    yield open_
    for watch in watched:
        assert watch.errors == []
        assert watch.strangers == []


@pytest.fixture
def axe() -> str:
    """The source of axe-core."""
    path = ROOT / "console/node_modules/axe-core/axe.min.js"
    if not path.is_file():
        pytest.skip("axe-core is not installed: scripts/console fetches it from the npm registry")
    return path.read_text(encoding="utf-8")


def until(page: Page, expression: str) -> None:
    """Wait until an expression is true in the page, whose policy forbids the library's own way (it evaluates texts)."""
    give_up = time.monotonic() + WAIT_SECONDS
    while not page.evaluate(expression):
        assert time.monotonic() < give_up, expression
        page.evaluate("() => new Promise(requestAnimationFrame)")


def beeps(seconds: int, *, rate: int = 8000) -> bytes:
    """A WAV file with a short beep at the start of every ten seconds."""
    at = np.arange(seconds * rate) / rate
    tone = np.sin(2 * np.pi * 440 * at) * (at % 10 < 0.2) * 0.5
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((tone * 32767).astype("<i2").tobytes())
    return buffer.getvalue()


@pytest.fixture
def recording(tmp_path: Path) -> Callable[[int], Path]:
    def make(seconds: int) -> Path:
        path = tmp_path / f"beeps-{seconds}.wav"
        path.write_bytes(beeps(seconds))
        return path

    return make
