"""Share links: one conversation, read-only, for people without a key."""
