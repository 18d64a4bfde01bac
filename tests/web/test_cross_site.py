"""Cross-site requests, forms and other host names cannot use a visitor's cookie."""

from __future__ import annotations

import pytest

from .conftest import Browser

SESSIONS = "/v1/all-day-sessions"


@pytest.fixture
def coach(sqlite_app, browser_of):
    return browser_of(sqlite_app, "coach", sqlite_app.partner())


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_other_sites_cannot_use_the_cookie(coach, site, method):
    answer = coach.call(method, SESSIONS, headers={"Sec-Fetch-Site": site})
    assert (answer.status, answer.code) == (403, "cross_site_request")


def test_without_the_header_the_origin_decides(sqlite_app, coach):
    def answer(origin):
        return coach.get(SESSIONS, headers={"Sec-Fetch-Site": "", "Origin": origin})

    assert answer(sqlite_app.base_url).status == 200
    assert answer(sqlite_app.services.base_url).status == 200
    for origin in ("", "null", "https://evil.example.com", sqlite_app.base_url.replace("http:", "https:")):
        assert answer(origin).code == "cross_site_request"


def test_a_key_needs_no_page_of_ours(sqlite_app):
    caller = sqlite_app.caller()
    assert caller.get(SESSIONS, headers={"Sec-Fetch-Site": "cross-site", "Host": "internal.name"}).status == 200


def test_the_key_counts_when_both_are_sent(sqlite_app, coach):
    key = sqlite_app.caller().key
    answer = coach.get(SESSIONS, headers={"Authorization": f"Bearer {key}x"})
    assert answer.code == "invalid_api_key"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_changes_must_be_json(coach, kind):
    answer = coach.call("POST", "/v1/orgs", raw=b'{"org_id": "acme"}', headers={"Content-Type": kind})
    assert (answer.status, answer.code) == (400, "invalid_request")
    assert coach.get("/v1/orgs").json["data"] == []


@pytest.mark.parametrize("host", ["evil.example.com", "127.0.0.1.evil.example.com", "10.0.0.1", ""])
def test_a_foreign_host_name_is_refused(sqlite_app, coach, host):
    answer = coach.get(SESSIONS, headers={"Host": host})
    assert answer.status in (400, 403)
    if answer.status == 403:
        assert answer.code == "host_not_allowed"
    signing_in = Browser(sqlite_app.base_url).post("/v1/console/session", {"token": "x"}, headers={"Host": host})
    assert signing_in.status in (400, 403)


@pytest.mark.parametrize("host", ["localhost:8400", "127.0.0.1", "[::1]:8400"])
def test_names_of_this_machine_are_allowed(coach, host):
    assert coach.get(SESSIONS, headers={"Host": host}).status == 200


def test_other_sites_cannot_sign_a_visitor_in(sqlite_app):
    browser = Browser(sqlite_app.base_url)
    key = sqlite_app.caller().key
    answer = browser.post("/v1/console/session", {"key": key}, headers={"Sec-Fetch-Site": "cross-site"})
    assert (answer.status, answer.code) == (403, "cross_site_request")
    form = browser.call("POST", "/v1/console/session", raw=b'{"key": "x"}', headers={"Content-Type": "text/plain"})
    assert form.status == 400


def test_no_sign_in_over_plain_http_from_elsewhere(app_with):
    app = app_with(base_url="http://dayline.example.com")
    browser = Browser(app.base_url)
    key = app.caller().key
    answer = browser.post("/v1/console/session", {"key": key}, headers={"Host": "dayline.example.com"})
    assert (answer.status, answer.code) == (403, "insecure_connection")
    assert browser.sign_in(key=key).status == 204


def test_answers_to_a_cookie_stay_with_our_pages(coach):
    assert coach.get(SESSIONS).headers["cross-origin-resource-policy"] == "same-origin"
    assert coach.get(SESSIONS).headers["cache-control"] == "no-store"


@pytest.mark.parametrize("cookie", ["dayline=", "dayline=x", "dayline=" + "x" * 9000, "a=b; =; \x7f", 'dayline="\\"'])
def test_broken_cookies_sign_nobody_in(sqlite_app, cookie):
    browser = Browser(sqlite_app.base_url)
    browser.cookie = cookie
    assert browser.get(SESSIONS).code == "authentication_required"
