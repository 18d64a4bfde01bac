"""Session cookie of the console, and the checks of a request before the cookie is accepted."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers
from starlette.responses import Response

from dayline.security import cross_site
from dayline.security.cross_site import BrowserRequest

SIGN_IN_PATH = "/v1/console/session"
_MAX_COOKIE_CHARACTERS = 8192


def is_sign_in(method: str, path: str) -> bool:
    """Return whether a request needs no key because it opens a session."""
    return method == "POST" and path == SIGN_IN_PATH


def session_token(headers: Headers, base_url: str) -> str | None:
    """Return the console's session token of a request, or None."""
    text = headers.get("cookie", "")
    if not text or len(text) > _MAX_COOKIE_CHARACTERS:
        return None
    try:
        found = SimpleCookie(text).get(cross_site.cookie_name(base_url))
    except CookieError:
        return None
    return found.value if found is not None and found.value else None


def check_sign_in(headers: Headers, method: str, base_url: str) -> None:
    """Raise Forbidden unless the request comes from a page of this origin, over HTTPS or on this machine."""
    request = _request(headers, method)
    cross_site.check_connection(request, base_url)
    cross_site.check_host(request, base_url)
    cross_site.check_same_origin(request, base_url)


def check_visit(headers: Headers, method: str, base_url: str) -> None:
    """Raise Forbidden unless the cookie is sent by a page of this origin."""
    request = _request(headers, method)
    cross_site.check_host(request, base_url)
    cross_site.check_same_origin(request, base_url)


def set_cookie(response: Response, base_url: str, token: str, *, max_age_seconds: int) -> None:
    """Set the session cookie on a response: HttpOnly, SameSite=Strict, for this host only."""
    response.set_cookie(
        cross_site.cookie_name(base_url),
        token,
        max_age=max_age_seconds,
        path="/",
        secure=base_url.startswith("https://"),
        httponly=True,
        samesite="strict",
    )


def clear_cookie(response: Response, base_url: str) -> None:
    """Clear the session cookie in the browser."""
    set_cookie(response, base_url, "", max_age_seconds=0)


def _request(headers: Headers, method: str) -> BrowserRequest:
    return BrowserRequest(
        method=method,
        host=headers.get("host", ""),
        origin=headers.get("origin", ""),
        fetch_site=headers.get("sec-fetch-site", ""),
        content_type=headers.get("content-type", ""),
    )
