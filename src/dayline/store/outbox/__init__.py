"""News on its way out: events, webhooks, deliveries."""
