"""What the detector hears in a day: words, acts of speech, voices, pauses, topics. Plain arrays, no decisions."""
