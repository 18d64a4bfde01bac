"""Reader for the index of plain MP4 audio files."""
