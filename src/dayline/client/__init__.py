"""Typed Python client for the HTTP API."""
