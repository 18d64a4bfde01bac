"""Uploads of recordings by signed URL: endpoints, schemas, service, repository."""
