"""MCP server: the main operations as tools for language models."""
