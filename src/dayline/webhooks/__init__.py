"""Endpoints, deliveries and their signatures."""
