"""Prompts of an org: added, changed, hidden."""

from __future__ import annotations

from typing import cast

from dayline.clock import iso, now
from dayline.db.database import Transaction
from dayline.domain.errors import NotFound
from dayline.ids import new_id
from dayline.playbooks.schemas import PromptChange, PromptRequest, PromptShown
from dayline.playbooks.service import check_scope
from dayline.prompts import repository as prompts
from dayline.prompts.repository import PromptRecord, PromptValues


def add(tx: Transaction, org_id: str, request: PromptRequest, *, partner_id: str) -> PromptShown:
    """Add a prompt. Raises NotFound for the org."""
    check_scope(tx, partner_id, org_id, None)
    moment = now()
    record = PromptRecord(
        id=new_id(),
        partner_id=partner_id,
        org_id=org_id,
        title=request.title,
        prompt_content=request.prompt_content,
        description=request.description,
        prompt_type=request.prompt_type,
        order_index=request.order_index,
        is_active=request.is_active,
        deleted_at=None,
        created_at=moment,
        updated_at=moment,
    )
    prompts.add(tx, record)
    return prompt_json(record)


def owned(tx: Transaction, org_id: str, prompt_id: str, *, partner_id: str) -> PromptRecord:
    """Return a prompt of this partner's org. Raises NotFound for the org or the prompt."""
    check_scope(tx, partner_id, org_id, None)
    record = prompts.get(tx, prompt_id, partner_id=partner_id, org_id=org_id)
    if record is None:
        raise NotFound.of("prompt", prompt_id)
    return record


def change(tx: Transaction, org_id: str, prompt_id: str, request: PromptChange, *, partner_id: str) -> PromptShown:
    """Change a prompt. Raises NotFound."""
    record = owned(tx, org_id, prompt_id, partner_id=partner_id)
    values = cast(PromptValues, request.model_dump(exclude_unset=True))
    if values:
        prompts.update(tx, record.id, **values)
    return prompt_json(owned(tx, org_id, prompt_id, partner_id=partner_id))


def delete(tx: Transaction, org_id: str, prompt_id: str, *, partner_id: str) -> None:
    """Hide a prompt. Raises NotFound."""
    prompts.delete(tx, owned(tx, org_id, prompt_id, partner_id=partner_id).id)


def prompt_json(record: PromptRecord) -> PromptShown:
    """Write a prompt as the API shows it."""
    return {
        "id": record.id,
        "org_id": record.org_id,
        "title": record.title,
        "prompt_content": record.prompt_content,
        "description": record.description,
        "prompt_type": record.prompt_type,
        "order_index": record.order_index,
        "is_active": record.is_active,
        "created_at": iso(record.created_at),
        "updated_at": iso(record.updated_at),
    }
