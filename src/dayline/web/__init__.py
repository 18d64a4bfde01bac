"""Serves the web page."""
