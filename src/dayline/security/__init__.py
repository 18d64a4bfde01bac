"""API key secrets, signatures, and the SSRF guard for untrusted URLs."""
