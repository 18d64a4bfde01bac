"""Tools for playbooks: list, read, add, change."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from dayline.auth.principal import READ, WRITE
from dayline.db.pagination import Position
from dayline.domain.json_types import JsonObject
from dayline.http.schemas import FreeObject, Id
from dayline.mcp.context import Ask, IdempotencyKey, ToolContext, checked
from dayline.playbooks import repository as playbooks
from dayline.playbooks import service
from dayline.playbooks.schemas import (
    Content,
    FileName,
    Name,
    PlaybookChange,
    PlaybookPage,
    PlaybookRequest,
    PlaybookShown,
)

OrgId = Annotated[Id, Field(description="Your id of the org.")]
PlaybookId = Annotated[str, Field(description="Id of the playbook.")]


class PlaybookTools:
    """The tools; models read the docstrings of the methods."""

    def __init__(self, tools: ToolContext) -> None:
        self._tools = tools

    def list_playbooks(
        self,
        ask: Ask,
        org_id: OrgId,
        limit: Annotated[int, Field(ge=1, le=100)] = 20,
        cursor: Annotated[str | None, Field(min_length=1, max_length=512)] = None,
        rep_id: Id | None = None,
        is_active: bool | None = None,
    ) -> PlaybookPage:
        """List an org's playbooks, newest first, without their text. Keep the filters while following next_cursor."""
        who = self._tools.caller(ask, READ)
        scope = f"list_playbooks|{org_id}|{rep_id}|{is_active}"
        after = self._tools.position(who, cursor, scope)
        with self._tools.database.read() as tx:
            service.check_scope(tx, who.partner_id, org_id, None)
            rows = playbooks.page(
                tx, who.partner_id, org_id, limit=limit + 1, after=after, rep_id=rep_id, is_active=is_active
            )
        last = Position(rows[limit - 1].created_at, rows[limit - 1].id) if len(rows) > limit else None
        page: Any = {
            "data": [service.listed_json(row) for row in rows[:limit]],
            "next_cursor": self._tools.next_cursor(who, last, scope),
        }
        return page

    def read_playbook(self, ask: Ask, org_id: OrgId, playbook_id: PlaybookId) -> PlaybookShown:
        """Read a playbook at its newest version, with its text."""
        who = self._tools.caller(ask, READ)
        with self._tools.database.read() as tx:
            found = service.owned(tx, org_id, playbook_id, partner_id=who.partner_id)
        shown: Any = service.playbook_json(found)
        return shown

    def create_playbook(
        self,
        ask: Ask,
        org_id: OrgId,
        content: Annotated[Content, Field(description="The playbook itself, usually Markdown.")],
        rep_id: Annotated[Id | None, Field(description="For this rep alone, who must exist.")] = None,
        name: Name | None = None,
        is_active: Annotated[bool, Field(description="Of several active ones the newest applies.")] = True,
        file_name: FileName | None = None,
        metadata: FreeObject | None = None,
        idempotency_key: IdempotencyKey = None,
    ) -> PlaybookShown:
        """Add a playbook to an org that exists. It applies to analyses from now on: the rep's newest active one goes
        before the org's."""
        who = self._tools.caller(ask, WRITE)
        fields: JsonObject = {
            "content": content,
            "rep_id": rep_id,
            "name": name,
            "is_active": is_active,
            "file_name": file_name,
            "metadata": metadata or {},
        }
        wanted = checked(PlaybookRequest, fields)
        return self._tools.once(
            who,
            idempotency_key,
            "create_playbook",
            {"org_id": org_id, **wanted.model_dump(mode="json")},
            lambda tx: service.add(tx, org_id, wanted, partner_id=who.partner_id),
        )

    def update_playbook(
        self,
        ask: Ask,
        org_id: OrgId,
        playbook_id: PlaybookId,
        changes: Annotated[PlaybookChange, Field(description="Fields that are left out stay as they are.")],
        idempotency_key: IdempotencyKey = None,
    ) -> PlaybookShown:
        """Change a playbook. A change makes a new version and keeps the old; analyses that are done stay with the
        version they used."""
        who = self._tools.caller(ask, WRITE)
        return self._tools.once(
            who,
            idempotency_key,
            "update_playbook",
            {"org_id": org_id, "playbook_id": playbook_id, **changes.model_dump(mode="json", exclude_unset=True)},
            lambda tx: service.change(tx, org_id, playbook_id, changes, partner_id=who.partner_id),
        )
