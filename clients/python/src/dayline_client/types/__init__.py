"""What the API takes and answers, as types: plain dicts with known keys. Moments are RFC 3339 strings."""
