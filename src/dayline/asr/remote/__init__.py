"""Transcribers behind an HTTP API."""
