"""Request and response types of the API: plain dicts with known keys. Timestamps are RFC 3339 strings."""
