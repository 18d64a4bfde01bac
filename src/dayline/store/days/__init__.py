"""Recorded days and what was found in them."""
