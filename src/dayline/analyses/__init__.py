"""Analyses of single conversations."""
