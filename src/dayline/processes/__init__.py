"""Child processes: one supervisor for recognisers and numeric work. The decoder keeps a protocol of its own."""
