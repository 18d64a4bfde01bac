"""Features of candidate conversations."""
