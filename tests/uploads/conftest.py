"""Fixtures: a real API server, and a partner of it with a client."""

from __future__ import annotations

from tests.api_server import client, partner, server, stranger

__all__ = ["client", "partner", "server", "stranger"]
