"""Routes of all-day sessions and analyses."""
