"""Playbooks of an org and their versions: endpoints, schemas, service, repository."""
