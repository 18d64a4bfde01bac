"""Recognisers behind somebody's HTTP interface."""
