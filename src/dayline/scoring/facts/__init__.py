"""Facts of a conversation: what was said, when, by whom. Every fact has a quote; what is not recognised is unknown."""

from dayline.scoring.facts.extract import Facts, extract

__all__ = ["Facts", "extract"]
