"""Signing in by link and by key, what the browser keeps of it, and what happens when a sign-in ends."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx2
from playwright.sync_api import Page, expect

from tests.console.conftest import Console

Open = Callable[..., Page]
_KEPT = """() => JSON.stringify([{...localStorage}, {...sessionStorage}]) + document.documentElement.outerHTML
    + document.cookie"""


def test_a_link_signs_in_once_and_leaves_no_trace(console: Console) -> None:
    link = console.link("--role", "coach", "--partner", "tests", "--sandbox", "--name", "Jo")
    token = link.split("#t=")[1]
    page = console.context(None).new_page()
    page.goto(link)
    expect(page.get_by_role("heading", name="Days", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Account: Jo")).to_be_visible()
    assert token not in page.url
    assert token not in page.evaluate(_KEPT)
    assert token not in console.service.log_path.read_text(encoding="utf-8")
    again = console.context(None).new_page()
    again.goto(link)
    expect(again.get_by_role("alert")).to_contain_text("used or has ended")
    expect(again.get_by_label("API key")).to_be_visible()


def test_a_link_may_lead_to_a_day_and_nowhere_else(console: Console) -> None:
    day = console.days["back-to-back"]
    page = console.context(None).new_page()
    page.goto(f"{console.link('--partner', 'tests', '--sandbox')}&to=/days/{day}")
    expect(page.locator(".card")).to_have_count(2)
    other = console.context(None).new_page()
    other.goto(f"{console.link('--partner', 'tests', '--sandbox')}&to=//strangers.example.com/")
    expect(other.get_by_role("heading", name="Days", exact=True)).to_be_visible()


def test_the_cookie_is_out_of_reach_of_pages_and_the_key_is_kept_nowhere(console: Console, open_page: Open) -> None:
    page = open_page("/days")
    (cookie,) = page.context.cookies()
    assert cookie.get("httpOnly") is True
    assert cookie.get("sameSite") == "Strict"
    assert cookie.get("path") == "/"
    kept = page.evaluate(_KEPT)
    assert console.keys["sandbox"] not in kept
    assert cookie.get("value")
    assert cookie.get("value") not in kept


def test_a_wrong_key_is_refused_in_words(console: Console) -> None:
    page = console.context(None).new_page()
    page.goto(f"{console.url}/sign-in")
    page.get_by_label("API key").fill("pk_sandbox_nothing_nothing")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("That key is not valid.")


def test_without_a_sign_in_the_page_shows_nothing_but_the_form(console: Console) -> None:
    page = console.context(None).new_page()
    page.goto(f"{console.url}/days/{console.days['three-conversations']}")
    expect(page.get_by_label("API key")).to_be_visible()
    expect(page.locator(".card")).to_have_count(0)
    page.get_by_label("API key").fill(console.keys["sandbox"])
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".card")).to_have_count(3)


def test_another_site_cannot_use_the_cookie(console: Console, open_page: Open) -> None:
    cookies = {c.get("name", ""): c.get("value", "") for c in open_page("/days").context.cookies()}
    assert all(cookies), "every cookie has a name"
    assert all(cookies.values()), "every cookie has a value"
    path = f"{console.service.base_url}/v1/all-day-sessions"
    with httpx2.Client(cookies=cookies) as web:
        assert web.get(path, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200
        for site in ("cross-site", "same-site"):
            assert web.get(path, headers={"Sec-Fetch-Site": site}).status_code == 403
        foreign = web.get(path, headers={"Sec-Fetch-Site": "same-origin", "Host": "console.example.com"})
        assert foreign.status_code in (401, 403)


def test_a_sign_in_that_ends_while_a_day_is_corrected_keeps_the_corrections(console: Console, open_page: Open) -> None:
    key = console.service.make_key("sandbox")
    console.keys["short-lived"] = key
    page = open_page(f"/days/{console.days['back-to-back']}", key="short-lived")
    expect(page.locator(".card")).to_have_count(2)
    expect(page.locator(".mark").first).to_be_attached()
    page.keyboard.press("e")
    expect(page.get_by_role("region", name="Correcting")).to_be_visible()
    page.locator(".card-title").first.click()
    page.get_by_role("slider", name="End of conversation 1").press("ArrowLeft")
    expect(page.get_by_text("1 change", exact=True)).to_be_visible()
    key_id = page.evaluate("fetch('/v1/me').then(answer => answer.json()).then(me => me.key.id)")
    console.as_("admin")("DELETE", f"/v1/admin/api-keys/{key_id}")
    page.get_by_title("Ctrl+Enter").click()
    dialog = page.get_by_role("dialog", name="Sign in")
    expect(dialog).to_contain_text("nothing on this page is lost")
    dialog.get_by_label("API key").fill(console.keys["sandbox"])
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_text("1 change", exact=True)).to_be_visible()
    page.get_by_role("button", name="Discard").click()


def test_a_page_of_another_origin_reads_and_plays_nothing(console: Console, open_page: Open) -> None:
    context = console.context("sandbox")
    page = context.new_page()
    base, day = console.service.base_url, console.days["three-conversations"]
    # The same cookies, another origin: as a page that the visitor opens beside the console.
    context.route(
        "http://127.0.0.1:9/**", lambda route: route.fulfill(body="<h1>Elsewhere</h1>", content_type="text/html")
    )
    page.goto("http://127.0.0.1:9/")
    ask = """async ([url, options]) => {
        try {
            return (await fetch(url, {credentials: 'include', ...options})).status;
        } catch (error) {
            return 'refused';
        }
    }"""
    assert page.evaluate(ask, [f"{base}/v1/all-day-sessions", {}]) == "refused"
    change = {"method": "PATCH", "headers": {"Content-Type": "application/json"}, "body": "{}"}
    assert page.evaluate(ask, [f"{base}/v1/all-day-sessions/{day}/segments", change]) == "refused"
    seen = page.evaluate(ask, [f"{base}/v1/all-day-sessions", {"mode": "no-cors"}])
    assert seen in (0, "refused")
    played = page.evaluate(
        """url => new Promise(done => {
            const audio = new Audio(url);
            audio.addEventListener('error', () => done('refused'));
            audio.addEventListener('loadedmetadata', () => done('playing'));
            audio.load();
        })""",
        f"{base}/v1/all-day-sessions/{day}/audio",
    )
    assert played == "refused"


def test_signing_out_ends_the_session(console: Console, open_page: Open) -> None:
    page = open_page("/days")
    page.get_by_role("button", name=re.compile("^Account")).click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_label("API key")).to_be_visible()
    page.goto(f"{console.url}/days")
    expect(page.get_by_label("API key")).to_be_visible()


def test_a_rep_sees_own_days_only_and_no_tools_of_others(console: Console, open_page: Open) -> None:
    context = console.by_link(
        "--role", "rep", "--partner", "tests", "--sandbox", "--org", "acme-roofing", "--rep", "r-2"
    )
    page = open_page("/days", context=context)
    expect(page.get_by_role("heading", name="No recorded day yet")).to_be_visible()
    expect(page.get_by_role("link", name="Operator")).to_have_count(0)
    page.goto(f"{console.url}/days/{console.days['three-conversations']}")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator(".card")).to_have_count(0)
    for path in ("", "/audio", "/transcript", "/events", "/waveform"):
        status = page.evaluate(
            "url => fetch(url).then(answer => answer.status)",
            f"/v1/all-day-sessions/{console.days['three-conversations']}{path}",
        )
        assert status == 404, path
    found = page.evaluate("() => fetch('/v1/search?q=door').then(answer => answer.json())")
    assert found["data"] == []
