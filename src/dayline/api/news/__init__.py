"""Routes of webhooks and callback secrets."""
