"""The HTTP door: thin, one file per noun."""
