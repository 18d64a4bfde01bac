"""The other views and the states of a day: list, failed, no visits, live, conversation, print, operator, upload."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect
from pypdf import PdfReader

from tests.console.conftest import MAX_UPLOAD_BYTES, Console, until
from tests.webhook_receiver import Receiver

Open = Callable[..., Page]


def test_the_list_shows_days_and_keys_walk_it(console: Console, open_page: Open) -> None:
    day = console.as_("sandbox")("GET", f"/v1/all-day-sessions/{console.days['three-conversations']}")
    score = round(day["rollup"]["average_scores"]["overall_score"])
    page = open_page("/days")
    rows = page.get_by_role("list", name="Recorded days, newest first").get_by_role("listitem")
    of_three = rows.filter(has_text="3 visits").filter(has_text="mean of 3").first
    expect(of_three.get_by_role("img", name=f"Score {score}")).to_be_visible()
    expect(rows.filter(has_text="Failed").first).to_contain_text("cannot be read")
    page.keyboard.press("ArrowDown")
    first = page.locator("a.day-link:focus")
    expect(first).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/days/[0-9a-f-]{36}"))


def test_the_strip_of_a_day_is_its_timeline(console: Console, open_page: Open) -> None:
    day = console.days["three-conversations"]
    timeline = console.as_("sandbox")("GET", f"/v1/all-day-sessions/{day}/timeline")
    page = open_page("/days?status=completed")
    item = page.locator(".day-item").filter(has=page.locator(f"a[href*='{day}']"))
    canvas = item.locator(".strip canvas")
    item.scroll_into_view_if_needed()
    # A canvas that nothing has been drawn on has the size that the browser gives it.
    found = f"document.querySelector(\"a[href*='{day}']\").closest('.day-item').querySelector('.strip canvas')"
    until(page, f"{found}.width === Math.round({found}.getBoundingClientRect().width * devicePixelRatio)")
    # In the strip's own pixels: where the colour of customers begins and ends in its middle row.
    runs, width = canvas.evaluate(
        """canvas => {
            const probe = document.createElement('span');
            probe.style.color = 'var(--customer)';
            document.body.append(probe);
            const [r, g, b] = getComputedStyle(probe).color.match(/\\d+/g).map(Number);
            probe.remove();
            const pixels = canvas.getContext('2d').getImageData(0, canvas.height >> 1, canvas.width, 1).data;
            const runs = [];
            let from = null;
            for (let x = 0; x <= canvas.width; x++) {
                const near = (channel, value) => Math.abs(pixels[x * 4 + channel] - value) < 8;
                const isCustomer = x < canvas.width && near(0, r) && near(1, g) && near(2, b);
                if (isCustomer && from === null) from = x;
                if (!isCustomer && from !== null) { runs.push([from, x]); from = null; }
            }
            return [runs, canvas.width];
        }"""
    )
    wanted = [
        (part["start_seconds"], part["end_seconds"]) for part in timeline["stretches"] if part["label"] == "customer"
    ]
    # Days without a known clock share one scale, the longest day's.
    scale = width / 43_200
    assert len(runs) == len(wanted)
    for (left, right), (start, end) in zip(runs, wanted, strict=True):
        assert abs(left - start * scale) <= 1
        assert abs(right - end * scale) <= 1


def test_filters_stand_in_the_address(console: Console, open_page: Open) -> None:
    page = open_page("/days")
    page.get_by_label("Status").select_option("failed")
    expect(page).to_have_url(re.compile("status=failed"))
    expect(page.locator(".day-item").first).to_contain_text("Failed")
    expect(page.locator(".day-item").filter(has_text="visits")).to_have_count(0)
    page.reload()
    expect(page.get_by_label("Status")).to_have_value("failed")


def test_a_failed_day_says_what_to_do(console: Console, open_page: Open) -> None:
    page = open_page(f"/days/{console.days['failing-recording']}")
    expect(page.get_by_text("This day could not be worked on")).to_be_visible()
    expect(page.get_by_test_id("remedy")).to_contain_text("Open the address without any login")
    expect(page.get_by_role("link", name="About the error “invalid_recording_url”")).to_have_attribute(
        "href", "/docs/errors/invalid_recording_url"
    )
    expect(page.get_by_role("button", name="Go on from where it failed")).to_be_visible()
    expect(page.get_by_role("region", name="Player")).to_have_count(0)


def test_a_day_without_visits_shows_what_was_heard(console: Console, open_page: Open) -> None:
    page = open_page(f"/days/{console.days['no-conversation']}")
    expect(page.get_by_text("No customer conversation.", exact=True)).to_be_visible()
    expect(page.locator(".between li").filter(has_text="Personal talk").first).to_be_visible()


def test_a_day_is_followed_live_to_its_end_without_a_reload(console: Console, open_page: Open) -> None:
    page = open_page("/upload")
    page.evaluate("window.wasHere = true")
    page.get_by_role("button", name="three conversations").click()
    expect(page.locator(".card")).to_have_count(3, timeout=60_000)
    expect(page.locator(".card .score")).to_have_count(3, timeout=60_000)
    assert page.evaluate("window.wasHere")


def test_a_conversation_shows_scores_facts_and_quotes(console: Console, open_page: Open) -> None:
    day = console.days["three-conversations"]
    segment = console.as_("sandbox")("GET", f"/v1/all-day-sessions/{day}")["segments"][0]
    analysis = console.as_("sandbox")("GET", f"/v1/analyses/{segment['analysis_id']}")["analysis"]
    page = open_page(f"/days/{day}/conversations/{segment['id']}")
    scores = page.get_by_role("region", name="Scores")
    expect(scores).to_contain_text(str(analysis["overall_score"]))
    for pillar in ("Clarity", "Influence", "Objections", "Discovery", "Delivery", "Close"):
        expect(scores.get_by_role("heading", name=pillar)).to_be_visible()
    for item in (*analysis["objections"], *analysis["next_steps"]):
        expect(page.get_by_role("button", name=re.compile(re.escape(item["quote"]))).first).to_be_visible()
    expect(page.locator(".plain-row")).not_to_have_count(0)
    expect(page.get_by_text("Judged by rubric")).to_be_visible()


def test_a_printed_conversation_has_quotes_and_times_on_few_pages(console: Console, open_page: Open) -> None:
    day = console.days["three-conversations"]
    segment = console.as_("sandbox")("GET", f"/v1/all-day-sessions/{day}")["segments"][0]
    page = open_page(f"/days/{day}/conversations/{segment['id']}")
    expect(page.locator(".plain-row")).not_to_have_count(0)
    report = PdfReader(io.BytesIO(page.pdf(format="A4")))
    assert 1 <= len(report.pages) <= 3
    text = re.sub(r"\s+", " ", " ".join(sheet.extract_text() for sheet in report.pages))
    assert "Hmm, that is more than I thought." in text
    assert "0:16:54" in text
    assert "Clarity" in text
    assert "Back to the day" not in text
    assert "0:00:00 /" not in text


def test_a_failing_webhook_shows_its_attempts_and_is_sent_again(
    console: Console, open_page: Open, receiver: Receiver
) -> None:
    receiver.answers = [500, 500]
    made = console.as_("sandbox")(
        "POST", "/v1/webhooks", {"url": receiver.url, "name": "crm", "enabled_events": ["all_day_session.completed"]}
    )
    context = console.by_link("--role", "operator", "--partner", "tests", "--sandbox")
    page = open_page(f"/operator?part=webhooks&id={made['id']}", context=context)
    page.locator("li").filter(has_text="crm").get_by_role("button", name="Send a test").click()
    row = page.get_by_role("row").filter(has_text="webhook.test")
    expect(row.filter(has_text="failed").locator(".attempts li").filter(has_text="500")).to_have_count(2)
    row.first.get_by_role("button", name="Send again").click()
    receiver.wait_for("webhook.test")
    console.as_("sandbox")("DELETE", f"/v1/webhooks/{made['id']}")


def test_a_playbook_is_written_versioned_and_compared(console: Console, open_page: Open) -> None:
    page = open_page("/playbooks?org=acme-roofing&id=new")
    page.get_by_label("Name").fill("At the door")
    page.get_by_label("Content, as Markdown").fill("# Opening\n- say hello\n<script>alert(1)</script>")
    page.get_by_role("tab", name="Preview").click()
    expect(page.get_by_role("heading", name="Opening")).to_be_visible()
    expect(page.get_by_text("<script>alert(1)</script>")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page).to_have_url(re.compile(r"id=[0-9a-f-]{36}"))
    page.get_by_label("Content, as Markdown").fill("# Opening\n- say good morning")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved as a new version.")).to_be_visible()
    page.get_by_role("tab", name="Versions").click()
    expect(page.locator(".diff [data-kind=removed]").first).to_contain_text("say hello")
    expect(page.locator(".diff [data-kind=added]")).to_contain_text("say good morning")


@pytest.fixture
def upload(open_page: Open) -> Page:
    page = open_page("/upload", key="production")
    page.get_by_label("Org").fill("acme-roofing")
    page.get_by_label("Rep", exact=True).fill("rep-17")
    return page


def test_an_upload_that_was_cut_is_tried_again_and_opens_the_live_day(
    upload: Page, recording: Callable[[int], Path]
) -> None:
    cut = 1

    def once(route: Route) -> None:
        nonlocal cut
        if route.request.method == "PUT" and cut:
            cut -= 1
            route.abort("connectionreset")
        else:
            route.continue_()

    upload.route("**/v1/files/**", once)
    upload.get_by_label("Choose files").set_input_files(recording(12))
    upload.get_by_role("button", name="Upload", exact=True).click()
    expect(upload.get_by_text("The connection was cut.")).to_be_visible()
    upload.get_by_role("button", name="Try again").click()
    expect(upload).to_have_url(re.compile(r"/days/[0-9a-f-]{36}"))
    expect(upload.get_by_role("heading", level=1)).to_contain_text("rep-17")


def test_a_running_upload_can_be_cancelled(upload: Page, recording: Callable[[int], Path]) -> None:
    held: list[Route] = []
    upload.route("**/v1/files/**", lambda route: held.append(route))
    upload.get_by_label("Choose files").set_input_files(recording(12))
    upload.get_by_role("button", name="Upload", exact=True).click()
    upload.get_by_role("button", name="Cancel").click()
    expect(upload.get_by_role("button", name="Try again")).to_be_visible()
    expect(upload).to_have_url(re.compile("/upload$"))


def test_a_file_over_the_limit_is_refused_before_a_byte_is_sent(upload: Page, recording: Callable[[int], Path]) -> None:
    file = recording(130)
    assert file.stat().st_size > MAX_UPLOAD_BYTES
    sent: list[str] = []
    upload.on("request", lambda request: sent.append(request.method) if request.method == "PUT" else None)
    upload.get_by_label("Choose files").set_input_files(file)
    upload.get_by_role("button", name="Upload", exact=True).click()
    expect(upload.get_by_role("alert")).to_be_visible()
    assert sent == []


def test_what_is_no_recording_or_too_short_is_refused(
    upload: Page, recording: Callable[[int], Path], tmp_path: Path
) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no sound")
    upload.get_by_label("Choose files").set_input_files([text, recording(5)])
    expect(upload.get_by_text("This does not look like a recording.")).to_be_visible()
    expect(upload.get_by_text("The recording is shorter than 10 seconds.")).to_be_visible()
    expect(upload.get_by_role("button", name="Upload", exact=True)).to_be_disabled()
