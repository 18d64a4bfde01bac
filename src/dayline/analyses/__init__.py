"""Analyses of conversations: endpoints, schemas, service, repository."""
