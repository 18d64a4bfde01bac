"""Benchmark of API requests beside a bare FastAPI route with the same payload."""
