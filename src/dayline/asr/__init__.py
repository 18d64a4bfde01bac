"""Speech recognition: Transcriber port, engines, model catalogue, answer checks."""
