"""Audio input: sources, decoder process, VAD, chunks, acoustic features."""
