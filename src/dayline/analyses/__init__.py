"""Analyses of single conversations: what may be submitted, and how an analysis is shown."""
