"""Served documentation: API reference, error catalogue, guides, llms.txt."""
