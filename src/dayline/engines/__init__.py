"""Machines behind ports: audio, speech, voices, language."""
