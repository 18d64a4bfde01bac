"""The server of the HTTP tests, and browsers that are signed in to its console."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dayline.auth.roles import Role
from dayline.console import service
from dayline.db.tables import analysis, session

from ..http.conftest import (  # noqa: F401, TID252 - fixtures
    Answer,
    AppUnderTest,
    Caller,
    app,
    app_with,
    postgres_app,
    quiet_logs,
    sqlite_app,
)

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


class Browser:
    """Sends what a browser sends from a page of the console: the cookie and where the request comes from."""

    def __init__(self, base_url: str, partner_id: str = "") -> None:
        self.partner_id = partner_id
        self.cookie = ""
        self.set_cookie = ""
        self._wire = Caller(base_url, None)

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> Answer:
        headers = {**SAME_ORIGIN, **options.pop("headers", {})}
        if self.cookie:
            headers.setdefault("Cookie", self.cookie)
        return self._wire.call(method, path, body, headers=headers, **options)

    def get(self, path: str, **options: Any) -> Answer:
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any, **options: Any) -> Answer:
        return self.call("POST", path, body, **options)

    def sign_in(self, **credential: str) -> Answer:
        answer = self.post("/v1/console/session", credential)
        if answer.status == 204:
            self.set_cookie = answer.headers["set-cookie"]
            self.cookie = self.set_cookie.partition(";")[0]
        return answer


@pytest.fixture
def browser_of() -> Callable[..., Browser]:
    """Make a browser and sign it in by a link with a role and limits."""

    def make(server: AppUnderTest, role: Role, partner_id: str | None, **limits: Any) -> Browser:
        with server.database.write() as tx:
            link = service.make_link(tx, role=role, partner_id=partner_id, **limits)
        browser = Browser(server.base_url, partner_id or "")
        assert browser.sign_in(token=link.token).status == 204
        return browser

    return make


@pytest.fixture
def day_of() -> Callable[..., str]:
    """Put a finished day of an org and a rep into the store."""

    def make(server: AppUnderTest, caller: Caller, org_id: str, rep_id: str) -> str:
        session_id = server.finished_day(caller)
        with server.database.write() as tx:
            tx.run(session.update().where(session.c.id == session_id).values(org_id=org_id, rep_id=rep_id))
            mine = analysis.c.parent_session_id == session_id
            tx.run(analysis.update().where(mine).values(org_id=org_id, rep_id=rep_id))
        return session_id

    return make
