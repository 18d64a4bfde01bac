"""From bytes to speech: decoding, speech finding, profile, spans."""
