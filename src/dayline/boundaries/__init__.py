"""The detector: finds the conversations of a day and says why. Pure, usable as a library."""
