"""What a day says of itself when something is missing: each state has its words, and the page no error."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import uuid
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.console.conftest import Console
from tests.console.sounding_day import insert

Open = Callable[..., Page]


def variant(
    console: Console, *, without: tuple[str, ...] = (), text: str | None = None, has_voices: bool = True, **changes: Any
) -> str:
    """A copy of the day with three conversations, changed as if it had come out otherwise. Returns its id."""
    database = console.service.folder / "dayline.db"
    source = console.days["three-conversations"]
    day_id = str(uuid.uuid4())
    with contextlib.closing(sqlite3.connect(database, timeout=30)) as connection, connection:
        connection.row_factory = sqlite3.Row
        row = dict(connection.execute("select * from session where id = ?", (source,)).fetchone())
        insert(connection, "session", {**row, "id": day_id, **changes})
        for document in connection.execute("select * from document where session_id = ?", (source,)).fetchall():
            copy = {**dict(document), "session_id": day_id}
            if copy["name"] in without:
                continue
            if copy["name"] in ("transcript", "utterances"):
                body = json.loads(zlib.decompress(copy["body"]))
                for utterance in body["utterances"]:
                    utterance[2] = text or utterance[2]
                    utterance[3] = utterance[3] if has_voices else None
                copy["body"] = zlib.compress(json.dumps(body).encode())
            insert(connection, "document", copy)
        segments = connection.execute("select * from segment where session_id = ?", (source,)).fetchall()
        for number, segment in enumerate(segments):
            status = "failed" if changes.get("rollup") == "null" and number == 0 else segment["status"]
            insert(
                connection,
                "segment",
                {**dict(segment), "id": str(uuid.uuid4()), "session_id": day_id, "status": status},
            )
    return day_id


def usage(console: Console, **changes: Any) -> str:
    """The usage of the day with three conversations, with some of it changed."""
    day = console.as_("sandbox")("GET", f"/v1/all-day-sessions/{console.days['three-conversations']}")
    return json.dumps({**day["usage"], **changes})


def test_rough_words_are_said_to_be_rough(console: Console, open_page: Open) -> None:
    page = open_page(f"/days/{variant(console, usage=usage(console, is_demo_quality=True))}")
    expect(page.get_by_text("come from a demo recogniser and are rough")).to_be_visible()
    expect(page.get_by_role("link", name="Install a better recogniser")).to_be_visible()


def test_without_voices_nothing_is_said_about_talk_shares(console: Console, open_page: Open) -> None:
    page = open_page(f"/days/{variant(console, has_voices=False)}")
    said = page.get_by_text("Voices were not told apart on this day")
    expect(said).to_be_visible()
    page.goto(f"{console.url}/days/{console.days['three-conversations']}")
    expect(page.locator("li.utterance").first).to_be_visible()
    expect(said).to_have_count(0)


def test_a_failed_analysis_is_said(console: Console, open_page: Open) -> None:
    page = open_page(f"/days/{variant(console, rollup='null')}")
    expect(page.get_by_text("1 conversation could not be analysed.")).to_be_visible()


def test_a_cancelled_day_is_no_failure(console: Console, open_page: Open) -> None:
    error = json.dumps({"code": "cancelled", "message": "The session was cancelled.", "details": {}})
    page = open_page(f"/days/{variant(console, status='failed', error=error)}")
    expect(page.get_by_text("This day was cancelled")).to_be_visible()
    expect(page.get_by_role("button", name="Go on with this day")).to_be_visible()


def test_a_day_whose_words_are_gone_keeps_its_timeline(console: Console, open_page: Open) -> None:
    page = open_page(f"/days/{variant(console, without=('transcript', 'utterances'))}")
    expect(page.get_by_text("There is no transcript")).to_be_visible()
    expect(page.locator(".card")).to_have_count(3)


def test_words_from_right_to_left_are_read_so(console: Console, open_page: Open) -> None:
    page = open_page(f"/days/{variant(console, text='שלום, מה שלומך היום?')}?t=900")
    said = page.locator("li.utterance .said p").first
    expect(said).to_be_visible()
    assert said.evaluate("element => getComputedStyle(element).direction") == "rtl"


def test_a_device_that_is_offline_is_told_so_and_goes_on_by_itself(console: Console, open_page: Open) -> None:
    context = console.context()
    page = open_page("/days", context=context)
    expect(page.locator(".day-item").first).to_be_visible()
    context.set_offline(True)
    page.get_by_label("Status").select_option("completed")
    offline = page.get_by_text("This device is offline.")
    expect(offline).to_be_visible()
    context.set_offline(False)
    expect(offline).to_have_count(0)
    # What was asked meanwhile is answered without being asked again.
    expect(page.locator(".day-item").first).to_be_visible()


def test_a_part_that_could_not_be_read_is_said_and_read_again(console: Console, open_page: Open) -> None:
    context = console.context()
    day = console.days["three-conversations"]
    address = f"**/v1/all-day-sessions/{day}/transcript?*"
    context.route(address, lambda route: route.fulfill(status=502, content_type="text/html", body="<h1>Bad</h1>"))
    page = open_page(f"/days/{day}", context=context)
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("A part of this day could not be loaded.")
    expect(page.locator(".card")).to_have_count(3)
    # What was not read is not said to be missing.
    expect(page.get_by_text("There is no transcript")).to_have_count(0)
    context.unroute(address)
    alert.get_by_role("button", name="Try again").click()
    expect(page.locator("li.utterance").first).to_be_visible()
    expect(alert).to_have_count(0)


def test_a_day_that_loads_slowly_says_nothing_that_is_not_known(console: Console, open_page: Open) -> None:
    context = console.context()
    day = console.days["three-conversations"]
    held: list[Route] = []
    context.route(f"**/v1/all-day-sessions/{day}/*", lambda route: held.append(route))
    page = open_page(f"/days/{day}", context=context)
    expect(page.get_by_role("status", name="Loading").locator(".skeleton").first).to_be_visible()
    expect(page.locator(".card")).to_have_count(3)
    expect(page.get_by_text("There is no transcript")).to_have_count(0)
    expect(page.get_by_text("No waveform for this day")).to_have_count(0)
    for route in held:
        route.continue_()
    expect(page.locator("li.utterance").first).to_be_visible()


def test_the_first_visit_says_how_a_day_arrives(console: Console, open_page: Open) -> None:
    console.keys["newcomer"] = console.service.make_key("sandbox", partner="newcomers")
    page = open_page("/days", key="newcomer")
    expect(page.get_by_role("heading", name="No recorded day yet")).to_be_visible()
    expect(page.locator(".ways li")).to_have_count(3)
    expect(page.get_by_role("button", name="three conversations")).to_be_visible()


@pytest.mark.parametrize(("part", "heading"), [("queue", "Queue"), ("workers", "Worker"), ("keys", "Key")])
def test_operators_see_what_runs_and_others_are_told_why_not(
    console: Console, open_page: Open, part: str, heading: str
) -> None:
    context = console.by_link("--role", "operator")
    page = open_page(f"/operator?part={part}", context=context)
    expect(page.get_by_role("columnheader", name=heading)).to_be_visible()
    other = open_page(f"/operator?part={part}", context=console.context("sandbox"))
    expect(other.get_by_text("needs an operator's sign-in")).to_be_visible()
