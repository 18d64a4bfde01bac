"""Mutants that were named by a reader of the code, and a runner for them."""
