"""Where the bytes of a recording come from."""
