"""Scorer and baselines for boundary detection."""
