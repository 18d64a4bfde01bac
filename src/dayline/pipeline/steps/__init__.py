"""One file per step of the day; steps do not know each other."""
