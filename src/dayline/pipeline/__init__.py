"""The day's story: from a submitted recording to a finished account of it."""
