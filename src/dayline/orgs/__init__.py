"""Orgs, reps and their voice prints: endpoints, schemas, service, repositories."""
