"""Load the endpoint that a request names, within the caller's partner and environment."""

from __future__ import annotations

from dayline.auth.principal import Principal
from dayline.db.database import Transaction
from dayline.webhooks import service
from dayline.webhooks.repository import WebhookRecord


def endpoint_of(who: Principal, tx: Transaction, webhook_id: str, *, lock: bool = False) -> WebhookRecord:
    """Return an endpoint of the caller. Raises NotFound, or Forbidden for a key of the other environment."""
    endpoint = service.owned(tx, webhook_id, partner_id=who.partner_id, lock=lock)
    who.require_environment(endpoint.environment)
    return endpoint
