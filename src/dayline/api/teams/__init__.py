"""Routes of orgs, reps, and of what they want the analyses to know."""
