"""Signed uploads."""
