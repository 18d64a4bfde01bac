"""Prompts of an org: endpoints, service, repository."""
