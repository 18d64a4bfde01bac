"""Corrections of a session's segments and timeline by a person."""
