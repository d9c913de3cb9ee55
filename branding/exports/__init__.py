"""Exports: everything of one account in a zip file, and its import into an empty account."""
