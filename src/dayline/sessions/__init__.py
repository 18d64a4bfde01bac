"""All-day sessions: what may be submitted, read, stopped, corrected and deleted, and how it is shown."""
