"""Dayline: finds, scores and explains every customer conversation in a recorded workday."""

__version__ = "0.1.0"
