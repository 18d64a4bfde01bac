"""Analysis of one conversation inside a workflow: guidance, run, outcome."""
