"""Speech engines measured: word error rate on recordings with texts, and what the child process costs."""
