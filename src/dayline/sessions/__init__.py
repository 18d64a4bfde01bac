"""All-day sessions: endpoints, schemas, service, repositories."""
