"""The verbs of a terminal, a module each."""
