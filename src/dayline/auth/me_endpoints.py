"""Route that describes the caller."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Request
from pydantic import Field
from typing_extensions import TypedDict

from dayline.auth import keys_repository as keys
from dayline.auth import partners_repository as partners
from dayline.console.service import role_of
from dayline.http.dependencies import AnyKey, api_context, reading
from dayline.http.responses import json_response
from dayline.http.routing import api_router

router = api_router("/v1/me", "Orgs and reps")


class MyPartner(TypedDict):
    """The tenant that the caller acts for."""

    id: str
    name: str
    plan_tier: str


class MyKey(TypedDict):
    """The key that is used, or that opened the console session."""

    id: str
    environment: str
    scopes: list[str]
    name: str | None


class MyLimits(TypedDict):
    """Limits of the caller."""

    requests_per_minute: float
    requests_burst: int
    max_body_bytes: int
    max_upload_bytes: int
    org_ids: Annotated[list[str], Field(description="The orgs that may be seen; empty: every org of the partner.")]
    rep_id: Annotated[str | None, Field(description="The only rep whose days may be seen, if there is such a limit.")]


class MyServer(TypedDict):
    """The server."""

    version: str
    transcriber: Annotated[str | None, Field(description="The speech engine that the settings name, with its model.")]
    analyst: Annotated[str | None, Field(description="The analyst: rubric, or the language model's name.")]
    is_demo_quality: Annotated[bool, Field(description="The transcriber gets most words of real talk wrong.")]


class Me(TypedDict):
    """The caller and its permissions."""

    partner: Annotated[
        MyPartner | None, Field(description="null for an admin key and for an operator without a partner.")
    ]
    key: Annotated[MyKey | None, Field(description="null for a person who signed in by a link.")]
    role: Annotated[str, Field(description="operator, coach, rep or viewer.")]
    name: str | None
    scopes: list[str]
    environment: str
    limits: MyLimits
    server: MyServer


@router.get("", response_model=Me, summary="Read who you are")
def get_me(request: Request, who: AnyKey) -> Any:
    """Partner, key, role, limits, and what the server works with. Answers keys and people in the console."""
    context = api_context(request)
    with reading(request) as tx:
        partner = partners.get(tx, who.partner_id) if who.partner_id else None
        holder = keys.find_holder(tx, who.key_id) if who.key_id else None
    key = holder.key if holder else None
    return json_response(
        {
            "partner": partner and {"id": partner.id, "name": partner.name, "plan_tier": partner.plan_tier},
            "key": key
            and {"id": key.id, "environment": key.environment, "scopes": sorted(key.scopes), "name": key.name},
            "role": role_of(who),
            "name": who.name,
            "scopes": sorted(who.scopes),
            "environment": who.environment,
            "limits": {
                "requests_per_minute": context.rate_limiter.per_minute,
                "requests_burst": context.rate_limiter.burst,
                "max_body_bytes": context.max_body_bytes,
                "max_upload_bytes": context.max_upload_bytes,
                "org_ids": sorted(who.visibility.org_ids),
                "rep_id": who.visibility.rep_id,
            },
            "server": {
                "version": context.version,
                "transcriber": context.transcriber,
                "analyst": context.analyst,
                "is_demo_quality": context.is_demo_quality,
            },
        }
    )
