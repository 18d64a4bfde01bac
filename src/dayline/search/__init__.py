"""Search: conversations by what was said in them, by title and by person."""
