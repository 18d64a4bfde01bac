"""Facts and judgements about one conversation. Pure, usable as a library."""
