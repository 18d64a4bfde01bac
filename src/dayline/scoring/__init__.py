"""Analysis of one conversation: talk metrics, rubric, quote verification, rollup."""
