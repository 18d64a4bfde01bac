"""All-day sessions: what is allowed and what it means."""
