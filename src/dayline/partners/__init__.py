"""Partners and their keys."""
