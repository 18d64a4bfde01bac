"""Judges of conversations behind one port."""
