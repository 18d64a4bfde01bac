"""Playbooks and prompts of an org."""
