"""The door for language models: the main verbs as tools of the Model Context Protocol."""
