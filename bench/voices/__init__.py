"""Measuring who spoke: days of known voices, scores, and what was tried."""
