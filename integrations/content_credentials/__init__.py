"""Content credentials (C2PA): signed statements in a file about how its picture was made."""
