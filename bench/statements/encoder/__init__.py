"""Recipe of the text encoder of six layers, the teacher of the one that the rubric reads turns with."""
