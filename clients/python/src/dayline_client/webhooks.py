"""Webhook endpoints, the delivery log, and the secret of callbacks."""

from __future__ import annotations

from datetime import datetime
from typing import Unpack

from dayline_client.pagination import Listing
from dayline_client.transport import Transport, part
from dayline_client.types.webhooks import (
    CallbackSecret,
    Delivery,
    DeliveryStatus,
    Replayed,
    TestFired,
    Webhook,
    WebhookChange,
    WebhookRequest,
    WebhookWithSecret,
)

_PATH = "/v1/webhooks"
CALLBACK = "callback"
"""Used instead of a webhook id for the callback URLs of single requests."""


class Webhooks:
    """Webhook endpoints. Every method raises ApiError, ConnectionFailed or InvalidResponse."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(self, **request: Unpack[WebhookRequest]) -> WebhookWithSecret:
        """Register an endpoint. Store `signing_secret`: it is shown only once."""
        return self._transport.call("POST", _PATH, body=request).json

    def list(self, *, limit: int = 20, cursor: str | None = None) -> Listing[Webhook]:
        """List endpoints, newest first."""
        return Listing(self._transport, _PATH, {"limit": limit, "cursor": cursor})

    def get(self, webhook_id: str) -> Webhook:
        """Get an endpoint, with the reason if it is disabled."""
        return self._transport.call("GET", _of(webhook_id)).json

    def change(self, webhook_id: str, **changes: Unpack[WebhookChange]) -> Webhook:
        """Change an endpoint; fields that are not given stay unchanged. `is_active=True` enables a disabled one."""
        return self._transport.call("PATCH", _of(webhook_id), body=changes).json

    def delete(self, webhook_id: str) -> None:
        """Delete an endpoint. Nothing more is sent to it."""
        self._transport.call("DELETE", _of(webhook_id))

    def rotate_secret(self, webhook_id: str) -> WebhookWithSecret:
        """Create a new secret; the previous one also signs for another 24 hours."""
        return self._transport.call("POST", _of(webhook_id, "rotate-secret")).json

    def test(self, webhook_id: str) -> TestFired:
        """Send a `webhook.test` to this endpoint."""
        return self._transport.call("POST", _of(webhook_id, "test")).json

    def deliveries(
        self,
        webhook_id: str = CALLBACK,
        *,
        status: DeliveryStatus | None = None,
        limit: int = 20,
        cursor: str | None = None,
    ) -> Listing[Delivery]:
        """List deliveries with their attempts, newest first. Without an id: those to callback URLs."""
        query = {"status": status, "limit": limit, "cursor": cursor}
        return Listing(self._transport, _of(webhook_id, "deliveries"), query)

    def replay_delivery(self, webhook_id: str, delivery_id: str) -> Delivery:
        """Send the event of one delivery again."""
        return self._transport.call("POST", _of(webhook_id, "deliveries", delivery_id, "replay")).json

    def replay(self, webhook_id: str, *, since: datetime | str) -> Replayed:
        """Send the events since a time again, oldest first, up to the limit of one call."""
        return self._transport.call("POST", _of(webhook_id, "replay"), query={"since": since}).json

    def callback_secret(self) -> CallbackSecret:
        """Get the secret that signs deliveries to callback URLs."""
        return self._transport.call("GET", "/v1/callback-secret").json

    def rotate_callback_secret(self) -> CallbackSecret:
        """Create a new callback secret; the previous one also signs for another 24 hours."""
        return self._transport.call("POST", "/v1/callback-secret/rotate").json


def _of(webhook_id: str, *rest: str) -> str:
    return "/".join((_PATH, *map(part, (webhook_id, *rest))))
