"""`dayline console` prints a link that signs in to a running service."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import httpx2
import pytest


def link(service: Any, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "dayline", "console", "--base-url", service.base_url, *arguments]
    return subprocess.run(command, env=service.environment, capture_output=True, text=True, check=False)


def test_a_printed_link_signs_in_once(service: Any) -> None:
    printed = link(service, "--role", "rep", "--org", "acme", "--rep", "rep-1", "--name", "Jo")
    address, _, token = printed.stdout.strip().partition("#t=")
    assert (printed.returncode, address) == (0, f"{service.base_url}/console/sign-in")
    with httpx2.Client(base_url=service.base_url, headers={"Sec-Fetch-Site": "same-origin"}) as web:
        assert web.post("/v1/console/session", json={"token": token}).status_code == 204
        assert web.get("/v1/me").json()["limits"]["rep_id"] == "rep-1"
        assert web.get("/v1/me").json()["server"]["transcriber"] == "pocketsphinx"
        assert web.get("/v1/me").json()["server"]["is_demo_quality"] is True
        assert web.post("/v1/console/session", json={"token": token}).status_code == 401
    assert token not in service.log_path.read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--role", "rep"), "one org and the rep"),
        (("--partner", "nobody"), "partner_not_found"),
        (("--role", "chief"), "none of operator"),
    ],
)
def test_a_link_that_makes_no_sense_is_refused(service: Any, arguments: tuple[str, ...], words: str) -> None:
    refused = link(service, *arguments)
    assert refused.returncode != 0
    assert words in re.sub(r"\s+", " ", refused.stderr)
    assert "#t=" not in refused.stdout
