"""Loads an endpoint that a request names, for the partner and the environment that it belongs to."""

from __future__ import annotations

from fastapi import Request

from dayline.api.dependencies import caller
from dayline.store.db import Transaction
from dayline.store.outbox.webhooks import WebhookRecord
from dayline.webhooks import service


def endpoint_of(request: Request, tx: Transaction, webhook_id: str, *, lock: bool = False) -> WebhookRecord:
    """Return an endpoint of the caller. Raises NotFound, or Forbidden for a key of the other environment."""
    who = caller(request)
    endpoint = service.owned(tx, webhook_id, partner_id=who.partner_id, lock=lock)
    who.require_environment(endpoint.environment)
    return endpoint
