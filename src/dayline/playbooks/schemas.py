"""Playbooks and prompts, as they are sent and shown. Field names are the public contract's."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from dayline.domain.stored_json import PromptType
from dayline.http.schemas import WHOLE, FreeObject, Id, RequestModel, Timestamp

Name = Annotated[str, Field(min_length=1, max_length=200)]
FileName = Annotated[str, Field(max_length=200)]
Content = Annotated[str, Field(min_length=1, max_length=500_000)]
PromptContent = Annotated[str, Field(min_length=1, max_length=20_000)]
Description = Annotated[str, Field(max_length=2000)]
OrderIndex = Annotated[int, Field(ge=0, le=1_000_000), WHOLE]


class PlaybookRequest(RequestModel):
    """How a team sells, in its own words."""

    content: Content = Field(description="The playbook itself, usually Markdown.")
    rep_id: Id | None = Field(default=None, description="For this rep alone, who must exist; else for the whole org.")
    name: Name | None = None
    is_active: bool = Field(default=True, description="Of several active ones the newest applies.")
    file_name: FileName | None = None
    metadata: FreeObject = Field(default={})


class PlaybookChange(RequestModel):
    """What to change of a playbook; fields that are not sent stay as they are. A change makes a new version."""

    # Factories instead of defaults: the document then shows no default, because leaving a field out changes nothing.
    content: Content = Field(default_factory=str)
    rep_id: Id | None = None
    name: Name | None = None
    is_active: bool = Field(default_factory=bool)
    file_name: FileName | None = None
    metadata: FreeObject = Field(default_factory=dict)


class PlaybookListed(TypedDict):
    """A playbook without its text."""

    id: str
    org_id: str
    rep_id: str | None
    name: str | None
    is_active: bool
    file_name: str | None
    metadata: FreeObject
    version: int
    content_length: Annotated[int, Field(description="Characters of the text.")]
    created_at: Timestamp
    updated_at: Timestamp


class PlaybookShown(PlaybookListed):
    """A playbook at its newest version."""

    content: str


class PlaybookPage(TypedDict):
    """Playbooks, newest first."""

    data: list[PlaybookListed]
    next_cursor: str | None


class VersionListed(TypedDict):
    """A playbook as it stood at one version, without its text."""

    playbook_id: str
    version: int
    name: str | None
    file_name: str | None
    metadata: FreeObject
    content_length: int
    created_at: Timestamp


class VersionShown(VersionListed):
    """A playbook as it stood at one version."""

    content: str


class VersionPage(TypedDict):
    """Versions, newest first."""

    data: list[VersionListed]
    next_cursor: str | None


class PromptRequest(RequestModel):
    """What an org asks of every analysis beyond the six pillars."""

    title: Name
    prompt_content: PromptContent
    description: Description | None = None
    prompt_type: PromptType = "other"
    order_index: OrderIndex = 0
    is_active: bool = True


class PromptChange(RequestModel):
    """What to change of a prompt; fields that are not sent stay as they are."""

    title: Name = Field(default_factory=str)
    prompt_content: PromptContent = Field(default_factory=str)
    description: Description | None = None
    prompt_type: PromptType = Field(default_factory=lambda: "other")
    order_index: OrderIndex = Field(default_factory=int)
    is_active: bool = Field(default_factory=bool)


class PromptShown(TypedDict):
    """A prompt."""

    id: str
    org_id: str
    title: str
    prompt_content: str
    description: str | None
    prompt_type: PromptType
    order_index: int
    is_active: bool
    created_at: Timestamp
    updated_at: Timestamp


class PromptPage(TypedDict):
    """Prompts, newest first."""

    data: list[PromptShown]
    next_cursor: str | None
