"""Domain types without I/O: transcript, timeline, acoustic profile, analysis, status, quotes, errors."""
