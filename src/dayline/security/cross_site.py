"""Decide which requests of a browser may use its cookie: those of our own pages, sent to our own name.

The rule is that of Go's `http.CrossOriginProtection`, applied to reads too: browsers send the origin of a request in
`Sec-Fetch-Site`, on https and on loopback names. `Host` is compared because a foreign name can be made to resolve
to this machine (DNS rebinding).
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from dayline.domain.errors import Forbidden, InvalidRequest

SECURE_COOKIE = "__Host-dayline"
PLAIN_COOKIE = "dayline"
_JSON_METHODS = ("POST", "PUT", "PATCH")


@dataclass(frozen=True, slots=True)
class BrowserRequest:
    """Headers of one request. A missing header is an empty text."""

    method: str
    host: str
    origin: str
    fetch_site: str
    content_type: str


def is_loopback(host: str) -> bool:
    """Return whether a Host header names this machine: localhost, 127.0.0.0/8 or [::1], with any port."""
    name = _host_name(host)
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def cookie_name(base_url: str) -> str:
    """Return the name of the session cookie: with the prefix `__Host-`, which browsers take on https."""
    return SECURE_COOKIE if base_url.startswith("https://") else PLAIN_COOKIE


def check_connection(request: BrowserRequest, base_url: str) -> None:
    """Raise Forbidden (insecure_connection) where browsers send neither Secure cookies nor `Sec-Fetch-Site`."""
    if not base_url.startswith("https://") and not is_loopback(request.host):
        raise Forbidden(
            "Signing in needs https, or an address of this machine itself. Set DAYLINE_BASE_URL to the https address.",
            code="insecure_connection",
        )


def check_host(request: BrowserRequest, base_url: str) -> None:
    """Raise Forbidden (host_not_allowed) when the request was sent to a name that is not ours."""
    if request.host.lower() != urlsplit(base_url).netloc.lower() and not is_loopback(request.host):
        raise Forbidden(
            "The Host header is not the name of this service. Open the console at the address of DAYLINE_BASE_URL.",
            code="host_not_allowed",
        )


def check_same_origin(request: BrowserRequest, base_url: str) -> None:
    """Raise Forbidden (cross_site_request) unless a page of our own sent the request.

    POST, PUT and PATCH must carry JSON, which forms cannot. Raises InvalidRequest otherwise.
    """
    if request.fetch_site:
        is_ours = request.fetch_site == "same-origin"
    else:
        own = {"{0.scheme}://{0.netloc}".format(urlsplit(base_url))}
        if is_loopback(request.host):
            own.add(f"http://{request.host}")
        is_ours = request.origin in own
    if not is_ours:
        raise Forbidden(
            "A sign-in of the console works for the console's own pages only. Programs use a key: "
            "`Authorization: Bearer pk_...`.",
            code="cross_site_request",
        )
    is_json = request.content_type.partition(";")[0].strip().lower() == "application/json"
    if request.method in _JSON_METHODS and not is_json:
        raise InvalidRequest("Send the body as JSON with the header Content-Type: application/json.")


def _host_name(host: str) -> str:
    text = host.strip().lower()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.rpartition(":")[0] if text.count(":") == 1 else text
