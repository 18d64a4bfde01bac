"""The public benchmark for finding customer conversations in a rep's recorded workday."""
