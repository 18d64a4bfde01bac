"""Orgs and their reps."""
