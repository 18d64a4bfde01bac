"""How many requests the API takes, beside a bare route of the same payload."""
