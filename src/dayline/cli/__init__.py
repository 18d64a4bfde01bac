"""The street door: commands for people."""
