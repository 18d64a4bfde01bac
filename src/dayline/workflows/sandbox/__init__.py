"""Scripted recordings of the sandbox (mock:// addresses)."""
