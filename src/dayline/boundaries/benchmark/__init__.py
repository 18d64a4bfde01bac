"""Measures the detector on labelled days: scores, plain baselines to compare with, one table as the result."""
