"""Partners and their keys: create, suspend, resume, revoke. The text of a key is returned once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from dayline.auth import keys_repository as keys
from dayline.auth import partners_repository as partners
from dayline.auth.partners_repository import PartnerRecord
from dayline.auth.schemas import CallbackSecret, KeyRequest, KeyShown, KeyShownOnce, PartnerRequest, PartnerShown
from dayline.clock import iso, now
from dayline.db.database import Transaction
from dayline.domain.errors import Conflict, NotFound
from dayline.ids import new_id
from dayline.security.api_keys import KeyKind, make_key, make_webhook_secret

OVERLAP = timedelta(hours=24)
_KINDS: dict[str, KeyKind] = {"production": "live", "sandbox": "sandbox"}


def create(tx: Transaction, request: PartnerRequest) -> PartnerShown:
    """Add a partner. Raises Conflict for a name that another partner has."""
    if partners.find_by_name(tx, request.name) is not None:
        raise Conflict(f"There is a partner named {request.name!r} already. Choose another name.", field="name")
    return partner_json(_add(tx, request.name, request.contact_email, request))


def ensure_partner(tx: Transaction, name: str) -> str:
    """Return the id of the partner of that name; create the partner when there is none."""
    known = partners.find_by_name(tx, name)
    return (known or _add(tx, name, "")).id


def _add(tx: Transaction, name: str, contact_email: str, request: PartnerRequest | None = None) -> PartnerRecord:
    moment = now()
    record = PartnerRecord(
        id=new_id(),
        name=name,
        contact_email=contact_email,
        plan_tier=request.plan_tier if request else "internal",
        healthcare=request.healthcare if request else False,
        notes=request.notes if request else None,
        settings=request.settings if request else {},
        suspended_at=None,
        callback_secret=make_webhook_secret(),
        callback_secret_previous=None,
        callback_previous_until=None,
        created_at=moment,
        updated_at=moment,
    )
    partners.add(tx, record)
    return record


def owned(tx: Transaction, partner_id: str, *, lock: bool = False) -> PartnerRecord:
    """Return a partner. Raises NotFound."""
    record = partners.get(tx, partner_id, lock=lock)
    if record is None:
        raise NotFound.of("partner", partner_id)
    return record


def suspend(tx: Transaction, partner_id: str) -> PartnerShown:
    """Suspend a partner: its keys stop working. Idempotent. Raises NotFound."""
    record = owned(tx, partner_id, lock=True)
    if record.suspended_at is None:
        partners.update(tx, partner_id, suspended_at=now())
    return partner_json(owned(tx, partner_id))


def resume(tx: Transaction, partner_id: str) -> PartnerShown:
    """Resume a partner: its keys work again. Raises NotFound."""
    record = owned(tx, partner_id, lock=True)
    if record.suspended_at is not None:
        partners.update(tx, partner_id, suspended_at=None)
    return partner_json(owned(tx, partner_id))


def create_key(tx: Transaction, request: KeyRequest, *, default_scopes: Sequence[str]) -> KeyShownOnce:
    """Make a key for a partner. Returns it with its text, which is kept nowhere. Raises NotFound."""
    owned(tx, request.partner_id)
    key = make_key(_KINDS[request.environment])
    record = keys.KeyRecord(
        id=new_id(),
        key_id=key.key_id,
        partner_id=request.partner_id,
        environment=request.environment,
        secret_hash=key.secret_hash,
        key_prefix=key.prefix,
        scopes=list(dict.fromkeys(request.scopes or default_scopes)),
        name=request.name,
        description=request.description,
        revoked_at=None,
        created_at=now(),
    )
    keys.add(tx, record)
    return {
        "id": record.id,
        "key": key.text,
        "key_id": record.key_id,
        "key_prefix": record.key_prefix,
        "environment": request.environment,
        "partner_id": request.partner_id,
        "scopes": record.scopes,
        "name": record.name,
        "description": record.description,
        "created_at": iso(record.created_at),
        "warning": "This is the only time that the key is shown. Keep it where only your servers can read it.",
    }


def revoke_key(tx: Transaction, id: str) -> None:
    """Revoke a key. Idempotent. Raises NotFound."""
    record = keys.get(tx, id)
    # Admin keys are made and revoked on the machine only, so that an API key cannot lock the operator out.
    if record is None or record.partner_id is None:
        raise NotFound.of("key", id)
    keys.revoke(tx, id)


def callback_secret(tx: Transaction, partner_id: str) -> CallbackSecret:
    """Return what signs a partner's callbacks."""
    return _secret_json(owned(tx, partner_id))


def rotate_callback_secret(tx: Transaction, partner_id: str) -> CallbackSecret:
    """Make a new callback secret; the present one signs beside it for OVERLAP."""
    record = owned(tx, partner_id, lock=True)
    partners.update(
        tx,
        partner_id,
        callback_secret=make_webhook_secret(),
        callback_secret_previous=record.callback_secret,
        callback_previous_until=now() + OVERLAP,
    )
    return _secret_json(owned(tx, partner_id))


def partner_json(record: PartnerRecord) -> PartnerShown:
    """Write a partner as the API shows it."""
    return {
        "id": record.id,
        "name": record.name,
        "contact_email": record.contact_email,
        "plan_tier": record.plan_tier,
        "healthcare": record.healthcare,
        "suspended_at": iso(record.suspended_at),
        "settings": record.settings,
        "notes": record.notes,
        "created_at": iso(record.created_at),
        "updated_at": iso(record.updated_at),
    }


def key_json(record: keys.KeyRecord) -> KeyShown:
    """Write a key as lists show it: without its secret."""
    return {
        "id": record.id,
        "key_id": record.key_id,
        "key_prefix": record.key_prefix,
        "environment": record.environment,
        "partner_id": record.partner_id,
        "scopes": record.scopes,
        "name": record.name,
        "description": record.description,
        "created_at": iso(record.created_at),
        "last_used_at": iso(record.last_used_at),
        "revoked_at": iso(record.revoked_at),
    }


def _secret_json(record: PartnerRecord) -> CallbackSecret:
    overlaps = record.callback_previous_until is not None and record.callback_previous_until > now()
    return {
        "signing_secret": record.callback_secret,
        "previous_secret_valid_until": iso(record.callback_previous_until) if overlaps else None,
    }
