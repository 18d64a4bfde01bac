"""Ingest: from a recording's bytes to speech spans, a profile and peaks, in one pass with flat memory."""
