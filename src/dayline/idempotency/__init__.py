"""Idempotent requests: at most one execution per Idempotency-Key."""
