"""Benchmark of statements: labelled dialogues of the corpus, and what an analyst says about them."""
