"""Small tools without domain knowledge: guard, signing, tokens, ids, clock, pages, limits, logs."""
