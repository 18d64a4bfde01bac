"""Recipe of the text encoder that the rubric reads turns with."""
