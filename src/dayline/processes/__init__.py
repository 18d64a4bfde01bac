"""Child processes for heavy work."""
