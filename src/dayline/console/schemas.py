"""Signing in, links and sessions of the console, as they are sent and shown."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from dayline.http.schemas import Id, RequestModel, Timestamp, Uuid

RoleName = Literal["operator", "coach", "rep", "viewer"]
Name = Annotated[str, Field(min_length=1, max_length=120)]


class SignIn(RequestModel):
    """What opens a console session. Exactly one of token and key."""

    token: Annotated[str, Field(min_length=1, max_length=128)] | None = Field(
        default=None, description="Token of a sign-in link. It works once."
    )
    key: Annotated[str, Field(min_length=1, max_length=128)] | None = Field(
        default=None, description="An API key. It is not stored; the session ends when the key is revoked."
    )

    @model_validator(mode="after")
    def _exactly_one(self) -> SignIn:
        if (self.token is None) == (self.key is None):
            raise PydanticCustomError("one_credential", "give exactly one of token and key")
        return self


class LinkRequest(RequestModel):
    """An invitation: a sign-in link for one person."""

    role: RoleName
    partner_id: Uuid | None = Field(default=None, description="Whose days; only an operator may be without one.")
    org_ids: Annotated[list[Id], Field(max_length=50)] = Field(
        default=[], description="The orgs that may be seen; empty: every org of the partner. A rep has exactly one."
    )
    rep_id: Id | None = Field(default=None, description="Role rep: whose days may be seen.")
    name: Name | None = Field(default=None, description="The person's name in notes and in the access log.")


class LinkShownOnce(TypedDict):
    """A sign-in link. It is shown this one time and works once."""

    id: Uuid
    url: Annotated[
        str | None, Field(description="The link. null when the same request is answered again for its Idempotency-Key.")
    ]
    role: RoleName
    expires_at: Timestamp


class ConsoleSession(TypedDict):
    """One signed-in person."""

    id: Uuid
    name: str | None
    role: RoleName
    partner_id: Uuid | None
    org_ids: list[str]
    rep_id: str | None
    key_id: Annotated[str | None, Field(description="Set when a key opened the session.")]
    is_current: bool
    seen_at: Timestamp
    expires_at: Timestamp
    created_at: Timestamp


class ConsoleSessionPage(TypedDict):
    """Open sessions, newest first. There is always one page."""

    data: list[ConsoleSession]
    next_cursor: None


class AccessLine(TypedDict):
    """One view, play or change by a person in the console."""

    name: str | None
    role: str | None
    action: str
    subject_id: Annotated[
        Uuid | None, Field(description="The analysis, note or share that it was about, if it was not the day.")
    ]
    created_at: Timestamp


class AccessPage(TypedDict):
    """Accesses to a day, newest first."""

    data: list[AccessLine]
    next_cursor: str | None
